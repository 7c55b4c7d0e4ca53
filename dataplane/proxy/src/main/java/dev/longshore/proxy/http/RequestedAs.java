package dev.longshore.proxy.http;

import dev.longshore.contract.Settings.ForwardedHeaders;
import dev.longshore.proxy.fields.OriginSet;
import dev.longshore.proxy.fields.Tokens;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the client asked for in its own terms: what stands in its address bar. Decided once from the
 * connection, or from what a trusted proxy says of it; policies judge by it, and every forwarding
 * header is written from it, so that no two of them can differ.
 *
 * @param secure whether the client speaks TLS, to us or to a trusted proxy in front
 * @param host with the port if the client named one; null: an HTTP/1.0 request that has none
 * @param port the one that {@code host} names, else the one that was announced, else that of the
 *     scheme: never our listener's, which a client need not know
 */
public record RequestedAs(boolean secure, @Nullable String host, int port) {
  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  /**
   * Decides.
   *
   * @param authority what the request says itself; null: nothing
   * @param mode with {@code REPLACE} only the scheme is taken from a trusted proxy
   */
  public static RequestedAs of(
      ClientPeer peer,
      ClientIdentity client,
      HttpHeaders headers,
      @Nullable String authority,
      ForwardedHeaders mode) {
    if (!client.peerTrusted()) {
      return of(peer.secure(), authority, peer.announcedPort());
    }
    ForwardedElement element = client.forwarded();
    String proto =
        element == null
            ? Tokens.first(headers.getAll(ForwardingNames.X_FORWARDED_PROTO))
            : element.proto();
    boolean secure = secure(proto, peer.secure());
    if (mode == ForwardedHeaders.REPLACE) {
      return of(secure, authority, peer.announcedPort());
    }
    String told =
        element == null
            ? Tokens.first(headers.getAll(ForwardingNames.X_FORWARDED_HOST))
            : element.host();
    String host = told != null && HostName.of(told) != null ? told : authority;
    int port =
        element == null ? port(Tokens.first(headers.getAll(ForwardingNames.X_FORWARDED_PORT))) : 0;
    if (port > 0) {
      return new RequestedAs(secure, host, port);
    }
    return of(secure, host, peer.announcedPort());
  }

  private static RequestedAs of(boolean secure, @Nullable String host, int announced) {
    int named = host == null ? 0 : HostName.portOf(host);
    int byScheme = secure ? HTTPS : HTTP;
    return new RequestedAs(secure, host, named > 0 ? named : announced > 0 ? announced : byScheme);
  }

  /** Traefik writes {@code wss} for a handshake over TLS. */
  private static boolean secure(@Nullable String proto, boolean otherwise) {
    if (proto == null) {
      return otherwise;
    }
    if (proto.equalsIgnoreCase("https") || proto.equalsIgnoreCase("wss")) {
      return true;
    }
    return !proto.equalsIgnoreCase("http") && !proto.equalsIgnoreCase("ws") && otherwise;
  }

  private static int port(@Nullable String text) {
    if (text == null || text.length() > 5) {
      return 0;
    }
    int port = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return 0;
      }
      port = port * 10 + digit;
    }
    return port <= 65535 ? port : 0;
  }

  /** {@code http} or {@code https}. */
  String scheme() {
    return secure ? "https" : "http";
  }

  /** Whether a value of Origin is the origin that was asked (RFC 6454 §5). */
  boolean isOrigin(String origin) {
    String name = host == null ? null : HostName.of(host);
    return name != null
        && OriginSet.of(List.of(scheme() + "://" + name + ":" + port)).allows(origin);
  }
}
