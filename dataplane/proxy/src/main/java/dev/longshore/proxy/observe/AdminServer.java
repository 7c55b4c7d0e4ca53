package dev.longshore.proxy.observe;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The HTTP servers for people and machines that watch a data plane: plain GET of a few pages. Pages
 * are made on a thread of their own, apart from the event loops of the data plane and from the one
 * that answers liveness and readiness: a slow scrape neither stalls traffic nor has the pod
 * restarted.
 */
public final class AdminServer implements AutoCloseable {
  private static final int MAX_REQUEST_BODY = 1024;
  private static final int IDLE_SECONDS = 60;
  private static final int WAITING_PAGES = 64;

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("longshore-admin", true), NioIoHandler.newFactory());
  private final ExecutorService pageMaker =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(WAITING_PAGES),
          new DefaultThreadFactory("longshore-admin-pages", true));
  private final Health health;
  private final List<Channel> listeners = new ArrayList<>();

  /** Prepares a server that answers {@code /livez} and {@code /readyz} by {@code health}. */
  public AdminServer(Health health) {
    this.health = health;
  }

  /** A live set of pages by path: those added while a server runs are served at once. */
  public static Map<String, AdminPage> pages() {
    return new ConcurrentHashMap<>();
  }

  /**
   * Serves {@code pages}, and liveness and readiness, at an address. May be called for several.
   *
   * @param pages by path such as {@code /metrics}; may change later when it is concurrent
   * @return the address with the port picked
   * @throws IOException if it can't be bound; the message says which address and why
   */
  public InetSocketAddress listen(InetSocketAddress address, Map<String, AdminPage> pages)
      throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    channel
                        .pipeline()
                        .addLast(new ReadTimeoutHandler(IDLE_SECONDS))
                        .addLast(new HttpServerCodec())
                        .addLast(new HttpObjectAggregator(MAX_REQUEST_BODY))
                        .addLast(new AdminHandler(health, pages, pageMaker));
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

  @Override
  public void close() {
    listeners.forEach(listener -> listener.close().syncUninterruptibly());
    pageMaker.shutdownNow();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
