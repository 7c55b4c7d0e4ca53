package dev.longshore.proxy.tunnel;

/** What a tunnel hears of its two sides, and what they ask of it. On the tunnel's event loop. */
interface SideEvents extends TunnelTiming {
  /** A Close frame has come from a side, and was passed on unless the tunnel is closing. */
  void closeReceived(TunnelSide from);

  /** A side that was {@linkplain Relay#UNTIL_MESSAGE_END to be stopped} stands between messages. */
  void messageEnded();

  /** A side has ended its stream. */
  void inputEnded(TunnelSide from);

  /** A side has broken off. */
  void reset(TunnelSide from);

  /**
   * A side has sent a frame that can't be followed or that a limit forbids; nothing of it or behind
   * it was passed.
   */
  void frameRefused(TunnelSide from);

  /** A fault of ours. */
  void fail(Throwable fault);

  /** There was no memory for what is to be sent. */
  void shed();

  /** Nothing is left of a side. */
  void sideClosed();
}
