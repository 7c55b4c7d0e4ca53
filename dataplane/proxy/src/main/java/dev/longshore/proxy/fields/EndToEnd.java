package dev.longshore.proxy.fields;

import io.netty.util.AsciiString;
import java.util.List;

/**
 * Which header fields a proxy passes on. Everything that ends at this hop, that the proxy writes
 * itself, or that an application could take for what the proxy writes, does not.
 */
public final class EndToEnd {
  /** Fields of a response that end at this hop (RFC 9110 §7.6.1). */
  public static final List<String> HOP_BY_HOP_RESPONSE_FIELDS =
      List.of(
          "connection",
          "keep-alive",
          "proxy-connection",
          "proxy-authenticate",
          "upgrade",
          "http2-settings",
          "te");

  private EndToEnd() {}

  /**
   * Whether a field of a request is not passed on as it came, whatever anybody says: it belongs to
   * the hop, or the proxy writes its own.
   */
  public static boolean isOwnedRequestField(CharSequence name) {
    return isHopField(name) || isForwardingField(name);
  }

  /**
   * Whether a field of a request is the hop's: hop-by-hop (RFC 9110 §7.6.1), framing, Host, which a
   * rule rewrites elsewhere, and CDN-Loop. No policy touches these.
   */
  public static boolean isHopField(CharSequence name) {
    return switch (name.length()) {
      case 2 -> is(name, "te");
      case 4 -> is(name, "host");
      case 6 -> is(name, "expect");
      // Trailers of requests are not passed on, so none are announced.
      case 7 -> is(name, "upgrade") || is(name, "trailer");
      case 8 -> is(name, "cdn-loop");
      case 10 -> is(name, "connection") || is(name, "keep-alive");
      case 14 -> is(name, "content-length") || is(name, "http2-settings");
      case 16 -> is(name, "proxy-connection");
      case 17 -> is(name, "transfer-encoding");
      case 19 -> is(name, "proxy-authorization");
      default -> false;
    };
  }

  /** Whether a field of a request says where it comes from, and is written by the proxy. */
  private static boolean isForwardingField(CharSequence name) {
    return switch (name.length()) {
      case 8 -> is(name, "x-scheme");
      case 9 -> is(name, "x-real-ip") || is(name, "forwarded");
      case 12 -> is(name, "x-request-id") || is(name, "x-url-scheme");
      case 15 ->
          is(name, "x-forwarded-for") || is(name, "x-forwarded-ssl") || is(name, "front-end-https");
      case 16 -> is(name, "x-forwarded-host") || is(name, "x-forwarded-port");
      case 17 -> is(name, "x-forwarded-proto");
      case 18 -> is(name, "x-forwarded-scheme");
      case 20 -> is(name, "x-forwarded-protocol");
      default -> false;
    };
  }

  /** Whether a field of a WebSocket handshake is written by the proxy itself. */
  public static boolean isHandshakeField(CharSequence name) {
    return switch (name.length()) {
      case 17 -> is(name, "sec-websocket-key");
      case 20 -> is(name, "sec-websocket-accept");
      case 21 -> is(name, "sec-websocket-version");
      case 22 -> is(name, "sec-websocket-protocol");
      case 24 -> is(name, "sec-websocket-extensions");
      default -> false;
    };
  }

  /**
   * Whether a name is an alias of one that the proxy writes: CGI-style servers read {@code
   * X_Real_IP}, and PHP {@code X.Real.IP} too, as {@code X-Real-IP}.
   */
  public static boolean isAlias(CharSequence name) {
    if (!FieldName.isUnusual(name)) {
      return false;
    }
    String dashed = FieldName.dashed(name);
    return isOwnedRequestField(dashed) || isHandshakeField(dashed) || isForwarded(dashed);
  }

  /**
   * Whether a trailer field of an answer is passed on: not what is decided before the body (RFC
   * 9110 §6.5.1), above all not framing, the handshake, cookies and what belongs to the hop.
   */
  public static boolean isPermittedTrailer(CharSequence name) {
    return isSettableInResponse(name)
        && !is(name, "set-cookie")
        && !is(name, "strict-transport-security")
        && !is(name, "location")
        && !is(name, "trailer");
  }

  /**
   * Whether a trailer field of a request is passed on, where it stays behind the body: not what is
   * decided before that (RFC 9110 §6.5.1), and nothing that a server could take for what the proxy
   * writes or for who is asking.
   */
  public static boolean isPermittedRequestTrailer(CharSequence name) {
    return !isOwnedRequestField(name)
        && !isHandshakeField(name)
        && !isForwarded(name)
        && !isAlias(name)
        && !is(name, "authorization")
        && !is(name, "cookie")
        && !is(name, "content-type")
        && !is(name, "content-encoding");
  }

  /**
   * Whether a field says where a message ends: nobody's Connection header and no policy takes it.
   */
  public static boolean isFraming(CharSequence name) {
    return is(name, "content-length") || is(name, "transfer-encoding");
  }

  /**
   * Whether a policy may set a field of a response: not if it belongs to the hop or the handshake.
   */
  public static boolean isSettableInResponse(CharSequence name) {
    if (isFraming(name) || isHandshakeField(name)) {
      return false;
    }
    for (String hopByHop : HOP_BY_HOP_RESPONSE_FIELDS) {
      if (is(name, hopByHop)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether a name starts with {@code X-Forwarded-}: of these, what the proxy does not write passes
   * from trusted peers only.
   */
  public static boolean isForwarded(CharSequence name) {
    return name.length() > 12 && AsciiString.regionMatches(name, true, 0, "x-forwarded-", 0, 12);
  }

  private static boolean is(CharSequence name, String lowerCase) {
    return AsciiString.contentEqualsIgnoreCase(name, lowerCase);
  }
}
