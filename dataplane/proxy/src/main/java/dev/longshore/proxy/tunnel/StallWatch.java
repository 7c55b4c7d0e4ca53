package dev.longshore.proxy.tunnel;

/** Notices that an end takes nothing, though bytes wait for it. On the tunnel's event loop. */
final class StallWatch {
  private final TunnelEnd end;

  /** What the end had taken when it was last found with bytes waiting; -1: none waited. */
  private long takenWhenLooked = -1;

  private int waitingSince;

  StallWatch(TunnelEnd end) {
    this.end = end;
  }

  /**
   * Looks whether the end has taken nothing since it was found with bytes waiting.
   *
   * @param now tick
   * @return true when that was at least {@code limit} ticks ago
   */
  boolean stalled(int now, int limit) {
    long waiting = end.waiting();
    if (waiting == 0) {
      takenWhenLooked = -1;
      return false;
    }
    long taken = end.written() - waiting;
    if (taken != takenWhenLooked) {
      takenWhenLooked = taken;
      waitingSince = now;
      return false;
    }
    return now - waitingSince >= limit;
  }
}
