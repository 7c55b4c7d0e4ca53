package dev.longshore.proxy.dial;

import dev.longshore.contract.UpstreamPool.Keepalive;
import dev.longshore.proxy.http.ClientRequest.Body;
import dev.longshore.proxy.http.LocalFailureException;
import dev.longshore.proxy.http.UpstreamListener;
import dev.longshore.proxy.http.UpstreamListener.Loss;
import dev.longshore.proxy.http.UpstreamRequestHead;
import dev.longshore.proxy.http.UpstreamStream;
import dev.longshore.proxy.http1.Chunks;
import dev.longshore.proxy.http1.RequestHeads;
import dev.longshore.proxy.memory.Holder;
import dev.longshore.proxy.tls.TlsStream;
import dev.longshore.proxy.tls.TlsTarget;
import dev.longshore.proxy.tunnel.Carrier;
import dev.longshore.proxy.tunnel.SocketCarrier;
import dev.longshore.proxy.upstream.EndpointState;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection to an endpoint, which serves one request at a time on the event loop of
 * that request's client. Longer than most, for it is dialled, is a stream and rests, and which of
 * these decides who hears of what comes.
 */
public final class UpstreamConnection extends ChannelInboundHandlerAdapter
    implements UpstreamStream {
  private final Channel channel;
  private final EndpointState endpoint;
  private final @Nullable TlsTarget tls;
  private final AnswerDecoder decoder;
  private final RequestHeads heads;
  private @Nullable UpstreamListener listener;
  private @Nullable IdleConnections home;
  private @Nullable AnswerPersistence persistence;
  private @Nullable Runnable onIdleEnd;
  private boolean reused;
  private boolean stoppedTaking;
  private boolean chunked;
  private boolean headUnsent;

  UpstreamConnection(
      Channel channel,
      EndpointState endpoint,
      @Nullable TlsTarget tls,
      RequestHeads heads,
      UpstreamListener listener) {
    this.channel = channel;
    this.heads = heads;
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
      current.connectFailed(LocalFailureException.tell(connect.cause()));
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

  /** The connection itself: to write a question of the proxy's own to. */
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

  /** Where it rests between plain requests; null: nowhere. */
  void keptIn(@Nullable IdleConnections idle) {
    home = idle;
  }

  // ---- one request

  @Override
  public boolean isReady() {
    return reused;
  }

  @Override
  public void request(UpstreamRequestHead head, Keepalive kept) {
    decoder.expectAnswerTo(head.isHead());
    chunked = head.body() instanceof Body.Chunked;
    ByteBuf out = heads.plain(channel.alloc(), head, kept.idleConnections() == 0);
    headUnsent = false;
    if (reused) {
      channel.writeAndFlush(out).addListener(written -> headUnsent = !written.isSuccess());
    } else {
      channel.writeAndFlush(out, channel.voidPromise());
    }
  }

  @Override
  public void handshake(
      UpstreamRequestHead head,
      String key,
      @Nullable String subprotocols,
      @Nullable String extensions) {
    ByteBuf out = heads.handshake(channel.alloc(), head, key, subprotocols, extensions);
    channel.writeAndFlush(out, channel.voidPromise());
  }

  @Override
  public void data(ByteBuf bytes, boolean last) {
    if (chunked) {
      Chunks.write(channel, bytes, last);
    } else {
      channel.write(bytes, channel.voidPromise());
    }
    if (last) {
      UpstreamListener current = listener;
      channel
          .writeAndFlush(Unpooled.EMPTY_BUFFER)
          .addListener(
              all -> {
                if (all.isSuccess() && current != null && listener == current) {
                  current.delivered();
                }
              });
    }
  }

  /** Many servers merge these into the fields that were checked before the body. */
  @Override
  public void trailers(HttpHeaders trailers) {
    data(Unpooled.EMPTY_BUFFER, true);
  }

  @Override
  public void flush() {
    channel.flush();
  }

  @Override
  public boolean isWritable() {
    return channel.isWritable();
  }

  @Override
  public boolean hasStoppedTaking() {
    return stoppedTaking;
  }

  @Override
  public void read(boolean on) {
    channel.config().setAutoRead(on);
  }

  @Override
  public void finished(Keepalive kept) {
    AnswerPersistence told = persistence;
    if (home != null && told != null && told.persists()) {
      home.give(this, kept, told.most());
    } else {
      abandon();
    }
  }

  @Override
  public void leaveHttp() {
    channel.pipeline().remove(decoder);
  }

  @Override
  public Carrier handOver() {
    listener = null;
    channel.config().setAutoClose(true);
    channel.pipeline().remove(this);
    return new SocketCarrier(channel);
  }

  @Override
  public void abandon() {
    listener = null;
    channel.close();
  }

  @Override
  public long heldBytes() {
    return Holder.waitingFor(channel) + decoder.heldBytes();
  }

  // ---- for whoever dials and keeps it

  /** Closes what has not become a connection, registered or not, without telling the listener. */
  void discard() {
    listener = null;
    channel.unsafe().closeForcibly();
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
        head(current, response);
        if (message instanceof HttpContent content) {
          AnswerParts.hand(content, current);
        }
      }
      case HttpContent content -> AnswerParts.hand(content, current);
      case ByteBuf bytes -> current.answerData(bytes, false);
      default -> ReferenceCountUtil.release(message);
    }
  }

  private void head(UpstreamListener current, HttpResponse response) {
    if (response.decoderResult().isFailure()) {
      current.answerMalformed(response.decoderResult().cause());
      return;
    }
    if (response.status().code() >= 200) {
      AnswerPersistence told = persistence;
      if (told == null) {
        told = new AnswerPersistence();
        persistence = told;
      }
      told.of(response, decoder.isToHead());
    }
    current.answer(response.status(), response.headers());
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
      current.upstreamClosed(loss());
    }
    Runnable idleEnd = onIdleEnd;
    onIdleEnd = null;
    if (idleEnd != null) {
      idleEnd.run();
    }
  }

  private Loss loss() {
    if (!reused || decoder.hasHeard()) {
      return Loss.BROKEN;
    }
    return headUnsent ? Loss.UNSENT : Loss.CROSSED;
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
