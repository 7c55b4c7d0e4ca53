/** Micro-benchmarks of what is claimed fast: matching, applying a snapshot, following frames. */
@NullMarked
package dev.longshore.bench;

import org.jspecify.annotations.NullMarked;
