/** What becomes of each annotation of another controller. */
@NullMarked
package dev.longshore.operator.translate.foreign;

import org.jspecify.annotations.NullMarked;
