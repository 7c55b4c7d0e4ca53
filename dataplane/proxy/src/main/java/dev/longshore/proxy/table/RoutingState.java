package dev.longshore.proxy.table;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.Settings;
import dev.longshore.proxy.route.RoutingTable;
import dev.longshore.proxy.tls.Certificates;
import dev.longshore.proxy.upstream.Pools;
import java.time.Instant;

/**
 * Everything that a request is decided by, of one snapshot. A reader takes it once per request and
 * so never sees parts of two.
 *
 * @param snapshot what it was compiled from
 * @param table rules, compiled
 * @param certificates of servers
 * @param pools upstream pools; they follow the latest snapshot also in an older state
 * @param appliedAt when it was swapped in; {@link Instant#EPOCH} before the first
 */
public record RoutingState(
    RoutingSnapshot snapshot,
    RoutingTable table,
    Certificates certificates,
    Pools pools,
    Instant appliedAt) {

  /** What all listeners share. */
  public Settings settings() {
    return snapshot.settings();
  }

  /** Whether a snapshot was ever applied: before that a data plane is not ready. */
  public boolean applied() {
    return appliedAt.isAfter(Instant.EPOCH);
  }
}
