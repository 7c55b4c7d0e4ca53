package dev.longshore.proxy.observe;

import dev.longshore.proxy.tunnel.Tunnel;
import java.io.IOException;
import java.time.Instant;

/** Writes the lines of the access log in one format. Used by one thread. */
interface AccessLines {
  /** Writes a request's. */
  void request(RequestEntry request) throws IOException;

  /**
   * Writes a tunnel's.
   *
   * @param end when it ended
   */
  void tunnel(Tunnel tunnel, Instant end) throws IOException;
}
