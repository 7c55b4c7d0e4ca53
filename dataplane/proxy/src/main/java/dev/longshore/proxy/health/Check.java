package dev.longshore.proxy.health;

import dev.longshore.proxy.upstream.EndpointState;
import dev.longshore.proxy.upstream.Pool;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * That one endpoint is probed again and again: when it is next, and how the last ones ended. All
 * but the final fields is used on one event loop only.
 */
final class Check {
  /** In the order in which they are due. */
  static final Comparator<Check> BY_TIME =
      (a, b) -> {
        // A difference, as System.nanoTime() wants it.
        int byTime = Long.compare(a.dueNanos - b.dueNanos, 0);
        return byTime != 0 ? byTime : Long.compare(a.number, b.number);
      };

  final Pool pool;
  final EndpointState endpoint;

  /** Until the first probe, nanoseconds. */
  final long firstAfterNanos;

  private final long number;

  /** By {@link System#nanoTime()}; not to be changed while this is in an order. */
  long dueNanos;

  boolean stopped;
  @Nullable Probe probe;
  private boolean lastGood;
  private int inARow;

  /**
   * A check of which nothing is done yet.
   *
   * @param number different from every other's
   */
  Check(Pool pool, EndpointState endpoint, long number, long firstAfterNanos) {
    this.pool = pool;
    this.endpoint = endpoint;
    this.number = number;
    this.firstAfterNanos = firstAfterNanos;
  }

  long number() {
    return number;
  }

  /** Takes a result, which may change the endpoint's health. */
  void ended(boolean good, String why) {
    inARow = good == lastGood ? inARow + 1 : 1;
    lastGood = good;
    pool.probed(endpoint, good, inARow, why);
  }
}
