package dev.longshore.proxy.filter;

/** Who let a request in, and has a say as long as it is a tunnel. On its event loop. */
public interface TunnelGuard {
  /**
   * The request has become a tunnel.
   *
   * @param revoke closes it, politely, with 1008; nothing happens if it is ending already
   */
  void opened(Runnable revoke);

  /** About what it takes of the heap until then. */
  long bytesOfHeap();

  /** Nothing is left of the tunnel, or the request has become none. Once, and last. */
  void ended();
}
