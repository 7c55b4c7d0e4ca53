/**
 * Sees to it that nothing ends in silence: every long-lived thread and loop of a process is a part
 * of its {@link dev.longshore.process.watch.Watch}, which liveness and metrics ask. A thread that
 * does what others leave it is a {@link dev.longshore.process.watch.Worker}.
 */
@NullMarked
package dev.longshore.process.watch;

import org.jspecify.annotations.NullMarked;
