package dev.longshore.proxy.handshake;

import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.fields.Tokens;
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
record VerifiedHandshake(String accept, @Nullable String subprotocol, @Nullable String extensions) {

  /** Either an agreement or what speaks against it. */
  sealed interface Result {
    /** An answer to the offer. */
    record Agreed(VerifiedHandshake agreement) implements Result {}

    /**
     * None: nothing may be tunnelled (Pingora CVE-2026-2833).
     *
     * @param reason which check failed
     * @param detail the same in words
     */
    record Refused(Reason reason, String detail) implements Result {}
  }

  /**
   * Verifies a 101 against what was sent.
   *
   * @param accept the only right Sec-WebSocket-Accept
   */
  static Result verify(HttpHeaders answer, ClientHandshake offer, String accept) {
    if (!isExactly(answer.getAll(HttpHeaderNames.UPGRADE), "websocket")) {
      return new Result.Refused(
          Reason.HANDSHAKE_UPGRADE, "the 101 has no, or not exactly, Upgrade: websocket");
    }
    if (!Tokens.contain(answer.getAll(HttpHeaderNames.CONNECTION), "upgrade")) {
      return new Result.Refused(Reason.HANDSHAKE_CONNECTION, "the 101 has no Connection: upgrade");
    }
    List<String> accepts = answer.getAll(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT);
    if (accepts.size() != 1 || !accepts.getFirst().equals(accept)) {
      return new Result.Refused(
          Reason.HANDSHAKE_ACCEPT,
          switch (accepts.size()) {
            case 0 -> "the 101 has no Sec-WebSocket-Accept";
            case 1 -> "Sec-WebSocket-Accept of the 101 is not the answer to the key";
            default -> "the 101 has several Sec-WebSocket-Accept";
          });
    }
    if (HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(
        answer.get(HttpHeaderNames.TRANSFER_ENCODING, ""))) {
      return new Result.Refused(Reason.HANDSHAKE_FRAMING, "the 101 has a Transfer-Encoding");
    }
    return ofStream(answer, offer, accept);
  }

  /**
   * Verifies what a 2xx on a stream agrees to (RFC 8441 §5), which has neither key nor Upgrade.
   *
   * @param accept what a client of HTTP/1.1 is told
   */
  static Result ofStream(HttpHeaders answer, ClientHandshake offer, String accept) {
    List<String> subprotocols = answer.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
    if (subprotocols.size() > 1
        || (subprotocols.size() == 1 && !offer.subprotocols().contains(subprotocols.getFirst()))) {
      return new Result.Refused(
          Reason.HANDSHAKE_SUBPROTOCOL,
          "Sec-WebSocket-Protocol of the answer is not one of those offered");
    }
    // An empty field chooses none.
    List<String> extensions = members(answer.getAll(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS));
    if (!wereOffered(extensions, offer.extensions())) {
      return new Result.Refused(
          Reason.HANDSHAKE_EXTENSION,
          "Sec-WebSocket-Extensions of the answer has one that was not offered");
    }
    return new Result.Agreed(
        new VerifiedHandshake(
            accept,
            subprotocols.isEmpty() ? null : subprotocols.getFirst(),
            extensions.isEmpty() ? null : String.join(", ", extensions)));
  }

  private static List<String> members(List<String> values) {
    return values.isEmpty() ? values : Tokens.of(values);
  }

  private static boolean isExactly(List<String> values, String token) {
    return values.size() == 1 && values.getFirst().equalsIgnoreCase(token);
  }

  private static boolean wereOffered(List<String> chosen, List<String> offered) {
    if (chosen.size() > offered.size()) {
      return false;
    }
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
