package dev.longshore.proxy.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.SnapshotFormatException;
import dev.longshore.contract.push.FromDataPlane;
import dev.longshore.contract.push.FromOperator;
import dev.longshore.contract.push.PushCodec;
import dev.longshore.contract.push.PushProtocol;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One replica of an operator: a real TLS and WebSocket server that does what a test tells it and
 * remembers what it was told.
 */
final class TestOperator implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 30;

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("test-operator", true), NioIoHandler.newFactory());
  private final BlockingQueue<FromDataPlane> received = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> pongs = new LinkedBlockingQueue<>();
  private final List<String> tokens = new CopyOnWriteArrayList<>();
  private final List<Channel> channels = new CopyOnWriteArrayList<>();
  private final List<Channel> sockets = new CopyOnWriteArrayList<>();
  private final Channel server;
  private volatile int refusal;
  private volatile boolean deaf;

  /**
   * Listens.
   *
   * @param address of loopback, so that replicas may share a port as pods do
   * @param port 0: one that is free
   */
  TestOperator(String address, int port, X509Bundle identity) {
    SslContext tls = tls(identity);
    server =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    sockets.add(channel);
                    channel
                        .pipeline()
                        .addLast(tls.newHandler(channel.alloc()))
                        .addLast(new Deafness())
                        .addLast(new HttpServerCodec())
                        .addLast(new HttpObjectAggregator(65536))
                        .addLast(new Gate())
                        .addLast(
                            new WebSocketServerProtocolHandler(
                                WebSocketServerProtocolConfig.newBuilder()
                                    .websocketPath(PushProtocol.PATH)
                                    .subprotocols(PushProtocol.SUBPROTOCOL)
                                    .dropPongFrames(false)
                                    .build()))
                        .addLast(
                            new WebSocketFrameAggregator(PushProtocol.MAX_DATA_PLANE_MESSAGE_BYTES))
                        .addLast(new Ear());
                  }
                })
            .bind(new InetSocketAddress(InetAddress.ofLiteral(address), port))
            .syncUninterruptibly()
            .channel();
  }

  private static SslContext tls(X509Bundle identity) {
    try {
      return SslContextBuilder.forServer(
              identity.getKeyPair().getPrivate(), identity.getCertificatePath())
          .sslProvider(SslProvider.JDK)
          .build();
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  int port() {
    return ((InetSocketAddress) server.localAddress()).getPort();
  }

  /** Answers handshakes with this status from now on; 0: accepts them. */
  void refuse(int status) {
    refusal = status;
  }

  /** Reads nothing from now on, and so answers nothing: as a frozen machine. */
  void goDeaf() {
    deaf = true;
  }

  /** Reads again what comes on new connections; those of before are cut. */
  void hearAgain() {
    deaf = false;
    sockets.forEach(socket -> socket.close().syncUninterruptibly());
  }

  /** Sends a Close. */
  void closePolitely() {
    channels.getLast().writeAndFlush(new CloseWebSocketFrame(1001, "SHUTTING_DOWN"));
  }

  /** Authorization headers of all handshakes. */
  List<String> tokens() {
    return tokens;
  }

  /** How many channels were ever opened. */
  int opened() {
    return channels.size();
  }

  /** The next message. */
  <M extends FromDataPlane> M next(Class<M> type) {
    try {
      FromDataPlane message = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(message).as("what the data plane says").isInstanceOf(type);
      return type.cast(Objects.requireNonNull(message));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Messages that were not asked for by {@link #next}. */
  BlockingQueue<FromDataPlane> received() {
    return received;
  }

  void send(FromOperator message) {
    send(PushCodec.write(message));
  }

  /** As large messages come: in frames. */
  void send(byte[] json) {
    Channel channel = channels.getLast();
    for (int at = 0; at == 0 || at < json.length; at += PushProtocol.MAX_FRAME_BYTES) {
      int end = Math.min(json.length, at + PushProtocol.MAX_FRAME_BYTES);
      boolean last = end == json.length;
      byte[] piece = Arrays.copyOfRange(json, at, end);
      channel.write(
          at == 0
              ? new TextWebSocketFrame(last, 0, Unpooled.wrappedBuffer(piece))
              : new ContinuationWebSocketFrame(last, 0, Unpooled.wrappedBuffer(piece)));
    }
    channel.flush();
  }

  /** Sends a Ping and waits for its Pong. */
  void ping(String text) {
    channels
        .getLast()
        .writeAndFlush(
            new PingWebSocketFrame(
                Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.US_ASCII))));
    try {
      assertThat(pongs.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(text);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Cuts the last channel without a word. */
  void cut() {
    channels.getLast().close().syncUninterruptibly();
  }

  @Override
  public void close() {
    if (group.isShuttingDown()) {
      return;
    }
    server.close().syncUninterruptibly();
    channels.forEach(channel -> channel.close().syncUninterruptibly());
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** Loses what it is sent. */
  private final class Deafness extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (deaf) {
        ReferenceCountUtil.release(message);
      } else {
        ctx.fireChannelRead(message);
      }
    }
  }

  /** Looks at the handshake. */
  private final class Gate extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof FullHttpRequest request) {
        tokens.add(request.headers().get("authorization", ""));
        if (refusal != 0) {
          request.release();
          ctx.writeAndFlush(
                  new DefaultFullHttpResponse(
                      HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(refusal)))
              .addListener(done -> ctx.close());
          return;
        }
      }
      ctx.fireChannelRead(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, @Nullable Throwable cause) {
      ctx.close();
    }
  }

  private final class Ear extends SimpleChannelInboundHandler<WebSocketFrame> {
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof WebSocketServerProtocolHandler.HandshakeComplete) {
        channels.add(ctx.channel());
      }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame)
        throws SnapshotFormatException {
      switch (frame) {
        case PongWebSocketFrame pong ->
            pongs.add(pong.content().toString(StandardCharsets.US_ASCII));
        case TextWebSocketFrame text ->
            received.add(PushCodec.readFromDataPlane(ByteBufUtil.getBytes(text.content())));
        default -> throw new IllegalStateException("a data plane sends text: " + frame);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
