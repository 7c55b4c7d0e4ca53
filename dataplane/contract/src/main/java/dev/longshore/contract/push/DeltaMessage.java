package dev.longshore.contract.push;

import dev.longshore.contract.SnapshotDelta;

/**
 * The way from what the data plane has to the newest.
 *
 * @param origin what the operator knew when it built the snapshot that the delta leads to
 * @param delta names its base; on another the answer is {@link Resync}
 */
public record DeltaMessage(Origin origin, SnapshotDelta delta) implements FromOperator {}
