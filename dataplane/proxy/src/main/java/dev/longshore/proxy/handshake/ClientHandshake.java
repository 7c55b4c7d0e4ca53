package dev.longshore.proxy.handshake;

import dev.longshore.contract.policy.Header;
import dev.longshore.contract.policy.HeaderEdits;
import dev.longshore.proxy.fields.Tokens;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client's handshake offers, after the filters.
 *
 * @param key Sec-WebSocket-Key
 * @param subprotocols those that may be agreed, in the client's order
 * @param extensions as offered, with their parameters
 */
record ClientHandshake(String key, List<String> subprotocols, List<String> extensions) {

  /**
   * Reads a handshake that filters have found sound.
   *
   * @param edits of filters: the subprotocols that they left
   */
  static ClientHandshake of(HttpHeaders headers, HeaderEdits edits) {
    List<String> subprotocols = edited(edits);
    return new ClientHandshake(
        headers.get(HttpHeaderNames.SEC_WEBSOCKET_KEY),
        Tokens.of(
            subprotocols == null
                ? headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL)
                : subprotocols),
        Tokens.of(headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS)));
  }

  private static @Nullable List<String> edited(HeaderEdits edits) {
    List<String> values = null;
    for (Header header : edits.set()) {
      if (HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL.contentEqualsIgnoreCase(header.name())) {
        values = List.of(header.reveal());
      }
    }
    return values;
  }

  /** The subprotocols as a header value; null when there are none. */
  @Nullable String subprotocolsField() {
    return field(subprotocols);
  }

  /** The extensions as a header value; null when there are none. */
  @Nullable String extensionsField() {
    return field(extensions);
  }

  private static @Nullable String field(List<String> members) {
    return switch (members.size()) {
      case 0 -> null;
      case 1 -> members.getFirst();
      default -> String.join(", ", members);
    };
  }
}
