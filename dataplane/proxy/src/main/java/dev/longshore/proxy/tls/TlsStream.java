package dev.longshore.proxy.tls;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * How the stream of a connection ends, encrypted or not. On the event loop of the channel, which
 * may be a plain one.
 */
public final class TlsStream {
  private TlsStream() {}

  /** The TLS of a connection; null when it is in the clear. */
  public static @Nullable SslHandler of(Channel channel) {
    return channel.pipeline().get(SslHandler.class);
  }

  /**
   * Says that nothing more will be written: by a close_notify alert (RFC 8446 §6.1) behind
   * everything written so far. FIN is left to the caller.
   *
   * @return completes when all of that has been taken by the kernel, or fails
   */
  public static Future<Void> end(Channel channel) {
    SslHandler tls = of(channel);
    if (tls == null) {
      return channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
    }
    ChannelHandlerContext below = channel.pipeline().context(tls);
    // Encrypts what is waiting; close_notify would go first.
    channel.flush();
    tls.closeOutbound();
    // Beneath TLS, which takes nothing more: whoever has ended its stream has ended both.
    return below.writeAndFlush(Unpooled.EMPTY_BUFFER);
  }

  /** Closes at once and without a close_notify, so that what is missing is missed. */
  public static ChannelFuture cut(Channel channel) {
    SslHandler tls = of(channel);
    ChannelHandlerContext below = tls == null ? null : channel.pipeline().context(tls);
    return below == null ? channel.close() : below.close();
  }

  /**
   * Closes at once, with a close_notify if that can be written. TLS would wait for what is before
   * it, and a loop that ends may never come back to it.
   */
  public static void closeNow(Channel channel) {
    channel.close();
    if (channel.isOpen()) {
      cut(channel);
    }
  }

  /** Whether an exception is the other side's doing: of the socket, or of its TLS records. */
  public static boolean isPeerFault(Throwable cause) {
    return cause instanceof IOException
        || (cause instanceof DecoderException && cause.getCause() instanceof IOException);
  }
}
