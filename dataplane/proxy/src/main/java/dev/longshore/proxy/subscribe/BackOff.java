package dev.longshore.proxy.subscribe;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: a random part of a bound that doubles with every
 * failure ("full jitter"), so that many data planes which lost one operator don't come back as one
 * herd. Not thread-safe.
 */
final class BackOff {
  private final Duration first;
  private final Duration most;
  private final RandomGenerator random;
  private Duration bound;

  /**
   * Starts as after a success.
   *
   * @param first bound of the first wait
   * @param most bound that the waits don't exceed
   */
  BackOff(Duration first, Duration most, RandomGenerator random) {
    this.first = first;
    this.most = most;
    this.random = random;
    this.bound = first;
  }

  /** The next wait: from 0 to the bound, which doubles for the one after. */
  Duration next() {
    Duration wait = Duration.ofNanos(random.nextLong(bound.toNanos() + 1));
    Duration doubled = bound.multipliedBy(2);
    bound = doubled.compareTo(most) < 0 ? doubled : most;
    return wait;
  }

  /** The other side asked for time: waits are spread over the most from now on. */
  void giveTime() {
    bound = most;
  }

  /** Begins anew: an attempt was a lasting success. */
  void reset() {
    bound = first;
  }
}
