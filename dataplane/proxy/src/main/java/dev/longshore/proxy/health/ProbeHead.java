package dev.longshore.proxy.health;

import dev.longshore.proxy.http1.HeadWriter;
import dev.longshore.proxy.upstream.EndpointState;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.AsciiString;

/**
 * The request of a probe. Host is the endpoint itself, for no client's host is known here.
 *
 * @param endpoint who is asked
 * @param path absolute, perhaps with a query; valid in a request line
 */
record ProbeHead(EndpointState endpoint, String path) {
  private static final int HEAD_BYTES = 256;
  private static final AsciiString GET = AsciiString.cached("GET ");
  private static final AsciiString HTTP_1_1 = AsciiString.cached(" HTTP/1.1\r\n");
  private static final AsciiString CLOSE =
      AsciiString.cached("Accept: */*\r\nConnection: close\r\n");
  private static final AsciiString UPGRADE =
      AsciiString.cached(
          "Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: 13\r\n");
  static final String USER_AGENT = "longshore-health/" + version();

  private static String version() {
    Package own = ProbeHead.class.getPackage();
    String version = own == null ? null : own.getImplementationVersion();
    return version == null ? "unknown" : version;
  }

  void writePlain(Channel channel) {
    ByteBuf out = start(channel);
    HeadWriter.text(out, CLOSE);
    HeadWriter.end(out);
    channel.writeAndFlush(out, channel.voidPromise());
  }

  void writeHandshake(Channel channel, String key) {
    ByteBuf out = start(channel);
    HeadWriter.text(out, UPGRADE);
    HeadWriter.field(out, HttpHeaderNames.SEC_WEBSOCKET_KEY, key);
    HeadWriter.end(out);
    channel.writeAndFlush(out, channel.voidPromise());
  }

  private ByteBuf start(Channel channel) {
    ByteBuf out = channel.alloc().buffer(HEAD_BYTES);
    HeadWriter.text(out, GET);
    HeadWriter.text(out, path);
    HeadWriter.text(out, HTTP_1_1);
    HeadWriter.field(out, HttpHeaderNames.HOST, endpoint.toString());
    HeadWriter.field(out, HttpHeaderNames.USER_AGENT, USER_AGENT);
    return out;
  }
}
