package dev.longshore.proxy.tunnel;

/** Hears of the end of tunnels, and of faults. Called on event loops: must not block. */
public interface TunnelObserver {
  /** Hears nothing. */
  TunnelObserver NONE = tunnel -> {};

  /** A tunnel begins. */
  default void opened(Tunnel tunnel) {}

  /** A call of gRPC counts as a connection from now on. */
  default void callOpened(StreamedCall call) {}

  /** It is over, and its figures are final. */
  default void callEnded(StreamedCall call) {}

  /** Both connections of a tunnel are closed, and its figures are final. */
  void ended(Tunnel tunnel);

  /**
   * Something of a tunnel, or of what looks after all of a loop, failed and was caught.
   *
   * @param what in words
   */
  default void fault(String what, Throwable cause) {}
}
