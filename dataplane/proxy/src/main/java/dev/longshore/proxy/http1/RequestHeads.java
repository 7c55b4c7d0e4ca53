package dev.longshore.proxy.http1;

import dev.longshore.proxy.http.ClientRequest.Body;
import dev.longshore.proxy.http.UpstreamRequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * Heads of requests as they go to endpoints. One of an event loop, for one head after the other.
 */
public final class RequestHeads {
  private static final int HEAD_BYTES = 1024;
  private static final AsciiString HTTP_1_1 = AsciiString.cached(" HTTP/1.1\r\n");
  private static final AsciiString UPGRADE_FIELDS =
      AsciiString.cached(
          "Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: 13\r\n");

  private final HeadWriter writer = new HeadWriter();

  /**
   * A plain request's.
   *
   * @param close whether to ask the endpoint to close the connection after it
   */
  public ByteBuf plain(ByteBufAllocator allocator, UpstreamRequestHead head, boolean close) {
    ByteBuf out = start(allocator, head);
    head.fields(writer.to(out));
    switch (head.body()) {
      case Body.None _ -> {
        if (head.saysEmpty()) {
          HeadWriter.field(out, HttpHeaderNames.CONTENT_LENGTH, "0");
        }
      }
      case Body.Length(long bytes) ->
          HeadWriter.field(out, HttpHeaderNames.CONTENT_LENGTH, Long.toString(bytes));
      case Body.Chunked _ ->
          HeadWriter.field(out, HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    }
    if (close) {
      HeadWriter.field(out, HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
    HeadWriter.end(out);
    return out;
  }

  /**
   * A WebSocket handshake's: exactly {@code Upgrade: websocket} and {@code Connection: upgrade},
   * whatever the client listed.
   *
   * @param key Sec-WebSocket-Key
   * @param subprotocols offers; null: none
   * @param extensions offers; null: none
   */
  public ByteBuf handshake(
      ByteBufAllocator allocator,
      UpstreamRequestHead head,
      String key,
      @Nullable String subprotocols,
      @Nullable String extensions) {
    ByteBuf out = start(allocator, head);
    head.handshakeFields(writer.to(out));
    HeadWriter.text(out, UPGRADE_FIELDS);
    HeadWriter.field(out, HttpHeaderNames.SEC_WEBSOCKET_KEY, key);
    if (subprotocols != null) {
      HeadWriter.field(out, HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, subprotocols);
    }
    if (extensions != null) {
      HeadWriter.field(out, HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, extensions);
    }
    HeadWriter.end(out);
    return out;
  }

  private static ByteBuf start(ByteBufAllocator allocator, UpstreamRequestHead head) {
    ByteBuf out = allocator.buffer(HEAD_BYTES);
    HeadWriter.text(out, head.method().asciiName());
    out.writeByte(' ');
    HeadWriter.text(out, head.target());
    HeadWriter.text(out, HTTP_1_1);
    // RFC 9112 §3.2: a request of version 1.1 always has one.
    String host = head.host();
    HeadWriter.field(out, HttpHeaderNames.HOST, host == null ? "" : host);
    return out;
  }
}
