package dev.longshore.proxy.tunnel;

/** Hears of the end of tunnels. Called on event loops: must not block. */
public interface TunnelObserver {
  /** Hears nothing. */
  TunnelObserver NONE = tunnel -> {};

  /** Both connections of a tunnel are closed, and its figures are final. */
  void ended(Tunnel tunnel);
}
