package dev.longshore.operator.push;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.push.Goodbye;
import dev.longshore.operator.push.PushMetrics.Refused;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Ticker;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets up a connection: TLS, one HTTP request, the gate; and sees to it that within a while it has
 * said hello or is closed, and that only so many are at that point ({@link WaitingRoom}).
 */
final class PushInitializer extends ChannelInitializer<SocketChannel> {
  private static final Logger log = LoggerFactory.getLogger(PushInitializer.class);
  private static final int MAX_REQUEST_LINE = 4096;
  private static final int MAX_HEADERS = 32 << 10;
  private static final int MAX_BODY = 1024;

  private final PushServerOptions options;
  private final TlsContexts tls;
  private final TokenReviewer reviewer;
  private final Coordinator coordinator;
  private final PushMetrics metrics;
  private final Ticker ticker;
  private final ChannelGroup channels;
  private final WaitingRoom<SocketChannel> room;

  PushInitializer(
      PushServerOptions options,
      TlsContexts tls,
      TokenReviewer reviewer,
      Coordinator coordinator,
      PushMetrics metrics,
      ChannelGroup channels,
      Ticker ticker) {
    this.ticker = ticker;
    this.options = options;
    this.room = new WaitingRoom<>(options.maxPending(), HardLimits.PUSH_PENDING_PER_ADDRESS);
    this.tls = tls;
    this.reviewer = reviewer;
    this.coordinator = coordinator;
    this.metrics = metrics;
    this.channels = channels;
  }

  @Override
  protected void initChannel(SocketChannel channel) throws SSLException {
    SslContext context = tls.newest();
    if (context == null) {
      metrics.refused(Refused.NO_CERTIFICATE);
      channel.close();
      return;
    }
    InetSocketAddress peer = channel.remoteAddress();
    if (peer == null) {
      channel.close(); // gone already
      return;
    }
    SocketChannel displaced = room.enter(channel, peer.getAddress());
    if (displaced != null) {
      metrics.refused(Refused.TOO_MANY);
      displaced.close();
      if (displaced == channel) {
        return;
      }
    }
    channels.add(channel);
    Entrance entrance = new Entrance(channel);
    SslHandler ssl = context.newHandler(channel.alloc());
    ssl.setHandshakeTimeoutMillis(options.helloTimeout().toMillis());
    channel
        .pipeline()
        .addLast(
            new StrangerBytes(HardLimits.PUSH_STRANGER_BYTES, metrics),
            ssl,
            new HttpServerCodec(
                new HttpDecoderConfig()
                    .setMaxInitialLineLength(MAX_REQUEST_LINE)
                    .setMaxHeaderSize(MAX_HEADERS)),
            new HttpObjectAggregator(MAX_BODY),
            new UpgradeGate(
                reviewer,
                metrics,
                caller -> {
                  room.known(channel);
                  channel.pipeline().remove(StrangerBytes.class);
                  return new PushChannel(channel, caller, coordinator, ticker, entrance::leave);
                }));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    log.warn("a connection to the push server could not be set up", cause);
    context.close();
  }

  /** The time between a connection's begin and its hello. */
  private final class Entrance {
    private final SocketChannel channel;
    private boolean left;

    Entrance(SocketChannel channel) {
      this.channel = channel;
      Duration limit = options.helloTimeout();
      var deadline =
          channel
              .eventLoop()
              .schedule(
                  () -> {
                    if (!left) {
                      metrics.refused(Refused.TIMEOUT);
                      late();
                    }
                  },
                  limit.toMillis(),
                  TimeUnit.MILLISECONDS);
      channel
          .closeFuture()
          .addListener(
              closed -> {
                deadline.cancel(false);
                leave();
              });
    }

    private void late() {
      PushChannel upgraded = channel.pipeline().get(PushChannel.class);
      if (upgraded == null) {
        channel.close();
      } else {
        upgraded.goodbye(new Goodbye(Goodbye.Reason.NO_HELLO, "no hello came in time"));
      }
    }

    /** On the event loop; only the first time counts. */
    void leave() {
      if (!left) {
        left = true;
        room.leave(channel);
      }
    }
  }
}
