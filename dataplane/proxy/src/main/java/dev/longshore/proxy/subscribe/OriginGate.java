package dev.longshore.proxy.subscribe;

import io.netty.util.concurrent.Ticker;
import java.time.Duration;

/**
 * Keeps a data plane from going back in time when it changes to a replica whose caches are behind:
 * for a while an older table is refused, in which such a replica catches up. After that it is
 * taken: then it is the past that is true, and whoever restored it is waiting. For one thread.
 */
final class OriginGate {
  private final long patienceNanos;
  private final Ticker ticker;
  private long changedAt;

  /** What becomes of a table. */
  enum Decision {
    /** It is not older. */
    TAKE,
    /** It is older, and a newer one may yet come. */
    REFUSE,
    /** It is older, and no newer one came. */
    TAKE_STALE
  }

  OriginGate(Duration patience, Ticker ticker) {
    this.patienceNanos = patience.toNanos();
    this.ticker = ticker;
    this.changedAt = ticker.nanoTime();
  }

  /** Another replica is asked from now on. */
  void replicaChanged() {
    changedAt = ticker.nanoTime();
  }

  /**
   * Judges a table.
   *
   * @param older whether it was built from older resources than the one that is applied
   */
  Decision judge(boolean older) {
    if (!older) {
      return Decision.TAKE;
    }
    return ticker.nanoTime() - changedAt < patienceNanos ? Decision.REFUSE : Decision.TAKE_STALE;
  }

  /** How long an older table will still be refused. */
  Duration left() {
    return Duration.ofNanos(Math.max(0, patienceNanos - (ticker.nanoTime() - changedAt)));
  }
}
