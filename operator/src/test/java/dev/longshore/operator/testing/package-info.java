/** What tests of the operator share. */
@NullMarked
package dev.longshore.operator.testing;

import org.jspecify.annotations.NullMarked;
