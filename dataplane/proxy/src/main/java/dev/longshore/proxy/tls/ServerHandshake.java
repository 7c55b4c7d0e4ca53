package dev.longshore.proxy.tls;

import dev.longshore.contract.HardLimits;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslClientHelloHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The handshake of one accepted connection: the ClientHello decides about the certificate, and who
 * can't have one is refused by an alert. Until it is over nothing gets beyond it. Renegotiation is
 * never accepted (CVE-2009-3555, CVE-2011-1473).
 */
public final class ServerHandshake {
  /** As often as certificates can be swapped between finding one and using it. */
  private static final int ATTEMPTS = 8;

  private final Supplier<Certificates> certificates;
  private final TlsTerms terms;
  private final Listener listener;
  private @Nullable TlsSession session;
  private boolean over;

  /** Hears how it ends: of one of both, once, on the event loop. */
  public interface Listener {
    /** What comes next is decrypted and goes to handlers added now. */
    void secured(Channel channel, TlsSession session);

    /** It failed, and the connection is closed or about to be. */
    void failed(Channel channel, Failure failure);
  }

  /** Why there is no session. */
  public enum Failure {
    /** There is no certificate for the name, and none by default. */
    NO_CERTIFICATE,
    /** The two don't agree, or it isn't TLS. */
    DISAGREEMENT,
    /** The client went away. */
    ABANDONED
  }

  private ServerHandshake(Supplier<Certificates> certificates, TlsTerms terms, Listener listener) {
    this.certificates = certificates;
    this.terms = terms;
    this.listener = listener;
  }

  /**
   * Adds what it takes to a pipeline.
   *
   * @param certificates as they are when the ClientHello comes
   * @param terms of the listener
   */
  public static void install(
      Channel channel, Supplier<Certificates> certificates, TlsTerms terms, Listener listener) {
    ServerHandshake handshake = new ServerHandshake(certificates, terms, listener);
    channel
        .pipeline()
        .addLast("hello", handshake.new HelloHandler())
        .addLast("handshake", handshake.new Waiter());
  }

  /** Bytes of a ClientHello that wait for the rest of it. */
  public static int heldBytes(Channel channel) {
    HelloHandler hello = channel.pipeline().get(HelloHandler.class);
    return hello == null ? 0 : hello.heldBytes();
  }

  private void fail(Channel channel, Failure failure) {
    if (!over) {
      over = true;
      listener.failed(channel, failure);
    }
  }

  /** Chooses the certificate, and makes way for the TLS of the library. */
  private final class HelloHandler extends SslClientHelloHandler<SslHandler> {
    private boolean decided;

    /** Bytes looked at so far, each as often as it was. */
    private long looked;

    HelloHandler() {
      super(ClientHello.MAX_BYTES);
    }

    int heldBytes() {
      return actualReadableBytes();
    }

    /**
     * Netty looks through all records from the first whenever a byte comes, so a ClientHello in
     * records of one byte, each in a packet of its own, costs seconds of the loop.
     */
    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
        throws Exception {
      looked += in.readableBytes();
      if (looked <= HardLimits.CLIENT_HELLO_LOOKS_BYTES) {
        super.decode(ctx, in, out);
      } else if (!decided) {
        decided = true;
        in.skipBytes(in.readableBytes());
        refuse(ctx, Alert.DECODE_ERROR, Failure.DISAGREEMENT);
      } else {
        in.skipBytes(in.readableBytes());
      }
    }

    @Override
    protected Future<SslHandler> lookup(ChannelHandlerContext ctx, @Nullable ByteBuf hello) {
      SslHandler handler = decided ? null : decide(ctx, hello);
      decided = true;
      return ctx.executor().newSucceededFuture(handler);
    }

    private @Nullable SslHandler decide(ChannelHandlerContext ctx, @Nullable ByteBuf bytes) {
      if (bytes == null) {
        fail(ctx.channel(), Failure.DISAGREEMENT);
        ctx.close();
        return null;
      }
      ClientHello hello;
      try {
        hello = ClientHello.parse(bytes);
      } catch (IllegalArgumentException e) {
        return refuse(ctx, Alert.DECODE_ERROR, Failure.DISAGREEMENT);
      }
      if (!hello.http11() && !hello.http2()) {
        // Going on without ALPN would speak HTTP/1.1 to who doesn't (ALPACA, RFC 7301 §3.2).
        return refuse(ctx, Alert.NO_APPLICATION_PROTOCOL, Failure.DISAGREEMENT);
      }
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        ServerContext context =
            terms.serves(hello.serverName()) ? certificates.get().choose(hello) : null;
        if (context == null) {
          return refuse(ctx, Alert.UNRECOGNIZED_NAME, Failure.NO_CERTIFICATE);
        }
        if (!context.agrees(hello)) {
          return refuse(ctx, Alert.NO_APPLICATION_PROTOCOL, Failure.DISAGREEMENT);
        }
        SslHandler handler = context.handler(ctx.alloc(), hello.tls13() && terms.allowsTls13());
        if (handler != null) {
          terms.restrict(handler.engine());
          session = new TlsSession(hello.serverName(), context.key());
          return handler;
        }
      }
      return refuse(ctx, Alert.INTERNAL_ERROR, Failure.NO_CERTIFICATE);
    }

    private @Nullable SslHandler refuse(ChannelHandlerContext ctx, Alert alert, Failure failure) {
      ctx.writeAndFlush(alert.record(ctx.alloc())).addListener(ChannelFutureListener.CLOSE);
      fail(ctx.channel(), failure);
      return null;
    }

    @Override
    protected void onLookupComplete(ChannelHandlerContext ctx, Future<SslHandler> lookup) {
      SslHandler handler = lookup.getNow();
      if (handler != null) {
        ctx.pipeline().replace(this, "tls", handler);
      }
    }
  }

  /** Waits for the end. */
  private final class Waiter extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (!(event instanceof SslHandshakeCompletionEvent completion)) {
        ctx.fireUserEventTriggered(event);
        return;
      }
      TlsSession agreed = session;
      if (!completion.isSuccess() || agreed == null) {
        fail(ctx.channel(), Failure.DISAGREEMENT);
        ctx.close();
      } else if (!over) {
        over = true;
        forget(ctx.pipeline().get(SslHandler.class));
        listener.secured(ctx.channel(), agreed);
        ctx.pipeline().remove(this);
      }
    }

    /**
     * Of TLS 1.2 the JDK keeps the last session at least, to be resumed by its number; BoringSSL
     * keeps none. What TLS 1.3 resumes is no session of this kind.
     */
    private void forget(@Nullable SslHandler tls) {
      if (tls != null && !(tls.engine() instanceof ReferenceCountedOpenSslEngine)) {
        tls.engine().getSession().invalidate();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      fail(ctx.channel(), Failure.ABANDONED);
      ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      fail(ctx.channel(), Failure.DISAGREEMENT);
      ctx.close();
    }
  }
}
