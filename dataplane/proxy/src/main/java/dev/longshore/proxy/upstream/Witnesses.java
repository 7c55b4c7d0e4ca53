package dev.longshore.proxy.upstream;

import dev.longshore.contract.HardLimits;
import java.util.concurrent.TimeUnit;

/**
 * The clients that saw an endpoint fail, in ways that a request of theirs may have brought about.
 * Each counts once, however often it comes, and is forgotten after {@value #WINDOW_SECONDS} s.
 */
final class Witnesses {
  static final int WINDOW_SECONDS = 300;

  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(WINDOW_SECONDS);

  private final long[] clients = new long[HardLimits.WITNESSES_PER_ENDPOINT];
  private final long[] seen = new long[HardLimits.WITNESSES_PER_ENDPOINT];
  private int count;

  /**
   * Hears one.
   *
   * @param client its network
   * @param nanoTime now
   * @return whether nothing had been heard of it
   */
  synchronized boolean add(long client, long nanoTime) {
    forgetOld(nanoTime);
    for (int i = 0; i < count; i++) {
      if (clients[i] == client) {
        seen[i] = nanoTime;
        return false;
      }
    }
    if (count < clients.length) {
      clients[count] = client;
      seen[count++] = nanoTime;
    }
    return true;
  }

  /** How many there are, at most {@link HardLimits#WITNESSES_PER_ENDPOINT}. */
  synchronized int count(long nanoTime) {
    forgetOld(nanoTime);
    return count;
  }

  private void forgetOld(long nanoTime) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      if (nanoTime - seen[i] < WINDOW_NANOS) {
        clients[kept] = clients[i];
        seen[kept++] = seen[i];
      }
    }
    count = kept;
  }
}
