/** Tests of how values are read. */
@NullMarked
package dev.longshore.operator.translate.field;

import org.jspecify.annotations.NullMarked;
