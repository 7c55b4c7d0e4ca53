package dev.longshore.proxy.http;

import dev.longshore.proxy.tls.TlsSession;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * The other end of a client connection, or what its PROXY header says of it.
 *
 * @param address where it comes from
 * @param text {@code address} as forwarding headers have it
 * @param localPort port of the listener that it came to
 * @param tls what was negotiated; null: it speaks in the clear
 */
public record Peer(InetAddress address, String text, int localPort, @Nullable TlsSession tls) {

  /** One that speaks in the clear; the text is made from the address. */
  public static Peer of(InetAddress address, int localPort) {
    return new Peer(address, AddressText.of(address), localPort, null);
  }

  /** The same one, behind a handshake. */
  public Peer secured(TlsSession session) {
    return new Peer(address, text, localPort, session);
  }

  /** {@code http} or {@code https}. */
  String scheme() {
    return tls == null ? "http" : "https";
  }
}
