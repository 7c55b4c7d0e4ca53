package dev.longshore.proxy;

import dev.longshore.contract.HardLimits;
import dev.longshore.process.watch.Watch;
import dev.longshore.proxy.basic.PasswordChecks;
import dev.longshore.proxy.dial.Dialer;
import dev.longshore.proxy.dial.IdleConnections;
import dev.longshore.proxy.dial.PooledUpstreams;
import dev.longshore.proxy.dial.UpstreamsByWire;
import dev.longshore.proxy.dial.http2.SharedMeters;
import dev.longshore.proxy.dial.http2.SharedUpstreams;
import dev.longshore.proxy.extauth.AuthCalls;
import dev.longshore.proxy.extauth.AuthMeters;
import dev.longshore.proxy.handshake.Handshakes;
import dev.longshore.proxy.health.ProbeLoop;
import dev.longshore.proxy.http.LoopContext;
import dev.longshore.proxy.http.RequestRecorder;
import dev.longshore.proxy.limit.Limiter;
import dev.longshore.proxy.listen.SocketTransport;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.memory.HeadMemory;
import dev.longshore.proxy.memory.Holder;
import dev.longshore.proxy.memory.LoopHolders;
import dev.longshore.proxy.observe.Metrics;
import dev.longshore.proxy.table.RoutingState;
import dev.longshore.proxy.tunnel.Tunnels;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The event loops of a data plane, and what each has for itself. */
final class EventLoops {
  private static final long QUIET_MILLIS = 100;
  private static final long STOP_MILLIS = 5_000;

  private final SocketTransport transport;
  private final Tunnels tunnels;
  private final Ticker ticker;
  private final EventLoopGroup group;
  private final int count;
  private Map<EventLoop, LoopContext> contexts = Map.of();

  /** Starts no thread before something is to be done. */
  EventLoops(int count, SocketTransport transport, Tunnels tunnels, Ticker ticker) {
    this.ticker = ticker;
    this.count = count;
    this.transport = transport;
    this.tunnels = tunnels;
    this.group =
        new MultiThreadIoEventLoopGroup(
            count, new DefaultThreadFactory("longshore"), transport.loops());
  }

  /**
   * Gives each loop what it serves connections with. Once, before anything is served.
   *
   * @return what probes on each
   */
  List<ProbeLoop> equip(
      Watch watch,
      Metrics metrics,
      Supplier<RoutingState> routing,
      Limiter limiter,
      RequestRecorder recorder,
      HeadMemory heads,
      SharedMeters http2,
      AuthMeters auth,
      PasswordChecks passwords) {
    Map<EventLoop, LoopContext> equipped = new HashMap<>();
    List<ProbeLoop> probes = new ArrayList<>();
    int idle = Math.max(1, HardLimits.IDLE_UPSTREAM_CONNECTIONS / count);
    int cached = HardLimits.EXTERNAL_AUTH_CACHED / count;
    for (EventExecutor executor : group) {
      EventLoop loop = (EventLoop) executor;
      DeadlineSweep deadlines = new DeadlineSweep(loop, watch.part("deadlines"), ticker);
      watch.part("event-loops").beats(loop);
      watch.part("tunnels").beats(task -> tunnels.atTick(loop, task));
      Dialer dialer = new Dialer(loop, transport.sockets());
      probes.add(new ProbeLoop(loop, dialer, deadlines, metrics, watch.part("probes"), ticker));
      equipped.put(
          loop,
          new LoopContext(
              routing,
              deadlines,
              new UpstreamsByWire(
                  new PooledUpstreams(dialer, new IdleConnections(deadlines, idle)),
                  new SharedUpstreams(dialer, deadlines, http2, idle)),
              new Handshakes(tunnels),
              tunnels.calls(loop),
              limiter,
              new AuthCalls(routing, dialer, deadlines, auth, cached),
              passwords,
              recorder,
              heads));
    }
    contexts = Map.copyOf(equipped);
    return probes;
  }

  /** All of them, to spread connections over. */
  EventLoopGroup group() {
    return group;
  }

  /** What each serves connections with. */
  Map<EventLoop, LoopContext> contexts() {
    return contexts;
  }

  /** Everybody for whom buffers are held, by event loop. */
  List<LoopHolders> holders() {
    List<LoopHolders> holders = new ArrayList<>();
    contexts.forEach((loop, context) -> holders.add(new Holders(loop, context, tunnels)));
    return holders;
  }

  /**
   * Closes every channel of the loops, and ends their threads. A loop closes its channels itself
   * only if it happens to be asleep when it is told to end without a quiet period: so what speaks
   * HTTP is closed before, and tunnels get the quiet period.
   */
  void stop() {
    contexts.forEach(
        (loop, context) -> {
          if (!loop.isShuttingDown()) {
            loop.submit(context::closeAll).awaitUninterruptibly();
          }
        });
    long quietMillis = tunnels.open() > 0 ? QUIET_MILLIS : 0;
    group
        .shutdownGracefully(quietMillis, STOP_MILLIS, TimeUnit.MILLISECONDS)
        .awaitUninterruptibly();
  }

  private record Holders(EventLoop loop, LoopContext context, Tunnels tunnels)
      implements LoopHolders {
    @Override
    public void forEach(Consumer<Holder> consumer) {
      context.forEachHolder(consumer);
      tunnels.forEach(loop, consumer);
    }
  }
}
