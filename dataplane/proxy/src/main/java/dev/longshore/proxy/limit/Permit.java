package dev.longshore.proxy.limit;

/** A handshake that was let in, or the tunnel that it became: counted until it is released. */
public interface Permit {
  /**
   * Counts it no more. Exactly once, on any thread.
   *
   * @throws IllegalStateException if it was plainly released before
   */
  void release();
}
