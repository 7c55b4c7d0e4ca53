package dev.longshore.operator.push;

import dev.longshore.operator.push.PushMetrics.Refused;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

/**
 * Stands before TLS, and bounds what anybody may send who has not shown a data plane's token: a
 * handshake and one request. Else a stranger could have TLS work for nothing for as long as his
 * time lasts, such as by KeyUpdates without end (RFC 8446 §4.6.3), which the JDK doesn't bound.
 */
final class StrangerBytes extends ChannelInboundHandlerAdapter {
  private final int most;
  private final PushMetrics metrics;
  private long taken;

  StrangerBytes(int most, PushMetrics metrics) {
    this.most = most;
    this.metrics = metrics;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    taken += message instanceof ByteBuf bytes ? bytes.readableBytes() : 0;
    if (taken <= most) {
      context.fireChannelRead(message);
      return;
    }
    ReferenceCountUtil.release(message);
    if (context.channel().isActive()) {
      metrics.refused(Refused.BAD_REQUEST);
      context.close();
    }
  }
}
