package dev.longshore.cli.demo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A backend to try Longshore with: echoes WebSocket messages after saying who it is, serves the
 * pages that it was given, and answers any other plain request with what it got.
 */
public final class EchoBackend implements AutoCloseable {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final int MAX_BODY = 64 * 1024;
  private static final int MAX_MESSAGE = 1024 * 1024;

  private final String name;
  private final Channel listener;
  private final ChannelGroup webSockets = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

  /** Pages by path; null: not one of them. */
  @FunctionalInterface
  public interface Pages {
    @Nullable CompletionStage<Page> get(String path);
  }

  /** A page. */
  public record Page(String contentType, String body) {}

  /**
   * Listens.
   *
   * @param address port 0 picks a free one
   * @throws IOException if the address can't be had
   */
  public EchoBackend(String name, InetSocketAddress address, EventLoopGroup loops, Pages pages)
      throws IOException {
    this.name = name;
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    channel
                        .pipeline()
                        .addLast(new HttpServerCodec())
                        .addLast(new HttpObjectAggregator(MAX_BODY))
                        .addLast(new Requests(pages));
                  }
                })
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "backend "
              + name
              + " cannot listen on "
              + address.getHostString()
              + ":"
              + address.getPort()
              + ": "
              + bound.cause().getMessage(),
          bound.cause());
    }
    listener = bound.channel();
  }

  /** The port that it listens on. */
  public int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  /** Waits until it is closed. */
  void untilClosed() throws InterruptedException {
    listener.closeFuture().await();
  }

  /**
   * Waits until every WebSocket is closed by somebody else, as a backend does that is taken out of
   * a Service: those before it close them, and send nobody new.
   *
   * @param atLeast serves on for this long anyway, until the last of them knows
   */
  void untilLeft(Duration atLeast) throws InterruptedException {
    Thread.sleep(atLeast);
    while (!webSockets.isEmpty()) {
      webSockets.newCloseFuture().await();
    }
  }

  @Override
  public void close() {
    listener.close().awaitUninterruptibly();
  }

  private final class Requests extends SimpleChannelInboundHandler<FullHttpRequest> {
    private final Pages pages;

    Requests(Pages pages) {
      this.pages = pages;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      if (!request.decoderResult().isSuccess()) {
        context.close();
      } else if (request.headers().containsValue("upgrade", "websocket", true)) {
        upgrade(context, request);
      } else {
        answer(context, request);
      }
    }

    private void upgrade(ChannelHandlerContext context, FullHttpRequest request) {
      WebSocketServerHandshaker handshaker =
          new WebSocketServerHandshakerFactory(
                  "ws://" + request.headers().get("host", "localhost") + request.uri(),
                  null,
                  false,
                  MAX_MESSAGE)
              .newHandshaker(request);
      if (handshaker == null) {
        WebSocketServerHandshakerFactory.sendUnsupportedVersionResponse(context.channel());
        return;
      }
      String hello = hello(request).toString();
      handshaker
          .handshake(context.channel(), request)
          .addListener(
              done -> {
                if (done.isSuccess()) {
                  webSockets.add(context.channel());
                  context.channel().writeAndFlush(new TextWebSocketFrame(hello));
                }
              });
      context.pipeline().replace(this, "echo", new Echo(handshaker));
    }

    private ObjectNode hello(FullHttpRequest request) {
      ObjectNode hello = JSON.objectNode().put("backend", name).put("uri", request.uri());
      String id = request.headers().get("x-request-id");
      return id == null ? hello : hello.put("requestId", id);
    }

    private void answer(ChannelHandlerContext context, FullHttpRequest request) {
      int query = request.uri().indexOf('?');
      String path = query < 0 ? request.uri() : request.uri().substring(0, query);
      CompletionStage<Page> page = pages.get(path);
      boolean keepAlive = HttpUtil.isKeepAlive(request);
      if (page == null) {
        write(context, new Page("application/json", received(request)), keepAlive);
      } else {
        page.thenAccept(made -> write(context, made, keepAlive));
      }
    }

    private void write(ChannelHandlerContext context, Page body, boolean keepAlive) {
      FullHttpResponse response =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              HttpResponseStatus.OK,
              Unpooled.copiedBuffer(body.body(), StandardCharsets.UTF_8));
      response
          .headers()
          .set(HttpHeaderNames.CONTENT_TYPE, body.contentType() + "; charset=utf-8")
          .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
          .set(
              "content-security-policy",
              "default-src 'self' 'unsafe-inline' data:; connect-src 'self' ws: wss:")
          .set("x-backend", name)
          .setInt(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
      HttpUtil.setKeepAlive(response, keepAlive);
      ChannelFuture written = context.writeAndFlush(response);
      if (!keepAlive) {
        written.addListener(ChannelFutureListener.CLOSE);
      }
    }

    /** What came in, so that everybody can see what the proxy made of a request. */
    private String received(FullHttpRequest request) {
      ObjectNode received =
          hello(request).put("method", request.method().name()).put("version", "HTTP/1.1");
      ObjectNode headers = received.putObject("headers");
      request
          .headers()
          .forEach(
              header -> headers.put(header.getKey().toLowerCase(Locale.ROOT), header.getValue()));
      received.put("body", request.content().toString(StandardCharsets.UTF_8));
      return received.toPrettyString() + "\n";
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }

  private static final class Echo extends SimpleChannelInboundHandler<WebSocketFrame> {
    private final WebSocketServerHandshaker handshaker;

    Echo(WebSocketServerHandshaker handshaker) {
      this.handshaker = handshaker;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
      switch (frame) {
        case CloseWebSocketFrame close -> handshaker.close(context, close.retain());
        case PingWebSocketFrame ping ->
            context.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
        case PongWebSocketFrame _ -> {}
        default -> context.writeAndFlush(frame.retain());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
