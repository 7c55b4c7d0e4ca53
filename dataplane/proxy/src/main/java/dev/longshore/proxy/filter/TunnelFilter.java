package dev.longshore.proxy.filter;

/** A filter that is asked again of open tunnels when a policy is tightened. */
interface TunnelFilter extends RequestFilter {
  /**
   * Whether who opened a tunnel would still be let in; at once, and without holding or asking for
   * anything. On the tunnel's event loop.
   */
  boolean admitsStill(TunnelSubject opener);
}
