/**
 * From views to published snapshots: the first change goes at once, changes that follow closely are
 * taken together, and what means the same is not published.
 */
@NullMarked
package dev.longshore.operator.publish;

import org.jspecify.annotations.NullMarked;
