package dev.longshore.proxy.tunnel;

/** How a tunnel stands in time, as its sides ask. On the tunnel's event loop. */
interface TunnelTiming {
  /** The loop's coarse clock, in ticks. */
  int now();

  /** Tick since when the loop has been listening without a long break. */
  int listening();

  /** Whether nothing ends the tunnel yet. */
  boolean isOpen();

  /** A side has been asked whether it is there, so there is a new bound in time. */
  void lookAnew();
}
