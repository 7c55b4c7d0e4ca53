package dev.longshore.proxy.route;

import dev.longshore.proxy.upstream.Pool;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** The pools of a rule and the part of the traffic that each gets. */
public final class WeightedPools {
  private final List<Pool> pools;

  /** The sum of the weights up to and with each pool. */
  private final long[] sums;

  WeightedPools(List<Pool> pools, int[] weights) {
    this.pools = List.copyOf(pools);
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

  @Nullable Pool choose() {
    long total = sums[sums.length - 1];
    if (total == 0) {
      return null;
    }
    if (sums.length == 1) {
      return pools.getFirst();
    }
    long point = ThreadLocalRandom.current().nextLong(total);
    int i = 0;
    while (sums[i] <= point) {
      i++;
    }
    return pools.get(i);
  }
}
