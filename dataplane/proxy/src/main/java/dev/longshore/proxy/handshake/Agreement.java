package dev.longshore.proxy.handshake;

import dev.longshore.proxy.http.Tokens;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an upstream's 101 agreed to, once it is verified (RFC 6455 §4.1, the client's part).
 *
 * @param accept Sec-WebSocket-Accept
 * @param subprotocol the one chosen
 * @param extensions those chosen, as they stand
 */
record Agreement(String accept, @Nullable String subprotocol, @Nullable String extensions) {

  /**
   * Verifies a 101 against what was sent.
   *
   * @param accept the only right Sec-WebSocket-Accept
   * @return null if it is not an answer to {@code offer}: then nothing may be tunnelled (Pingora
   *     CVE-2026-2833)
   */
  static @Nullable Agreement verify(HttpHeaders answer, Offer offer, String accept) {
    if (!isExactly(answer.getAll(HttpHeaderNames.UPGRADE), "websocket")
        || !Tokens.contain(answer.getAll(HttpHeaderNames.CONNECTION), "upgrade")) {
      return null;
    }
    List<String> accepts = answer.getAll(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT);
    if (accepts.size() != 1 || !accepts.getFirst().equals(accept)) {
      return null;
    }
    if (HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(
        answer.get(HttpHeaderNames.TRANSFER_ENCODING, ""))) {
      return null;
    }
    List<String> subprotocols = answer.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
    if (subprotocols.size() > 1
        || (subprotocols.size() == 1 && !offer.subprotocols().contains(subprotocols.getFirst()))) {
      return null;
    }
    List<String> extensions = answer.getAll(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS);
    if (!extensions.isEmpty() && !wereOffered(Tokens.of(extensions), offer.extensions())) {
      return null;
    }
    return new Agreement(
        accept,
        subprotocols.isEmpty() ? null : subprotocols.getFirst(),
        extensions.isEmpty() ? null : String.join(", ", extensions));
  }

  private static boolean isExactly(List<String> values, String token) {
    return values.size() == 1 && values.getFirst().equalsIgnoreCase(token);
  }

  private static boolean wereOffered(List<String> chosen, List<String> offered) {
    for (String extension : chosen) {
      String name = name(extension);
      if (offered.stream().noneMatch(each -> name(each).equalsIgnoreCase(name))) {
        return false;
      }
    }
    return true;
  }

  private static String name(String extension) {
    int semicolon = extension.indexOf(';');
    return (semicolon < 0 ? extension : extension.substring(0, semicolon)).strip();
  }
}
