package dev.longshore.proxy.tunnel;

import io.netty.util.concurrent.Ticker;
import java.time.Duration;

/**
 * The coarse clock of an event loop: ticks since it was made, as of the last look at a real one. So
 * a message costs no system call, and the times of tunnels are four bytes each.
 *
 * <p>On its event loop, but for {@link #nanoTime} and {@link #ticks}.
 */
final class TickClock {
  /** The grain of every time bound of a tunnel. */
  static final int TICK_MILLIS = 100;

  private static final long TICK_NANOS = TICK_MILLIS * 1_000_000L;

  /** A tick this much late means that nobody was listened to meanwhile. */
  private static final int AWAY_TICKS = 10;

  private final Ticker ticker;
  private final long origin;
  private int now;
  private int listening;

  /** Begins at tick 0. */
  TickClock(Ticker ticker) {
    this.ticker = ticker;
    this.origin = ticker.nanoTime();
  }

  /** In how many ticks a bound has surely passed; at least 1. */
  static int ticks(Duration duration) {
    long ticks = duration.toMillis() / TICK_MILLIS + 1;
    return (int) Math.min(ticks, Integer.MAX_VALUE / 2);
  }

  /** The tick as of the last look. */
  int now() {
    return now;
  }

  /** Since when the loop has turned without a long break, such as a suspended process. */
  int listening() {
    return listening;
  }

  /** Looks at the real clock; for who can't do with one that may be a little slow. */
  void refresh() {
    now = current();
  }

  /** As {@link #refresh}, and the loop listens from now on. */
  void restart() {
    refresh();
    listening = now;
  }

  /**
   * As {@link #refresh}, once a tick.
   *
   * @param before the tick before
   */
  void turn(int before) {
    refresh();
    if (now - before > AWAY_TICKS) {
      listening = now;
    }
  }

  /** The tick of a time by {@link #nanoTime()}; looks at the clock anew. */
  int tickAt(long nanoTime) {
    refresh();
    return (int) ((nanoTime - origin) / TICK_NANOS);
  }

  /** The clock that its ticks are cut from. Any thread. */
  long nanoTime() {
    return ticker.nanoTime();
  }

  private int current() {
    return (int) ((nanoTime() - origin) / TICK_NANOS);
  }
}
