package dev.longshore.operator.translate;

import dev.longshore.contract.EndpointSet;
import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.LocationRule;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleAction;
import dev.longshore.contract.RuleAction.Served;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.policy.Policy;
import dev.longshore.operator.translate.claim.PoolClaim;
import dev.longshore.operator.translate.host.Award;
import dev.longshore.operator.translate.verdict.Outcome;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Edits one snapshot into the next, and keeps in it exactly the pools that rules use and the
 * endpoint sets that pools use.
 */
final class TableEditor {
  private final Map<PoolKey, Integer> poolUses = new HashMap<>();
  private final Map<EndpointSetKey, Integer> setUses = new HashMap<>();
  private Set<PoolKey> dirtyPools = new HashSet<>();
  private Set<EndpointSetKey> dirtySets = new HashSet<>();
  private RoutingSnapshot base = RoutingSnapshot.EMPTY;
  private SnapshotBuilder builder = SnapshotBuilder.from(base);

  /** The builder of the next snapshot, for what nothing else refers to. */
  SnapshotBuilder builder() {
    return builder;
  }

  /** Puts the rule that has the place, or removes the one that had it. */
  void rule(RuleKey key, @Nullable Award award) {
    LocationRule older = base.rules().get(key);
    if (older != null) {
      Set<PoolKey> pools = pools(older.action(), policy(older.action()));
      pools.forEach(pool -> use(poolUses, pool, -1));
      dirtyPools.addAll(pools);
    }
    if (award == null) {
      builder.removeRule(key);
      return;
    }
    RuleAction action = action(award.outcome());
    Policy policy = award.outcome() instanceof Outcome.Serve serve ? serve.policy() : null;
    Set<PoolKey> pools = pools(action, policy);
    pools.forEach(pool -> use(poolUses, pool, 1));
    dirtyPools.addAll(pools);
    builder.put(new LocationRule(key, award.rule().source(), action));
  }

  /** A pool that may be another than before. */
  void touchPool(PoolKey key) {
    dirtyPools.add(key);
  }

  /** An endpoint set that may be another than before. */
  void touchSet(EndpointSetKey key) {
    dirtySets.add(key);
  }

  /**
   * The next snapshot.
   *
   * @param pools the pool of a key that a rule uses
   * @param sets the endpoint set of a key that a pool uses
   */
  RoutingSnapshot build(
      Function<PoolKey, PoolClaim> pools, Function<EndpointSetKey, EndpointSet> sets) {
    for (PoolKey key : dirtyPools) {
      UpstreamPool older = base.pools().get(key);
      PoolClaim claim = poolUses.containsKey(key) ? pools.apply(key) : null;
      UpstreamPool newer = claim == null ? null : claim.pool();
      if (older != null) {
        use(setUses, older.endpoints(), -1);
        dirtySets.add(older.endpoints());
      }
      if (claim == null || newer == null) {
        builder.removePool(key);
      } else {
        use(setUses, newer.endpoints(), 1);
        dirtySets.add(newer.endpoints());
        if (claim.credentials() != null) {
          builder.put(claim.credentials());
        }
        builder.put(newer);
      }
    }
    for (EndpointSetKey key : dirtySets) {
      if (setUses.containsKey(key)) {
        builder.put(sets.apply(key));
      } else {
        builder.removeEndpointSet(key);
      }
    }
    // Not cleared: that costs as much as the most there ever was.
    dirtyPools = new HashSet<>();
    dirtySets = new HashSet<>();
    base = builder.build();
    builder = SnapshotBuilder.from(base);
    return base;
  }

  private RuleAction action(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Serve serve -> serve.action().under(builder.policy(serve.policy()));
      case Outcome.Refuse refuse ->
          new Unavailable(refuse.problem().reason(), refuse.problem().text());
    };
  }

  private @Nullable Policy policy(RuleAction action) {
    return action instanceof Served served ? base.policies().get(served.policy()) : null;
  }

  /** Those that it may go to, and the one that is asked before. */
  private static Set<PoolKey> pools(RuleAction action, @Nullable Policy policy) {
    Set<PoolKey> pools = new HashSet<>();
    if (action instanceof Served served) {
      served.backends().forEach(backend -> pools.add(backend.pool()));
    }
    PoolKey asked = policy == null ? null : policy.asks();
    if (asked != null) {
      pools.add(asked);
    }
    return pools;
  }

  private static <K> void use(Map<K, Integer> uses, K key, int change) {
    if (uses.merge(key, change, Integer::sum) == 0) {
      uses.remove(key);
    }
  }
}
