package dev.longshore.contract;

import dev.longshore.contract.RuleAction.Served;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.RuleAction.WeightedPool;
import dev.longshore.contract.policy.Policy;
import org.jspecify.annotations.Nullable;

/**
 * How many entries of a snapshot refer to each pool, endpoint set, policy and set of credentials,
 * and what rules add up to on their host and path. Kept so that an entry that lost its last
 * referrer, or that went while it still had one, and a host that has too much, are found in time
 * proportional to the change.
 *
 * @param pools by backends of rules, and by policies
 * @param endpointSets by pools
 * @param policies by rules
 * @param credentials by pools
 * @param instructions of the patterns of each host's rules; hosts without any have no entry
 * @param conditional rules with conditions, by their key without them
 */
record References(
    PersistentMap<PoolKey, Integer> pools,
    PersistentMap<EndpointSetKey, Integer> endpointSets,
    PersistentMap<String, Integer> policies,
    PersistentMap<String, Integer> credentials,
    PersistentMap<String, Integer> instructions,
    PersistentMap<RuleKey, Integer> conditional) {
  static final References NONE =
      new References(
          PersistentMap.empty(),
          PersistentMap.empty(),
          PersistentMap.empty(),
          PersistentMap.empty(),
          PersistentMap.empty(),
          PersistentMap.empty());

  /** The references after one rule took the place of another; null: none. */
  References replaced(@Nullable LocationRule older, @Nullable LocationRule newer) {
    References counted = counted(newer, 1).counted(older, -1);
    // A rule's place never changes, so what takes another's weighs the same.
    return (older == null) == (newer == null)
        ? counted
        : counted.weighed(newer == null ? older : newer, newer == null ? -1 : 1);
  }

  /** The references after one policy came or went; null: none. */
  References replaced(@Nullable Policy older, @Nullable Policy newer) {
    PersistentMap<PoolKey, Integer> counts = asked(newer, 1, asked(older, -1, pools));
    return counts == pools
        ? this
        : new References(counts, endpointSets, policies, credentials, instructions, conditional);
  }

  private static PersistentMap<PoolKey, Integer> asked(
      @Nullable Policy policy, int by, PersistentMap<PoolKey, Integer> counts) {
    PoolKey asked = policy == null ? null : policy.asks();
    return asked == null ? counts : add(counts, asked, by);
  }

  /** The references after one pool took the place of another; null: none. */
  References replaced(@Nullable UpstreamPool older, @Nullable UpstreamPool newer) {
    PersistentMap<EndpointSetKey, Integer> counts = endpointSets;
    counts = newer == null ? counts : add(counts, newer.endpoints(), 1);
    counts = older == null ? counts : add(counts, older.endpoints(), -1);
    return new References(
        pools,
        counts,
        policies,
        shared(older, -1, shared(newer, 1, credentials)),
        instructions,
        conditional);
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

  /** Instructions of all patterns of a host. */
  int instructions(String host) {
    Integer sum = instructions.get(host);
    return sum == null ? 0 : sum;
  }

  /** Rules with conditions that share host, type and path with this one. */
  int conditional(RuleKey key) {
    Integer count = conditional.get(place(key));
    return count == null ? 0 : count;
  }

  private References weighed(@Nullable LocationRule rule, int by) {
    if (rule == null) {
      return this;
    }
    RuleKey key = rule.key();
    int cost = BoundedPattern.instructionsOf(key);
    boolean conditions = key.matches().count() > 0;
    return cost == 0 && !conditions
        ? this
        : new References(
            pools,
            endpointSets,
            policies,
            credentials,
            cost == 0 ? instructions : add(instructions, key.host(), by * cost),
            conditions ? add(conditional, place(key), by) : conditional);
  }

  private static RuleKey place(RuleKey key) {
    return new RuleKey(key.host(), key.pathType(), key.path(), Matches.NONE);
  }

  boolean hasCredentials(String id) {
    return credentials.get(id) != null;
  }

  private References counted(@Nullable LocationRule rule, int by) {
    if (rule == null) {
      return this;
    }
    return switch (rule.action()) {
      case Served served -> {
        PersistentMap<PoolKey, Integer> counts = pools;
        for (WeightedPool backend : served.backends()) {
          counts = add(counts, backend.pool(), by);
        }
        yield new References(
            counts,
            endpointSets,
            add(policies, served.policy(), by),
            credentials,
            instructions,
            conditional);
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
