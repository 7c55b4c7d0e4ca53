package dev.longshore.proxy.observe;

import java.util.Locale;

/** How a TLS handshake with a client ended. */
public enum TlsOutcome {
  /** Complete. */
  ESTABLISHED,
  /** Refused: there is no certificate for the name, and none by default. */
  NO_CERTIFICATE,
  /** No common version, suite or protocol, a client that doesn't trust us, or not TLS at all. */
  FAILED,
  /** Not complete in time. */
  TIMED_OUT,
  /** The client went away before. */
  ABANDONED,
  /** Not begun: its client began too many. */
  LIMITED;

  /** The value of the label {@code outcome}. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
