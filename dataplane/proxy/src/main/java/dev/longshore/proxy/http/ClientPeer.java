package dev.longshore.proxy.http;

import dev.longshore.proxy.net.AddressText;
import dev.longshore.proxy.tls.TlsSession;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * The other end of a client connection, or what a trusted balancer's PROXY header says of it.
 *
 * @param address where it comes from
 * @param text {@code address} as forwarding headers have it
 * @param announcedPort the port that the client came to, by a PROXY header; 0: nobody said. What
 *     our own listener is bound to is no port that a client knows
 * @param securedInFront whether a PROXY header says that the client speaks TLS, which ended there
 * @param tls what was negotiated here; null: it speaks in the clear
 * @param unnamed whether the PROXY header doesn't say who it is, so that {@code address} is the
 *     balancer's: what is trusted in that one isn't in whoever is behind it
 * @param listener by which it came
 */
public record ClientPeer(
    InetAddress address,
    String text,
    int announcedPort,
    boolean securedInFront,
    @Nullable TlsSession tls,
    boolean unnamed,
    ClientListener listener) {

  /** One that speaks in the clear and for itself; the text is made from the address. */
  public static ClientPeer of(InetAddress address, ClientListener listener) {
    return announced(address, 0, false, listener);
  }

  /** One that a PROXY header speaks for. */
  public static ClientPeer announced(
      InetAddress address, int port, boolean secured, ClientListener listener) {
    return new ClientPeer(address, AddressText.of(address), port, secured, null, false, listener);
  }

  /** One behind a balancer that doesn't say who it is; {@code address} is the balancer's. */
  public static ClientPeer unnamed(InetAddress address, boolean secured, ClientListener listener) {
    return new ClientPeer(address, AddressText.of(address), 0, secured, null, true, listener);
  }

  /** The same one, behind a handshake. */
  public ClientPeer secured(TlsSession session) {
    return new ClientPeer(address, text, announcedPort, securedInFront, session, unnamed, listener);
  }

  /** Whether its client speaks TLS, as far as the connection itself tells. */
  boolean secure() {
    return tls != null || securedInFront;
  }
}
