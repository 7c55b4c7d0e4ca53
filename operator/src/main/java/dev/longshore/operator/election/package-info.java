/** Which replica writes: one at a time, by a Lease. */
@NullMarked
package dev.longshore.operator.election;

import org.jspecify.annotations.NullMarked;
