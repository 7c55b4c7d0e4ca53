package dev.longshore.proxy.observe;

import java.util.Locale;

/** What went wrong with an endpoint, once per attempt. */
public enum UpstreamFailure {
  /** The connection was refused. */
  REFUSED,
  /** No connection, TLS included, within {@code timeouts.connect}. */
  CONNECT_TIMEOUT,
  /** No connection for another reason: unreachable, no local port. */
  UNREACHABLE,
  /** TLS could not be agreed on: the certificate, its name, or ours is refused. */
  TLS,
  /** The connection was reset or ended before the answer was complete. */
  RESET,
  /** A 101 that does not verify, or one that nobody asked for. */
  BAD_HANDSHAKE,
  /** An answer that is not HTTP, or over a bound. */
  BAD_RESPONSE,
  /** No 101 within {@code timeouts.handshake}. */
  HANDSHAKE_TIMEOUT,
  /** No response headers within {@code timeouts.response}. */
  RESPONSE_TIMEOUT;

  /** The value of the label {@code kind}. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** In words, such as {@code connect timeout}. */
  public String words() {
    return label().replace('_', ' ');
  }

  /**
   * Whether it speaks against the endpoint. An answer that takes long doesn't: it may be what was
   * asked for (long polling).
   */
  public boolean blamesEndpoint() {
    return this != RESPONSE_TIMEOUT;
  }
}
