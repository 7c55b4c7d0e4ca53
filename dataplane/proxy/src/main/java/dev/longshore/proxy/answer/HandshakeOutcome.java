package dev.longshore.proxy.answer;

import java.util.Locale;

/** How an upgrade request ended. */
public enum HandshakeOutcome {
  /** A verified 101; a tunnel is open. */
  ESTABLISHED,
  /** The request is no valid handshake, or over a bound: 400, 408, 413, 414, 421, 426, 431. */
  MALFORMED,
  /** The rule forbids it: 403. */
  FORBIDDEN,
  /** The rule answers by itself: a redirect, or a fixed answer. */
  ANSWERED,
  /** No rule matches: 404. */
  NO_RULE,
  /** A limit is reached: 429. */
  LIMITED,
  /** No endpoint, or the rule can't be served: 503. */
  UNAVAILABLE,
  /** The upstream answered something else than 101, which was relayed. */
  DECLINED,
  /** The upstream could not be reached or answered a bad handshake: 502. */
  BAD_UPSTREAM,
  /** Connect or handshake time-out: 504. */
  TIMED_OUT,
  /** It has come by here too often: 508. */
  LOOP,
  /** The client went away before the answer. */
  ABANDONED;

  /** The value of the label {@code outcome}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
