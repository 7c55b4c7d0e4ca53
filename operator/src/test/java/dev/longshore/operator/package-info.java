/**
 * The operator as a whole, on a real API server; {@code FakePush} is its push side without data
 * planes.
 */
@NullMarked
package dev.longshore.operator;

import org.jspecify.annotations.NullMarked;
