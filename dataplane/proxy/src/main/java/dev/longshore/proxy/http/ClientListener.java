package dev.longshore.proxy.http;

import dev.longshore.proxy.tls.TlsTerms;

/**
 * The listener that a client came by, for as long as its connection lasts: that may be longer than
 * the listener itself. Any thread.
 */
public interface ClientListener {
  /** One that serves every host, and stays. */
  ClientListener PLAIN =
      new ClientListener() {
        @Override
        public TlsTerms tls() {
          return TlsTerms.NONE;
        }

        @Override
        public boolean serves(String host) {
          return true;
        }

        @Override
        public boolean isRemoved() {
          return false;
        }
      };

  /** What it asks of TLS, of handshakes that begin now. */
  TlsTerms tls();

  /**
   * Whether requests for a host are served there.
   *
   * @param host as rules are matched; empty: a request without one
   */
  boolean serves(String host);

  /** Whether it is there no more, so that connections by it end with what they are at. */
  boolean isRemoved();
}
