package dev.longshore.proxy.http;

import dev.longshore.proxy.tls.TlsTarget;
import dev.longshore.proxy.upstream.EndpointState;
import org.jspecify.annotations.Nullable;

/** The ways from one event loop to endpoints. On that loop. */
public interface Upstreams {
  /** What is spoken with an endpoint. */
  enum Wire {
    /** One request at a time on a connection. */
    HTTP_1_1,
    /** Many requests at a time, each on a stream. */
    HTTP_2,
    /**
     * The same, of endpoints that take WebSockets on streams (RFC 8441); of others the stream can't
     * be had, and HTTP/1.1 has to do.
     */
    EXTENDED_CONNECT
  }

  /** Whether a connection may carry a request that has carried others. */
  enum Reuse {
    /** Any that is open. */
    ANY,
    /** One that has rested so shortly that it is hardly closed just now. */
    RECENT,
    /** None. */
    NEVER
  }

  /**
   * Opens a stream; the listener hears {@code connected}, {@code connectFailed} or {@code
   * tlsFailed}, perhaps before this returns, but of one that {@linkplain UpstreamStream#isReady is
   * ready}. There is no time limit here: who waits {@linkplain UpstreamStream#abandon() abandons}
   * it. Never throws.
   *
   * @param tls held by the caller until it is over; null: in the clear
   * @param reuse of HTTP/1.1; a connection of HTTP/2 says itself whether it takes more requests,
   *     and which of them it has not begun
   * @return null: it has failed already
   */
  @Nullable UpstreamStream open(
      EndpointState endpoint,
      @Nullable TlsTarget tls,
      Wire wire,
      Reuse reuse,
      UpstreamListener listener);

  /** Closes what rests. */
  void closeIdle();
}
