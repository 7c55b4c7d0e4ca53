/** What becomes of each annotation of another controller. */
@NullMarked
package dev.longshore.operator.translate.ingress.nginx;

import org.jspecify.annotations.NullMarked;
