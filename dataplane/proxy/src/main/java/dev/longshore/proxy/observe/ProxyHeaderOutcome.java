package dev.longshore.proxy.observe;

import java.util.Locale;

/** What came of the PROXY header that a connection has to begin with. */
public enum ProxyHeaderOutcome {
  /** Read and believed. */
  ACCEPTED,
  /** Closed unread: the peer is in none of the ranges that headers are believed from. */
  UNTRUSTED,
  /** None, or one that can't be read. */
  MALFORMED,
  /** Not complete in time. */
  TIMED_OUT,
  /** The peer went away before, or the data plane did. */
  ABANDONED;

  /** The value of the label {@code outcome}. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
