/**
 * Keeps the record of whom hosts belong to: by when a namespace claimed them, whatever the age of
 * the objects, and for a while beyond the last claim. Translation only reads the record; in a
 * cluster the leader writes it.
 */
@NullMarked
package dev.longshore.operator.tenure;

import org.jspecify.annotations.NullMarked;
