package dev.longshore.process.admin;

import dev.longshore.contract.HardLimits;
import dev.longshore.process.watch.Part;
import dev.longshore.process.watch.Watch;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The HTTP servers for people and machines that watch a process: plain GET of a few pages. Pages
 * are made on a thread of their own, apart from the one that answers liveness and readiness, and
 * from everything else: a slow scrape neither stalls traffic nor has the pod restarted.
 *
 * <p>Whoever connects may be hostile. What a connection can have the process hold is bounded by
 * {@link HardLimits}: one request at a time, of so many connections, each state of which has its
 * time.
 */
public final class AdminServer implements AutoCloseable {
  private static final int MAX_REQUEST_LINE = 4096;
  private static final int MAX_HEADERS = 16 << 10;
  private static final int MAX_REQUEST_BODY = 1024;

  /** At a time from the socket, and so what of requests behind another can wait decoded. */
  private static final int READ_BYTES = 2048;

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("longshore-admin", true), NioIoHandler.newFactory());
  private final AdminConnections connections = new AdminConnections();
  private final Probes probes;
  private final PageMaker pageMaker;
  private final List<Channel> listeners = new ArrayList<>();

  /**
   * Prepares a server that answers {@code /livez} and {@code /readyz} by {@code probes}.
   *
   * @param watch gets the server as a part
   */
  public AdminServer(Probes probes, Watch watch) {
    this.probes = probes;
    Part part = watch.part("admin");
    part.beats(group.next());
    this.pageMaker = new PageMaker(part);
  }

  /** A live set of pages by path: those added while a server runs are served at once. */
  public static Map<String, AdminPage> pages() {
    return new ConcurrentHashMap<>();
  }

  /** Counts what is refused. */
  public void bindTo(MeterRegistry registry) {
    connections.bindTo(registry);
  }

  /**
   * Serves {@code pages}, and liveness and readiness, at an address. May be called for several.
   *
   * @param pages by path such as {@code /metrics}; may change later when it is concurrent
   * @param hosts by what names it may be asked
   * @return the address with the port picked
   * @throws IOException if it can't be bound; the message says which address and why
   */
  public InetSocketAddress listen(
      InetSocketAddress address, Map<String, AdminPage> pages, Hosts hosts) throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(
                ChannelOption.RECVBUF_ALLOCATOR,
                new FixedRecvByteBufAllocator(READ_BYTES).maxMessagesPerRead(1))
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            new HttpServerCodec(
                                new HttpDecoderConfig()
                                    .setMaxInitialLineLength(MAX_REQUEST_LINE)
                                    .setMaxHeaderSize(MAX_HEADERS)),
                            new HttpObjectAggregator(MAX_REQUEST_BODY),
                            new AdminConnection(probes, pages, pageMaker, connections, hosts));
                  }
                })
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "cannot listen on " + address + ": " + bound.cause().getMessage(), bound.cause());
    }
    listeners.add(bound.channel());
    return (InetSocketAddress) bound.channel().localAddress();
  }

  /** Ends it; nothing happens the second time. */
  @Override
  public void close() {
    listeners.forEach(listener -> listener.close().syncUninterruptibly());
    // By then its event loop takes no more.
    listeners.clear();
    pageMaker.close();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
