package dev.longshore.proxy.handshake;

import dev.longshore.proxy.http.AnswerFields;
import dev.longshore.proxy.http.HeadWriter;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;

/** The 101 that a client gets: what was verified, and the upstream's other end-to-end fields. */
final class SwitchingProtocols {
  private static final AsciiString START =
      AsciiString.cached(
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n");

  private SwitchingProtocols() {}

  /**
   * Writes it.
   *
   * @param answer its fields without those of the hop, edited
   */
  static void write(ByteBuf out, VerifiedHandshake agreement, HttpHeaders answer) {
    HeadWriter.text(out, START);
    HeadWriter.field(out, HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, agreement.accept());
    String subprotocol = agreement.subprotocol();
    if (subprotocol != null) {
      HeadWriter.field(out, HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, subprotocol);
    }
    String extensions = agreement.extensions();
    if (extensions != null) {
      HeadWriter.field(out, HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, extensions);
    }
    AnswerFields.writeBeside101(out, answer);
    HeadWriter.end(out);
  }
}
