package dev.longshore.proxy.tunnel;

/**
 * How many messages a connection may still begin: a bucket that fills at the allowed rate and holds
 * what may come at once. It is filled when it is asked, by the loop's coarse clock, so it has no
 * timer. It holds at least what the rate brings in one tick, because in between the clock stands.
 *
 * <p>On the tunnel's event loop.
 */
final class MessageRate {
  /** Parts of a message, so that every rate brings a whole number of them in a tick. */
  private static final int PARTS = 1000 / TickClock.TICK_MILLIS;

  /** More than can be sent, and few enough to be counted in parts. */
  static final int MOST_PER_SECOND = Integer.MAX_VALUE / PARTS;

  private final TickClock clock;
  private final int perTick;
  private final int capacity;
  private int left;
  private int filled;

  /**
   * Begins full.
   *
   * @param perSecond above zero
   * @param burst how many may come at once
   */
  MessageRate(TickClock clock, int perSecond, int burst) {
    this.clock = clock;
    perTick = perSecond;
    long most = Math.max((long) Math.max(1, burst) * PARTS, perTick);
    capacity = (int) Math.min(most, Integer.MAX_VALUE);
    left = capacity;
    filled = clock.now();
  }

  /** Takes a message, unless there have been too many. */
  boolean take() {
    if (!takeAsOf(clock.now())) {
      // Before somebody loses a connection: the clock may stand because the loop is busy.
      clock.refresh();
      return takeAsOf(clock.now());
    }
    return true;
  }

  /** Puts one back, or adds one that is owed. */
  void give() {
    left = (int) Math.min(capacity, (long) left + PARTS);
  }

  private boolean takeAsOf(int now) {
    if (now - filled > 0) {
      left = (int) Math.min(capacity, left + (long) (now - filled) * perTick);
      filled = now;
    }
    if (left < PARTS) {
      return false;
    }
    left -= PARTS;
    return true;
  }
}
