package dev.longshore.proxy.observe;

import java.util.Locale;

/** What went wrong with an endpoint, once per attempt. */
public enum UpstreamFailure {
  /** The connection was refused. */
  REFUSED(Blame.ENDPOINT),
  /** No connection, TLS included, within {@code timeouts.connect}. */
  CONNECT_TIMEOUT(Blame.ENDPOINT),
  /** No connection for another reason, such as that there is no way to it. */
  UNREACHABLE(Blame.ENDPOINT),
  /** Nothing could be begun, for want of a descriptor, a local port or an address family. */
  LOCAL(Blame.NOBODY),
  /** TLS could not be agreed on: the certificate, its name, or ours is refused. */
  TLS(Blame.ENDPOINT),
  /** The connection was reset or ended before the answer was complete. */
  RESET(Blame.IF_SEVERAL_SAW_IT),
  /** A 101 that does not verify, or one that nobody asked for. */
  BAD_HANDSHAKE(Blame.IF_SEVERAL_SAW_IT),
  /** An answer that is not HTTP, or over a bound. */
  BAD_RESPONSE(Blame.IF_SEVERAL_SAW_IT),
  /** No 101 within {@code timeouts.handshake}. */
  HANDSHAKE_TIMEOUT(Blame.IF_SEVERAL_SAW_IT),
  /**
   * No response headers within {@code timeouts.response}. It may be what was asked for: long
   * polling.
   */
  RESPONSE_TIMEOUT(Blame.NOBODY);

  /** Against whom a failure speaks. */
  public enum Blame {
    /** Nothing that a client sends can bring it about. */
    ENDPOINT,
    /**
     * It may be the answer to what one client sent: a path that is never answered, a header block
     * that makes the endpoint hang up. If several clients see it, it is the endpoint.
     */
    IF_SEVERAL_SAW_IT,
    /** It says nothing of the endpoint. */
    NOBODY
  }

  private final Blame blame;

  UpstreamFailure(Blame blame) {
    this.blame = blame;
  }

  /** The value of the label {@code kind}. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** In words, such as {@code connect timeout}. */
  public String words() {
    return label().replace('_', ' ');
  }

  /** Against whom it speaks. */
  public Blame blame() {
    return blame;
  }
}
