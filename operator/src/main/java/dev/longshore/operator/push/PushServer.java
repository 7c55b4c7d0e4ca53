package dev.longshore.operator.push;

import dev.longshore.contract.RuleKey;
import dev.longshore.contract.push.Fleet;
import dev.longshore.operator.pki.ServerIdentity;
import dev.longshore.operator.quarantine.HeldRule;
import dev.longshore.process.watch.Part;
import dev.longshore.process.watch.Watch;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server of the push channel: data planes connect to it by WebSocket over TLS, present a token,
 * and get every publication (docs/push-protocol.md). Methods may be called from any thread.
 */
public final class PushServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PushServer.class);
  private static final int THREADS = 2;
  private static final int LINGER_SECONDS = 3;

  private final PushServerOptions options;
  private final Coordinator coordinator;
  private final PushInitializer initializer;
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          THREADS, new DefaultThreadFactory("push", true), NioIoHandler.newFactory());
  private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private volatile @Nullable Channel listener;

  /**
   * Does not listen before {@link #start()}.
   *
   * @param identity the newest key and certificate, asked for at every connection; null: there is
   *     none yet, and connections are closed
   */
  public PushServer(
      PushServerOptions options,
      Supplier<? extends @Nullable ServerIdentity> identity,
      TokenReviewer reviewer,
      MeterRegistry registry) {
    this(options, identity, reviewer, registry, Ticker.systemTicker());
  }

  /** The same, with another clock by which data planes that said hello have their time. */
  PushServer(
      PushServerOptions options,
      Supplier<? extends @Nullable ServerIdentity> identity,
      TokenReviewer reviewer,
      MeterRegistry registry,
      Ticker ticker) {
    this.options = options;
    PushMetrics metrics = new PushMetrics(registry);
    coordinator = new Coordinator(options, metrics, Clock.systemUTC(), ticker);
    initializer =
        new PushInitializer(
            options, new TlsContexts(identity), reviewer, coordinator, metrics, channels, ticker);
  }

  /**
   * Listens.
   *
   * @throws IOException if the address can't be bound
   */
  public void start() throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childHandler(initializer)
            .bind(options.address())
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException("push server: can't listen on " + options.address(), bound.cause());
    }
    listener = bound.channel();
    log.info("push server listens on {}", bound.channel().localAddress());
  }

  /** Has the event loops, and the thread that all data planes depend on, answer from now on. */
  public void watch(Watch watch) {
    Part part = watch.part("push");
    for (EventExecutor loop : loops) {
      part.beats(loop);
    }
    coordinator.watch(watch);
  }

  /**
   * The address that it listens on.
   *
   * @throws IllegalStateException before {@link #start()}
   */
  public InetSocketAddress bound() {
    Channel listening = listener;
    if (listening == null) {
      throw new IllegalStateException("the push server is not started");
    }
    return (InetSocketAddress) listening.localAddress();
  }

  /**
   * Every data plane is to serve this, and whoever connects later too. Returns at once. A data
   * plane that has not answered yet gets it, or what is newest then, after its answer.
   */
  public void publish(Publication publication) {
    coordinator.publish(publication);
  }

  /**
   * So many data planes share what is limited over all of them; each that is configured by this
   * replica is told so. Returns at once.
   *
   * @param dataPlanes 1 to {@link Fleet#MAX}
   */
  public void fleet(int dataPlanes) {
    coordinator.fleet(dataPlanes);
  }

  /** Every connected data plane by its node. */
  public Map<String, DataPlaneState> dataPlanes() {
    return coordinator.dataPlanes();
  }

  /**
   * The rules that answer 503 because a data plane refused them, or something that they depend on.
   * What is published is served without them, by every data plane, until they are edited or the
   * data planes that refused them are gone for ten minutes. Also those that answer 503 only on a
   * connected data plane that lacks what they need.
   */
  public Map<RuleKey, HeldRule> held() {
    return coordinator.held();
  }

  /** Lets the listener hear of data planes from now on. */
  public void addListener(DataPlaneListener listener) {
    coordinator.addListener(listener);
  }

  /** Stops listening, says goodbye to every data plane, and waits a few seconds for theirs. */
  @Override
  public void close() {
    Channel listening = listener;
    if (listening != null) {
      listening.close().awaitUninterruptibly();
    }
    coordinator.close();
    channels.newCloseFuture().awaitUninterruptibly(LINGER_SECONDS, TimeUnit.SECONDS);
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
