/**
 * What the operator keeps for itself in its namespace, and how replicas don't undo each other's.
 */
@NullMarked
package dev.longshore.operator.store;

import org.jspecify.annotations.NullMarked;
