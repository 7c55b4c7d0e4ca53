package dev.longshore.contract.push;

import dev.longshore.contract.SnapshotDelta.Versions;

/**
 * What the operator would send. On the active channel: the data plane has it already. On standby
 * channels: what it would get if this one became active; told at most once a second.
 *
 * @param origin what the operator knew when it built it
 * @param versions of the newest snapshot
 */
public record Current(Origin origin, Versions versions) implements FromOperator {}
