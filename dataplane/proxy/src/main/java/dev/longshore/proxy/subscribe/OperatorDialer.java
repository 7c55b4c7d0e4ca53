package dev.longshore.proxy.subscribe;

import dev.longshore.contract.Secret;
import dev.longshore.contract.push.PushProtocol;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens channels to operator replicas: TCP, TLS with the server's name verified, and the WebSocket
 * handshake that presents the token. CA and token are read for each, off the event loop.
 */
final class OperatorDialer {
  private static final Logger LOG = LoggerFactory.getLogger(OperatorDialer.class);

  /** Pieces of a message that are kept as they came; more are copied together. */
  private static final int MAX_PIECES = 1 << 14;

  private static final int MAX_REFUSAL_BYTES = 16 * 1024;

  private final EventLoop loop;
  private final String host;
  private final int port;
  private final TrustedCa ca;
  private final TokenFile token;
  private final Timing timing;

  OperatorDialer(EventLoop loop, SubscriptionOptions options, Timing timing) {
    this.loop = loop;
    this.host = options.host();
    this.port = options.port();
    this.ca = new TrustedCa(options.ca());
    this.token = new TokenFile(options.token());
    this.timing = timing;
  }

  /**
   * Opens a channel on which {@code last} hears of the handshake's end, the messages, and whatever
   * goes wrong from then on.
   *
   * @return completes on the event loop once TCP is connected, or fails because a file can't be
   *     used or nobody answers
   */
  Promise<SocketChannel> dial(InetSocketAddress address, ChannelHandler last) {
    Promise<SocketChannel> dialled = loop.newPromise();
    Thread.ofVirtual()
        .name("longshore-push-files")
        .start(
            () -> {
              try {
                SslContext tls = ca.context();
                Secret bearer = token.read();
                loop.execute(() -> connect(address, tls, bearer, last, dialled));
              } catch (RejectedExecutionException e) {
                LOG.debug("closed while {} was dialled", address);
              } catch (IOException | RuntimeException | Error e) {
                fail(dialled, e);
              }
            });
    return dialled;
  }

  private void fail(Promise<SocketChannel> dialled, Throwable cause) {
    try {
      loop.execute(() -> dialled.tryFailure(cause));
    } catch (RejectedExecutionException e) {
      LOG.debug("closed while a replica was dialled", cause);
    }
  }

  private void connect(
      InetSocketAddress address,
      SslContext tls,
      Secret bearer,
      ChannelHandler last,
      Promise<SocketChannel> dialled) {
    ChannelFuture connecting =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(millis()))
            .option(ChannelOption.SO_KEEPALIVE, true)
            .handler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel socket) {
                    install(socket, tls, bearer, last);
                  }
                })
            .connect(address);
    connecting.addListener(
        done -> {
          if (done.isSuccess()) {
            dialled.trySuccess((SocketChannel) connecting.channel());
          } else {
            dialled.tryFailure(done.cause());
          }
        });
  }

  private void install(SocketChannel socket, SslContext tls, Secret bearer, ChannelHandler last) {
    SslHandler secure = tls.newHandler(socket.alloc(), host, port);
    secure.setHandshakeTimeoutMillis(millis());
    HttpHeaders headers =
        new DefaultHttpHeaders().set(HttpHeaderNames.AUTHORIZATION, "Bearer " + bearer.reveal());
    WebSocketClientProtocolConfig handshake =
        WebSocketClientProtocolConfig.newBuilder()
            .webSocketUri(uri())
            .version(WebSocketVersion.V13)
            .customHeaders(headers)
            .generateOriginHeader(false)
            .subprotocol(PushProtocol.SUBPROTOCOL)
            .maxFramePayloadLength(PushProtocol.MAX_FRAME_BYTES)
            .handshakeTimeoutMillis(millis())
            // Whoever reads the JSON notices.
            .withUTF8Validator(false)
            // What a Close says belongs into the log.
            .handleCloseFrames(false)
            .build();
    WebSocketFrameAggregator messages =
        new WebSocketFrameAggregator(Math.toIntExact(PushProtocol.MAX_OPERATOR_MESSAGE_BYTES));
    messages.setMaxCumulationBufferComponents(MAX_PIECES);
    socket
        .pipeline()
        .addLast(new IdleStateHandler(timing.silence().toMillis(), 0, 0, TimeUnit.MILLISECONDS))
        .addLast(secure)
        .addLast(new HttpClientCodec())
        .addLast(new HttpObjectAggregator(MAX_REFUSAL_BYTES))
        .addLast(new WebSocketClientProtocolHandler(handshake))
        .addLast(messages)
        .addLast(last);
  }

  private URI uri() {
    String name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    return URI.create("wss://" + name + ":" + port + PushProtocol.PATH);
  }

  private long millis() {
    return timing.connect().toMillis();
  }
}
