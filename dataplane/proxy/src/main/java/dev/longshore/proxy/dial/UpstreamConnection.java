package dev.longshore.proxy.dial;

import dev.longshore.proxy.memory.Holder;
import dev.longshore.proxy.tls.TlsStream;
import dev.longshore.proxy.tls.TlsTarget;
import dev.longshore.proxy.upstream.EndpointState;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection to an endpoint, which serves one request at a time on the event loop of
 * that request's client.
 */
public final class UpstreamConnection extends ChannelInboundHandlerAdapter {
  private final Channel channel;
  private final EndpointState endpoint;
  private final @Nullable TlsTarget tls;
  private final AnswerDecoder decoder;
  private @Nullable UpstreamListener listener;
  private @Nullable Runnable onIdleEnd;
  private boolean reused;
  private boolean stoppedTaking;

  UpstreamConnection(
      Channel channel, EndpointState endpoint, @Nullable TlsTarget tls, UpstreamListener listener) {
    this.channel = channel;
    this.endpoint = endpoint;
    this.tls = tls;
    this.listener = listener;
    this.decoder = new AnswerDecoder(tls != null);
  }

  /** Adds what an HTTP connection needs to its pipeline. */
  void install() {
    // A server may answer without reading all of the request, and close: the write that fails then
    // is no reason not to read the answer (RFC 9112 §9.5).
    channel.config().setAutoClose(false);
    // Named, because Netty would look for a free name.
    if (tls != null) {
      channel.pipeline().addLast("tls", tls.handler(channel.alloc(), endpoint.port()));
    }
    channel.pipeline().addLast("decoder", decoder).addLast("upstream", this);
  }

  /** Hears of the end of the connection attempt. */
  void dialled(ChannelFuture connect) {
    UpstreamListener current = listener;
    if (current == null) {
      channel.close();
    } else if (connect.isSuccess()) {
      SslHandler handshake = TlsStream.of(channel);
      if (handshake == null) {
        current.connected();
      } else {
        handshake.handshakeFuture().addListener(this::secured);
      }
    } else {
      listener = null;
      current.connectFailed(connect.cause());
    }
  }

  private void secured(Future<?> handshake) {
    UpstreamListener current = listener;
    if (current == null) {
      channel.close();
    } else if (handshake.isSuccess()) {
      current.connected();
    } else {
      listener = null;
      channel.close();
      current.tlsFailed(handshake.cause());
    }
  }

  /** The connection itself: to write to, and to hand to a tunnel. */
  public Channel channel() {
    return channel;
  }

  /** Where it leads. */
  public EndpointState endpoint() {
    return endpoint;
  }

  /** What it is secured with; null: it is in the clear. */
  @Nullable TlsTarget tls() {
    return tls;
  }

  /** Whether it has served an earlier request, so that its end may have crossed with this one. */
  public boolean reused() {
    return reused;
  }

  /** Whether nothing has come since the request that it serves, not even a part of an answer. */
  public boolean isSilent() {
    return !decoder.hasHeard();
  }

  /** Whether it takes no more of a request, though an answer may still come. */
  public boolean hasStoppedTaking() {
    return stoppedTaking;
  }

  /** Says what the next final answer belongs to; a HEAD's has no body. */
  public void expectAnswerTo(boolean head) {
    decoder.expectAnswerTo(head);
  }

  /**
   * Removes the HTTP decoder, called while the last part of a 101 is handled. Bytes behind it reach
   * {@link UpstreamListener#bytesBehindAnswer} before this returns.
   */
  public void leaveHttp() {
    channel.pipeline().remove(decoder);
  }

  /** Takes this handler away, so that a tunnel can have the channel. */
  public void handOver() {
    listener = null;
    channel.config().setAutoClose(true);
    channel.pipeline().remove(this);
  }

  /** Closes without telling the listener. */
  public void abandon() {
    listener = null;
    channel.close();
  }

  /** About how many bytes wait in buffers, to be written to it or to be decoded. */
  public long heldBytes() {
    return Holder.waitingFor(channel) + decoder.heldBytes();
  }

  /** Whether nothing of an answer is on the way, so that another request could be sent. */
  boolean isClean() {
    return channel.isActive() && !stoppedTaking && !decoder.hasLeftovers();
  }

  /** Becomes idle; {@code end} is called if the connection ends meanwhile. */
  void rest(Runnable end) {
    listener = null;
    onIdleEnd = end;
    channel.config().setAutoRead(true);
  }

  /** Serves again. */
  void wake(UpstreamListener next) {
    onIdleEnd = null;
    listener = next;
    reused = true;
    decoder.listen();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    UpstreamListener current = listener;
    if (current == null) {
      // An idle endpoint has nothing to say: whatever this is would be taken for the next answer.
      ReferenceCountUtil.release(message);
      ctx.close();
      return;
    }
    switch (message) {
      case HttpResponse response -> {
        current.answer(response);
        if (message instanceof HttpContent content) {
          current.answerPart(content);
        }
      }
      case HttpContent content -> current.answerPart(content);
      case ByteBuf bytes -> current.bytesBehindAnswer(bytes);
      default -> ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    UpstreamListener current = listener;
    if (current != null) {
      current.upstreamReadComplete();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    UpstreamListener current = listener;
    if (current != null) {
      current.upstreamWritabilityChanged();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslCloseCompletionEvent) {
      // It has nothing more to say, and takes nothing more.
      ctx.close();
    } else {
      stoppedTaking |= event instanceof ChannelOutputShutdownEvent;
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    UpstreamListener current = listener;
    listener = null;
    if (current != null) {
      current.upstreamClosed();
    }
    Runnable idleEnd = onIdleEnd;
    onIdleEnd = null;
    if (idleEnd != null) {
      idleEnd.run();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    boolean ofWrite =
        cause instanceof ChannelOutputShutdownException || cause instanceof ClosedChannelException;
    if (!ofWrite) {
      // A reset or an undecodable answer: either way channelInactive says the rest.
      ctx.close();
    }
  }
}
