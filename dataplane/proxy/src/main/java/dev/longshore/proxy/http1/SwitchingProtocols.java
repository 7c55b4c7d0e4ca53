package dev.longshore.proxy.http1;

import dev.longshore.proxy.fields.EndToEnd;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The 101 that a client gets: what was verified, and the upstream's other end-to-end fields. */
final class SwitchingProtocols {
  private static final AsciiString START =
      AsciiString.cached(
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n");

  private SwitchingProtocols() {}

  /**
   * Writes it.
   *
   * @param accept Sec-WebSocket-Accept
   * @param subprotocol the one agreed
   * @param extensions those agreed
   * @param fields the upstream's, edited
   */
  static void write(
      ByteBuf out,
      String accept,
      @Nullable String subprotocol,
      @Nullable String extensions,
      HttpHeaders fields) {
    HeadWriter.text(out, START);
    HeadWriter.field(out, HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, accept);
    if (subprotocol != null) {
      HeadWriter.field(out, HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, subprotocol);
    }
    if (extensions != null) {
      HeadWriter.field(out, HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, extensions);
    }
    Iterator<Map.Entry<CharSequence, CharSequence>> each = fields.iteratorCharSequence();
    while (each.hasNext()) {
      Map.Entry<CharSequence, CharSequence> field = each.next();
      if (EndToEnd.isSettableInResponse(field.getKey())) {
        HeadWriter.field(out, field.getKey(), field.getValue());
      }
    }
    HeadWriter.end(out);
  }
}
