package dev.longshore.proxy.route;

import dev.longshore.contract.UpstreamPool.Affinity;
import dev.longshore.contract.UpstreamPool.HashOn;
import dev.longshore.proxy.upstream.Pool;
import dev.longshore.proxy.upstream.StableHash;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The pools of a rule and the part of the traffic that each gets. Who shows the affinity cookie of
 * one of them stays there, as long as it gets any traffic; if all of them hash the same part of
 * requests, so does the choice among them; any other request may go to any.
 */
public final class WeightedPools {
  private final List<Pool> pools;
  private final int[] weights;

  /** The sum of the weights up to and with each pool. */
  private final long[] sums;

  WeightedPools(List<Pool> pools, int[] weights) {
    this.pools = List.copyOf(pools);
    this.weights = weights.clone();
    this.sums = new long[weights.length];
    long sum = 0;
    for (int i = 0; i < weights.length; i++) {
      sum += weights[i];
      sums[i] = sum;
    }
  }

  /** All of them, in the order of the manifest. */
  public List<Pool> all() {
    return pools;
  }

  @Nullable Pool choose(RequestView request) {
    long total = sums[sums.length - 1];
    if (total == 0) {
      return null;
    }
    if (sums.length == 1) {
      return pools.getFirst();
    }
    Pool kept = byCookie(request);
    if (kept != null) {
      return kept;
    }
    HashOn hashed = hashedByAll();
    Long key = hashed == null ? null : SessionAffinity.key(hashed, request);
    return key == null ? any(total) : byKey(key);
  }

  private Pool any(long total) {
    long point = ThreadLocalRandom.current().nextLong(total);
    int i = 0;
    while (sums[i] <= point) {
      i++;
    }
    return pools.get(i);
  }

  private @Nullable Pool byCookie(RequestView request) {
    String name = null;
    List<String> values = List.of();
    for (int i = 0; i < weights.length; i++) {
      Pool pool = pools.get(i);
      Affinity affinity = weights[i] == 0 ? null : pool.config().affinity();
      if (affinity == null) {
        continue;
      }
      // Most often all of them have the same.
      if (!affinity.cookie().equals(name)) {
        name = affinity.cookie();
        values = request.cookieValues(name);
      }
      for (String value : values) {
        if (pool.issued(value)) {
          return pool;
        }
      }
    }
    return null;
  }

  /** Null: not all of them hash, or not the same. */
  private @Nullable HashOn hashedByAll() {
    HashOn common = null;
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] > 0) {
        HashOn hashed = pools.get(i).config().hashOn();
        if (hashed == null || (common != null && !common.equals(hashed))) {
          return null;
        }
        common = hashed;
      }
    }
    return common;
  }

  /**
   * Weighted rendezvous hashing (Schindelhauer and Schomaker, 2005): each pool gets its part of the
   * keys, and when weights change only as many move as have to. {@link StrictMath}, for data planes
   * on different processors have to agree.
   */
  private Pool byKey(long key) {
    Pool best = pools.getFirst();
    double bestScore = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] > 0) {
        Pool pool = pools.get(i);
        double score = StrictMath.log(unit(StableHash.weight(key, pool.hash()))) / weights[i];
        if (score > bestScore) {
          best = pool;
          bestScore = score;
        }
      }
    }
    return best;
  }

  /** Between 0 and 1, neither of them included. */
  private static double unit(long hash) {
    return ((hash >>> 11) + 0.5) * 0x1.0p-53;
  }
}
