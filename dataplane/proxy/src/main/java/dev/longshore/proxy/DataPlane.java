package dev.longshore.proxy;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.Settings.ProcessDrain;
import dev.longshore.proxy.dial.Dialer;
import dev.longshore.proxy.dial.IdleConnections;
import dev.longshore.proxy.handshake.Handshakes;
import dev.longshore.proxy.http.Front;
import dev.longshore.proxy.listen.Listeners;
import dev.longshore.proxy.listen.SocketTransport;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.subscribe.ApplyResult;
import dev.longshore.proxy.subscribe.SnapshotHolder;
import dev.longshore.proxy.tunnel.TunnelObserver;
import dev.longshore.proxy.tunnel.Tunnels;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running proxy: listeners, routing, tunnels and the admin servers behind one door. All methods
 * may be called from any thread except an event loop.
 */
public final class DataPlane implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DataPlane.class);

  private final DataPlaneOptions options;
  private final SnapshotHolder snapshots = new SnapshotHolder();
  private final Tunnels tunnels = new Tunnels(TunnelObserver.NONE);
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private @Nullable Running running;
  private @Nullable Shutdown shutdown;

  /** Prepares a data plane; nothing is bound before {@link #start()}. */
  public DataPlane(DataPlaneOptions options) {
    this.options = options;
  }

  /**
   * Binds every address and serves. Until a snapshot is applied readiness fails and requests get
   * 503.
   *
   * @throws IOException if an address can't be bound or the transport is not there; the message
   *     says which and why, and nothing stays bound
   * @throws IllegalStateException if it was started before
   */
  public synchronized void start() throws IOException {
    if (running != null || ended.isDone()) {
      throw new IllegalStateException("a data plane is started once");
    }
    SocketTransport transport = transport();
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            options.threads(), new DefaultThreadFactory("longshore"), transport.loops());
    Map<EventLoop, Front> fronts = new LinkedHashMap<>();
    for (EventExecutor executor : loops) {
      EventLoop loop = (EventLoop) executor;
      fronts.put(loop, front(loop, transport));
    }
    try {
      Listeners listeners = Listeners.bind(options.http(), transport, loops, Map.copyOf(fronts));
      running = new Running(loops, Map.copyOf(fronts), listeners, listeners.addresses());
    } catch (IOException e) {
      stop(loops);
      throw e;
    }
    LOG.info(
        "listening on {} with {} threads by {}", boundHttp(), options.threads(), transport.name());
  }

  private Front front(EventLoop loop, SocketTransport transport) {
    DeadlineSweep deadlines = new DeadlineSweep(loop);
    return new Front(
        snapshots,
        deadlines,
        new Dialer(loop, transport.sockets()),
        new IdleConnections(deadlines),
        new Handshakes(tunnels));
  }

  private SocketTransport transport() throws IOException {
    return switch (options.transport()) {
      case AUTO -> SocketTransport.best();
      case EPOLL -> SocketTransport.epoll();
      case IO_URING -> SocketTransport.ioUring();
      case NIO -> SocketTransport.nio();
    };
  }

  /**
   * Replaces the routing. Open tunnels and running requests go on under the rule that admitted
   * them.
   *
   * @return what is wrong with the snapshot, each error naming its entry; empty: it is applied. A
   *     snapshot with an error is rejected whole, and the old one stays
   */
  public List<String> apply(RoutingSnapshot snapshot) {
    return switch (snapshots.apply(snapshot)) {
      case ApplyResult.Rejected rejected ->
          rejected.errors().stream().map(Object::toString).toList();
      case ApplyResult.Applied _, ApplyResult.Unchanged _ -> List.of();
    };
  }

  /** Addresses of the HTTP listeners in the order of the options, with the ports picked. */
  public synchronized List<InetSocketAddress> boundHttp() {
    Running current = running;
    if (current == null) {
      throw new IllegalStateException("not started");
    }
    return current.addresses;
  }

  /** Address of the metrics server, with the port picked. */
  public InetSocketAddress boundMetrics() {
    return options.metrics();
  }

  /** Address of the admin server, with the port picked. */
  public InetSocketAddress boundAdmin() {
    return options.admin();
  }

  /**
   * Goes away politely, as {@code Settings.processDrain} says: readiness fails, after the delay the
   * listeners stop, requests finish, tunnels are closed spread over the window, and at the deadline
   * whatever is left is cut. A second call hurries: no delay, no window.
   *
   * @return completes when nothing is open any more; the same future for every call
   */
  public synchronized CompletableFuture<Void> shutdown() {
    Running current = running;
    if (current == null) {
      ended.complete(null);
      return ended;
    }
    Shutdown present = shutdown;
    if (present != null) {
      present.hurry();
      return ended;
    }
    ProcessDrain drain = snapshots.current().settings().processDrain();
    Shutdown started =
        new Shutdown(current.listeners, List.copyOf(current.fronts.entrySet()), tunnels, drain);
    shutdown = started;
    Thread.ofPlatform()
        .name("longshore-shutdown")
        .start(
            () -> {
              started.run();
              stop(current.loops);
              ended.complete(null);
            });
    return ended;
  }

  /** Ends at once, cutting what is open, and waits until nothing runs any more. */
  @Override
  public void close() {
    Running current;
    synchronized (this) {
      current = running;
      if (current != null) {
        current.listeners.close();
      }
    }
    if (current != null) {
      stop(current.loops);
    }
    ended.complete(null);
  }

  /** Closes every channel of the loops, and ends their threads. */
  private static void stop(EventLoopGroup loops) {
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private record Running(
      EventLoopGroup loops,
      Map<EventLoop, Front> fronts,
      Listeners listeners,
      List<InetSocketAddress> addresses) {}
}
