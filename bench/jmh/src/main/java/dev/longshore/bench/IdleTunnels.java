package dev.longshore.bench;

import dev.longshore.contract.LocationRule;
import dev.longshore.contract.Matches;
import dev.longshore.contract.PathType;
import dev.longshore.contract.RuleAction;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.RuleSource;
import dev.longshore.contract.policy.Ping;
import dev.longshore.contract.policy.Ping.Towards;
import dev.longshore.contract.policy.Policy;
import dev.longshore.proxy.tunnel.EndpointLease;
import dev.longshore.proxy.tunnel.SocketCarrier;
import dev.longshore.proxy.tunnel.TunnelContext;
import dev.longshore.proxy.tunnel.TunnelObserver;
import dev.longshore.proxy.tunnel.TunnelTerms;
import dev.longshore.proxy.tunnel.Tunnels;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.util.concurrent.Ticker;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What idle tunnels cost: the processor time of one event loop that does nothing but hold them,
 * without Pings and with one to each client every 30 s, which is answered. Channels are Netty's
 * local ones, because 50,000 tunnels are 200,000 descriptors in one process; so what the kernel
 * does for a Ping and a Pong is not in it.
 *
 * <p>Arguments: number of tunnels (50000), seconds to measure (60).
 */
public final class IdleTunnels {
  private static final Duration PING_INTERVAL = Duration.ofSeconds(30);
  private static final int BATCH = 500;
  private static final int FIN_AND_PONG = 0x8a;
  private static final int MASKED = 0x80;
  private static final AtomicLong CONNECTIONS = new AtomicLong();

  private static final EndpointLease HOLD =
      new EndpointLease() {
        @Override
        public InetSocketAddress socketAddress() {
          return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        }

        @Override
        public Object group() {
          return this;
        }

        @Override
        public boolean draining() {
          return false;
        }

        @Override
        public void release() {}
      };

  private IdleTunnels() {}

  /** Measures and prints. */
  public static void main(String[] args) throws Exception {
    int count = args.length > 0 ? Integer.parseInt(args[0]) : 50_000;
    Duration measured = Duration.ofSeconds(args.length > 1 ? Long.parseLong(args[1]) : 60);
    measure("without Pings", count, measured, Ping.NONE);
    measure(
        "a Ping to each client every " + PING_INTERVAL.toSeconds() + " s",
        count,
        measured,
        new Ping(PING_INTERVAL, Duration.ofSeconds(10), Towards.CLIENT));
  }

  private static void measure(String what, int count, Duration measured, Ping ping)
      throws Exception {
    EventLoopGroup proxy = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
    EventLoopGroup peers = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
    Tunnels tunnels = new Tunnels(TunnelObserver.NONE, Ticker.systemTicker());
    LocalAddress address = new LocalAddress(IdleTunnels.class);
    new ServerBootstrap()
        .group(peers)
        .channel(LocalServerChannel.class)
        .childHandler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new Answering());
              }
            })
        .bind(address)
        .sync();
    TunnelContext context = context(ping);
    long thread = proxy.submit(() -> Thread.currentThread().threadId()).get();
    for (int opened = 0; opened < count; opened += BATCH) {
      for (int i = 0; i < Math.min(BATCH, count - opened); i++) {
        open(proxy, address, tunnels, context);
      }
      // As clients come, not all in one tick.
      Thread.sleep(Math.max(1, 10_000L * BATCH / count));
    }
    Thread.sleep(PING_INTERVAL.plusSeconds(5));
    long pings = tunnels.pingsToClients();
    long cpu = ManagementFactory.getThreadMXBean().getThreadCpuTime(thread);
    long start = System.nanoTime();
    Thread.sleep(measured);
    long spent = ManagementFactory.getThreadMXBean().getThreadCpuTime(thread) - cpu;
    long passed = System.nanoTime() - start;
    System.out.printf(
        "%d tunnels, %s: %.2f %% of a core, %d Pings/s%n",
        tunnels.open(),
        what,
        100.0 * spent / passed,
        TimeUnit.SECONDS.toNanos(tunnels.pingsToClients() - pings) / passed);
    proxy.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    peers.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  private static void open(
      EventLoopGroup group, LocalAddress address, Tunnels tunnels, TunnelContext context)
      throws InterruptedException {
    Channel client = connect(group, address);
    Channel upstream = connect(group, address);
    client
        .eventLoop()
        .submit(
            () -> {
              client.pipeline().removeFirst();
              upstream.pipeline().removeFirst();
              tunnels.establish(
                  new SocketCarrier(client),
                  new SocketCarrier(upstream),
                  context,
                  Unpooled.EMPTY_BUFFER,
                  Unpooled.EMPTY_BUFFER);
            })
        .sync();
  }

  private static Channel connect(EventLoopGroup group, LocalAddress address)
      throws InterruptedException {
    return new Bootstrap()
        .group(group)
        .channel(LocalChannel.class)
        .option(ChannelOption.AUTO_READ, false)
        .handler(new ChannelInboundHandlerAdapter())
        // By itself a channel takes its hash for an address, and 100,000 of these are not all
        // different.
        .connect(address, new LocalAddress("connection-" + CONNECTIONS.getAndIncrement()))
        .sync()
        .channel();
  }

  private static TunnelContext context(Ping ping) {
    return new TunnelContext(
        "192.0.2.1",
        "request",
        "chat.example.com",
        "/websocket",
        new LocationRule(
            new RuleKey("chat.example.com", PathType.PREFIX, "/", Matches.NONE),
            new RuleSource("WebSocketRoute", "bench", "chat", 0, "socket", 0),
            new RuleAction.Forward(List.of(), RuleAction.Rewrite.NONE, "policy")),
        TunnelTerms.of(Policy.DEFAULT.with(ping)),
        HOLD,
        null,
        false,
        null,
        "HTTP/1.1",
        List.of());
  }

  /** Answers each Ping, which comes as a buffer of its own: 2 bytes of header, then the nonce. */
  private static final class Answering extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf ping = (ByteBuf) message;
      int length = ping.readableBytes() - 2;
      ByteBuf pong =
          ctx.alloc()
              .buffer(6 + length)
              .writeByte(FIN_AND_PONG)
              .writeByte(MASKED | length)
              .writeInt(0)
              .writeBytes(ping, ping.readerIndex() + 2, length);
      ping.release();
      ctx.writeAndFlush(pong, ctx.voidPromise());
    }
  }
}
