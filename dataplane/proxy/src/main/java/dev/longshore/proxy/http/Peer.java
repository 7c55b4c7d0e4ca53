package dev.longshore.proxy.http;

import dev.longshore.proxy.tls.TlsSession;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * The other end of a client connection, or what a trusted balancer's PROXY header says of it.
 *
 * @param address where it comes from
 * @param text {@code address} as forwarding headers have it
 * @param localPort port of the listener that it came to
 * @param tls what was negotiated; null: it speaks in the clear
 * @param unnamed whether the PROXY header doesn't say who it is, so that {@code address} is the
 *     balancer's: what is trusted in that one isn't in whoever is behind it
 */
public record Peer(
    InetAddress address, String text, int localPort, @Nullable TlsSession tls, boolean unnamed) {

  /** One that speaks in the clear; the text is made from the address. */
  public static Peer of(InetAddress address, int localPort) {
    return new Peer(address, AddressText.of(address), localPort, null, false);
  }

  /** One behind a balancer that doesn't say who it is; {@code address} is the balancer's. */
  public static Peer unnamed(InetAddress address, int localPort) {
    return new Peer(address, AddressText.of(address), localPort, null, true);
  }

  /** The same one, behind a handshake. */
  public Peer secured(TlsSession session) {
    return new Peer(address, text, localPort, session, unnamed);
  }

  /** {@code http} or {@code https}. */
  String scheme() {
    return tls == null ? "http" : "https";
  }
}
