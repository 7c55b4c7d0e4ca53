package dev.longshore.proxy.subscribe;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.proxy.route.RoutingTable;
import dev.longshore.proxy.upstream.Pools;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/** Holds the routing that applies. Any thread may read it; one swap is one volatile write. */
public final class SnapshotHolder {
  private volatile RoutingState state =
      new RoutingState(RoutingSnapshot.EMPTY, RoutingTable.empty(), Pools.empty(), Instant.EPOCH);

  /** What applies now. */
  public RoutingState current() {
    return state;
  }

  /** Compiles a snapshot and swaps it in, or refuses it whole. */
  public synchronized ApplyResult apply(RoutingSnapshot next) {
    RoutingState before = state;
    try {
      Pools.Update update = before.pools().prepare(before.snapshot(), next, System.nanoTime());
      RoutingTable table = before.table().next(before.snapshot(), next, update.pools());
      update.commit();
      state = new RoutingState(next, table, update.pools(), Instant.now());
    } catch (IllegalArgumentException e) {
      return new ApplyResult.Rejected(
          List.of(Objects.requireNonNullElse(e.getMessage(), "the snapshot can't be compiled")));
    }
    return new ApplyResult.Applied(next.version(), next.endpointsVersion());
  }
}
