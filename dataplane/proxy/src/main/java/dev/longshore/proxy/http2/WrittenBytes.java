package dev.longshore.proxy.http2;

import dev.longshore.proxy.http.WriteStall;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/** Tells who watches a connection how much is written to it, whichever stream or frame it is of. */
final class WrittenBytes extends ChannelOutboundHandlerAdapter {
  private final WriteStall stall;

  WrittenBytes(WriteStall stall) {
    this.stall = stall;
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (message instanceof ByteBuf bytes) {
      stall.wrote(bytes.readableBytes());
    }
    ctx.write(message, promise);
  }
}
