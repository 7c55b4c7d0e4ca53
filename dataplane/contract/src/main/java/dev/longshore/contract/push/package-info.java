/**
 * What the operator and a data plane say to each other (docs/push-protocol.md): one sealed type per
 * direction, one codec, and the constants of the protocol.
 *
 * <p>A data plane opens with {@link dev.longshore.contract.push.Hello}. On its active channel it
 * gets a {@link dev.longshore.contract.push.SnapshotMessage} or {@link
 * dev.longshore.contract.push.DeltaMessage} at a time and answers each; on standby channels it
 * reports what it applied. Everything here is immutable.
 */
@NullMarked
package dev.longshore.contract.push;

import org.jspecify.annotations.NullMarked;
