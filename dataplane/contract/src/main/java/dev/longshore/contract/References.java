package dev.longshore.contract;

import dev.longshore.contract.RuleAction.Forward;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.RuleAction.WeightedPool;
import org.jspecify.annotations.Nullable;

/**
 * How many entries of a snapshot refer to each pool, endpoint set, policy and credentials. Kept so that an entry
 * that lost its last referrer, or that went while it still had one, is found in time proportional
 * to the change.
 *
 * @param pools by backends of rules
 * @param endpointSets by pools
 * @param policies by rules
 * @param credentials by pools
 */
record References(
    PersistentMap<PoolKey, Integer> pools,
    PersistentMap<EndpointSetKey, Integer> endpointSets,
    PersistentMap<String, Integer> policies,
    PersistentMap<String, Integer> credentials) {
  static final References NONE =
      new References(
          PersistentMap.empty(),
          PersistentMap.empty(),
          PersistentMap.empty(),
          PersistentMap.empty());

  /** The references after one rule took the place of another; null: none. */
  References replaced(@Nullable LocationRule older, @Nullable LocationRule newer) {
    return counted(newer, 1).counted(older, -1);
  }

  /** The references after one pool took the place of another; null: none. */
  References replaced(@Nullable UpstreamPool older, @Nullable UpstreamPool newer) {
    PersistentMap<EndpointSetKey, Integer> counts = endpointSets;
    counts = newer == null ? counts : add(counts, newer.endpoints(), 1);
    counts = older == null ? counts : add(counts, older.endpoints(), -1);
    return new References(
        pools, counts, policies, shared(older, -1, shared(newer, 1, credentials)));
  }

  private static PersistentMap<String, Integer> shared(
      @Nullable UpstreamPool pool, int by, PersistentMap<String, Integer> counts) {
    UpstreamTls tls = pool == null ? null : pool.tls();
    String id = tls == null ? null : tls.credentials();
    return id == null ? counts : add(counts, id, by);
  }

  boolean has(PoolKey pool) {
    return pools.get(pool) != null;
  }

  boolean has(EndpointSetKey endpointSet) {
    return endpointSets.get(endpointSet) != null;
  }

  boolean hasPolicy(String id) {
    return policies.get(id) != null;
  }

  boolean hasCredentials(String id) {
    return credentials.get(id) != null;
  }

  private References counted(@Nullable LocationRule rule, int by) {
    if (rule == null) {
      return this;
    }
    return switch (rule.action()) {
      case Forward forward -> {
        PersistentMap<PoolKey, Integer> counts = pools;
        for (WeightedPool backend : forward.backends()) {
          counts = add(counts, backend.pool(), by);
        }
        yield new References(
            counts, endpointSets, add(policies, forward.policy(), by), credentials);
      }
      case Unavailable unavailable -> this;
    };
  }

  private static <K> PersistentMap<K, Integer> add(
      PersistentMap<K, Integer> counts, K key, int by) {
    Integer present = counts.get(key);
    int count = (present == null ? 0 : present) + by;
    return count == 0 ? counts.without(key) : counts.with(key, count);
  }
}
