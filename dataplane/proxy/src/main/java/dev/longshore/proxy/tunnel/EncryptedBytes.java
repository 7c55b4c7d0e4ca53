package dev.longshore.proxy.tunnel;

import dev.longshore.proxy.tls.TlsStream;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import org.jspecify.annotations.Nullable;

/**
 * Counts what TLS writes to the socket, so that bytes that wait there can be told from bytes that
 * it took: encryption adds to those that were relayed.
 */
final class EncryptedBytes extends ChannelOutboundHandlerAdapter {
  private long written;

  private EncryptedBytes() {}

  /** Counts from now on; null when the channel has no TLS. */
  static @Nullable EncryptedBytes of(Channel channel) {
    if (TlsStream.of(channel) == null) {
      return null;
    }
    EncryptedBytes counter = new EncryptedBytes();
    channel.pipeline().addFirst("encrypted", counter);
    return counter;
  }

  /** Bytes written since it began. On the event loop. */
  long written() {
    return written;
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (message instanceof ByteBuf bytes) {
      written += bytes.readableBytes();
    }
    ctx.write(message, promise);
  }
}
