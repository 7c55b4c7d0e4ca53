/**
 * The translator of {@code Ingress}, with annotations of our own; those of other controllers are
 * read by {@code translate.foreign} and {@code translate.ingress.nginx}.
 */
@NullMarked
package dev.longshore.operator.translate.ingress;

import org.jspecify.annotations.NullMarked;
