package dev.longshore.proxy.http1;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

/**
 * Drops what a client still sends once its last answer is written: undecrypted, for a TLS engine
 * that has said its last word takes more for the end of the connection.
 */
final class Discarder extends ChannelInboundHandlerAdapter {
  private final Runnable heard;

  /** One that tells of every read. */
  Discarder(Runnable heard) {
    this.heard = heard;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ReferenceCountUtil.release(message);
    heard.run();
  }
}
