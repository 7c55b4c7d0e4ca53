package dev.longshore.contract.push;

import dev.longshore.contract.RoutingSnapshot;

/**
 * Everything, whatever the data plane has.
 *
 * @param origin what the operator knew when it built the snapshot
 * @param snapshot not validated
 */
public record SnapshotMessage(Origin origin, RoutingSnapshot snapshot) implements FromOperator {}
