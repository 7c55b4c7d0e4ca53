package dev.longshore.proxy.observe;

import java.util.Locale;

/** How a probe of an endpoint ended. */
public enum ProbeOutcome {
  /** As a healthy endpoint's does. */
  GOOD,
  /** No connection, no TLS, or not the answer of a healthy endpoint. */
  BAD,
  /** Nothing of that within its time. */
  TIMED_OUT,
  /** It could not be begun, for want of a socket: nothing is known. */
  NOT_MADE;

  /** The value of the label {@code outcome}. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
