/** How much one namespace may claim, and who is let in while there is room. */
@NullMarked
package dev.longshore.operator.translate.quota;

import org.jspecify.annotations.NullMarked;
