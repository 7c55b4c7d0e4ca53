/**
 * What other controllers' annotations on an Ingress become. A line of {@code
 * foreign-annotations.txt} is one name and its verdict; {@link
 * dev.longshore.operator.translate.foreign.ForeignAnnotations} says it, {@link
 * dev.longshore.operator.translate.foreign.NginxAnnotations} has the values of those that are
 * served.
 */
@NullMarked
package dev.longshore.operator.translate.foreign;

import org.jspecify.annotations.NullMarked;
