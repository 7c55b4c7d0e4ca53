package dev.longshore.proxy.http1;

import dev.longshore.proxy.http.WriteStall;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import java.util.List;

/**
 * Encodes the answers of one client connection, which has one request at a time: it has to be told
 * when that is a HEAD, so that the headers keep what they say of the body, and no body is sent. As
 * every answer comes through here, it also tells who watches that the client takes them.
 */
final class ResponseEncoder extends HttpResponseEncoder {
  private final WriteStall stall;
  private boolean head;

  ResponseEncoder(WriteStall stall) {
    this.stall = stall;
  }

  /** Says whether the next final answer is to a HEAD. */
  void answering(boolean head) {
    this.head = head;
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpResponse response) {
    return super.isContentAlwaysEmpty(response) || head;
  }

  @Override
  protected void encode(ChannelHandlerContext ctx, Object message, List<Object> out)
      throws Exception {
    int before = out.size();
    super.encode(ctx, message, out);
    for (int i = before; i < out.size(); i++) {
      if (out.get(i) instanceof ByteBuf bytes) {
        stall.wrote(bytes.readableBytes());
      }
    }
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    ctx.flush();
    stall.flushed();
  }
}
