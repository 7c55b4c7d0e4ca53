package dev.longshore.proxy.tunnel;

import static org.awaitility.Awaitility.await;

import dev.longshore.contract.LocationRule;
import dev.longshore.contract.Matches;
import dev.longshore.contract.PathType;
import dev.longshore.contract.RuleAction;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.RuleSource;
import dev.longshore.contract.policy.Closing;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.policy.Timeouts;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.Patience;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Tunnels between plain sockets that a test holds both ends of, without any HTTP. */
public final class TunnelFixture implements AutoCloseable {
  public final List<Tunnel> ended = new CopyOnWriteArrayList<>();
  public final Tunnels tunnels;
  final AtomicInteger released = new AtomicInteger();

  private final boolean epoll = Epoll.isAvailable();
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          1, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
  private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
  private final Channel listener;
  private final ServerSocket upstreams;

  public TunnelFixture() throws IOException {
    this(TunnelObserver.NONE);
  }

  public TunnelFixture(TunnelObserver observer) throws IOException {
    this(observer, ByteBufAllocator.DEFAULT);
  }

  /** By a clock of the test's, at which the loop looks ten times a second. */
  public TunnelFixture(Ticker ticker) throws IOException {
    this(TunnelObserver.NONE, ByteBufAllocator.DEFAULT, ticker);
  }

  TunnelFixture(TunnelObserver observer, ByteBufAllocator allocator) throws IOException {
    this(observer, allocator, Ticker.systemTicker());
  }

  private TunnelFixture(TunnelObserver observer, ByteBufAllocator allocator, Ticker ticker)
      throws IOException {
    tunnels =
        new Tunnels(
            new TunnelObserver() {
              @Override
              public void ended(Tunnel tunnel) {
                ended.add(tunnel);
                observer.ended(tunnel);
              }

              @Override
              public void fault(String what, Throwable cause) {
                observer.fault(what, cause);
              }
            },
            allocator,
            ticker);
    InetAddress loopback = InetAddress.getLoopbackAddress();
    upstreams = new ServerSocket(0, 100, loopback);
    listener =
        new ServerBootstrap()
            .group(group)
            .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    accepted.add(channel);
                  }
                })
            .bind(new InetSocketAddress(loopback, 0))
            .syncUninterruptibly()
            .channel();
  }

  /** The loop that all tunnels are on. */
  EventLoop loop() {
    return (EventLoop) group.iterator().next();
  }

  /** Waits until the loop has done what it is at. */
  void awaitLoop() throws InterruptedException {
    loop().submit(() -> {}).sync();
  }

  /** Both ends of an open tunnel. */
  public record Ends(Socket client, Socket upstream) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      client.close();
      upstream.close();
    }
  }

  public Ends open() throws Exception {
    return open(Policy.DEFAULT);
  }

  public Ends open(Timeouts timeouts, Closing closing) throws Exception {
    return open(new TestPolicy().with(timeouts).with(closing).build());
  }

  public Ends open(Policy policy) throws Exception {
    return open(context(policy));
  }

  public Ends open(TunnelContext context) throws Exception {
    InetSocketAddress address = (InetSocketAddress) listener.localAddress();
    Socket client = new Socket(address.getAddress(), address.getPort());
    Channel clientChannel = accepted.poll(60, TimeUnit.SECONDS);
    if (clientChannel == null) {
      throw new IllegalStateException("nothing was accepted");
    }
    Channel upstreamChannel =
        new Bootstrap()
            .group(clientChannel.eventLoop())
            .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
            .option(ChannelOption.AUTO_READ, false)
            .handler(new ChannelInboundHandlerAdapter())
            .connect(upstreams.getLocalSocketAddress())
            .syncUninterruptibly()
            .channel();
    Socket upstream = upstreams.accept();
    client.setSoTimeout((int) Patience.MOST.toMillis());
    upstream.setSoTimeout((int) Patience.MOST.toMillis());
    CompletableFuture.runAsync(
            () -> {
              upstreamChannel.pipeline().removeFirst();
              tunnels.establish(
                  new SocketCarrier(clientChannel),
                  new SocketCarrier(upstreamChannel),
                  context,
                  Unpooled.EMPTY_BUFFER,
                  Unpooled.EMPTY_BUFFER);
            },
            clientChannel.eventLoop())
        .get(60, TimeUnit.SECONDS);
    return new Ends(client, upstream);
  }

  TunnelContext context(Policy policy) {
    return context(policy, null, null);
  }

  public TunnelContext context(
      Policy policy, @Nullable String origin, @Nullable String subprotocol) {
    return context(
        policy,
        origin,
        subprotocol,
        hold(
            (InetSocketAddress) upstreams.getLocalSocketAddress(),
            this,
            released::incrementAndGet));
  }

  /** What a tunnel keeps that was dialled at an endpoint of a pool. */
  public TunnelContext contextAt(Policy policy, Object group) {
    return context(
        policy, hold((InetSocketAddress) upstreams.getLocalSocketAddress(), group, () -> {}));
  }

  /** A place at an endpoint that is not going away. */
  static EndpointLease hold(InetSocketAddress address, Object group, Runnable released) {
    return new EndpointLease() {
      @Override
      public InetSocketAddress socketAddress() {
        return address;
      }

      @Override
      public Object group() {
        return group;
      }

      @Override
      public boolean draining() {
        return false;
      }

      @Override
      public void release() {
        released.run();
      }
    };
  }

  /** What a tunnel of the policy keeps of its handshake. */
  static TunnelContext context(Policy policy, EndpointLease hold) {
    return context(policy, null, null, hold);
  }

  private static TunnelContext context(
      Policy policy, @Nullable String origin, @Nullable String subprotocol, EndpointLease hold) {
    return new TunnelContext(
        "192.0.2.1",
        "request-1",
        "chat.example.com",
        "/websocket",
        new LocationRule(
            new RuleKey("chat.example.com", PathType.PREFIX, "/", Matches.NONE),
            new RuleSource("WebSocketRoute", "demo", "chat", 0, "socket", 0),
            new RuleAction.Forward(List.of(), RuleAction.Rewrite.NONE, "policy")),
        TunnelTerms.of(policy),
        hold,
        origin,
        false,
        subprotocol,
        "HTTP/1.1",
        List.of());
  }

  /** Lets time pass by the clock of the test's, and the loop look at it. */
  public void pass(MockTicker clock, Duration time) throws InterruptedException {
    clock.advance(time.toNanos(), TimeUnit.NANOSECONDS);
    CountDownLatch looked = new CountDownLatch(1);
    tunnels.atTick(loop(), looked::countDown);
    if (!looked.await(Patience.MOST.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException("the loop doesn't look at its clock");
    }
  }

  /** Waits for the end of the only tunnel. */
  public Tunnel awaitEnd() {
    await().atMost(Duration.ofSeconds(20)).until(() -> !ended.isEmpty());
    return ended.getFirst();
  }

  @Override
  public void close() throws IOException {
    listener.close().syncUninterruptibly();
    upstreams.close();
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
