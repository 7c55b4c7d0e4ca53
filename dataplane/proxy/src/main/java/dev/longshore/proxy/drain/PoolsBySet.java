package dev.longshore.proxy.drain;

import dev.longshore.contract.EndpointSetKey;
import dev.longshore.proxy.table.RoutingState;
import dev.longshore.proxy.upstream.Pool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The pools that draw from each endpoint set. A pool that was removed stays as long as it has
 * connections, for its endpoints may leave after it. Used by one thread at a time.
 */
final class PoolsBySet {
  private final Map<EndpointSetKey, List<Pool>> pools = new HashMap<>();

  /** Follows a change, in time proportional to it. */
  void applied(RoutingState before, RoutingState now) {
    before
        .snapshot()
        .pools()
        .diff(
            now.snapshot().pools(),
            (key, old, next) -> {
              if (next == null) {
                if (old != null) {
                  prune(old.endpoints(), now);
                }
              } else if (old == null) {
                add(next.endpoints(), now.pools().get(key));
              } else if (!next.endpoints().equals(old.endpoints())) {
                Pool pool = now.pools().get(key);
                pools.computeIfPresent(
                    old.endpoints(), (_, list) -> without(list, each -> each == pool));
                add(next.endpoints(), pool);
              }
            });
  }

  private void add(EndpointSetKey set, @Nullable Pool pool) {
    if (pool != null) {
      // Nearly always there is one, so no room is kept for more.
      pools.computeIfAbsent(set, _ -> new ArrayList<>(1)).add(pool);
    }
  }

  /** The pools of a set, without those that are removed and idle. */
  List<Pool> of(EndpointSetKey set, RoutingState now) {
    prune(set, now);
    return pools.getOrDefault(set, List.of());
  }

  /** The set is gone: nothing will be heard of its endpoints. */
  void remove(EndpointSetKey set) {
    pools.remove(set);
  }

  private void prune(EndpointSetKey set, RoutingState now) {
    pools.computeIfPresent(
        set, (_, list) -> without(list, pool -> now.pools().get(pool.key()) != pool && idle(pool)));
  }

  private static boolean idle(Pool pool) {
    return pool.endpoints().stream().allMatch(endpoint -> endpoint.open() == 0);
  }

  private static @Nullable List<Pool> without(List<Pool> list, Predicate<Pool> gone) {
    list.removeIf(gone);
    return list.isEmpty() ? null : list;
  }
}
