/**
 * The operator's end of the push channel: lets data planes in, tells each the newest snapshot, and
 * knows what each serves (docs/push-protocol.md).
 *
 * <p>Bytes, frames and tokens are handled on event loops; everything that is decided is decided by
 * one thread, {@link dev.longshore.operator.push.Coordinator}. A data plane gets one message at a
 * time and the next one leads from what it acknowledged to what is newest then, so that a slow one
 * never has a queue.
 */
@NullMarked
package dev.longshore.operator.push;

import org.jspecify.annotations.NullMarked;
