package dev.longshore.proxy.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * All open tunnels of a data plane: where they begin, and what is known of them together. May be
 * used from any thread unless a method says otherwise.
 */
public final class Tunnels {
  private final TunnelObserver observer;
  private final Map<EventLoop, TunnelLoop> loops = new ConcurrentHashMap<>();
  private final AtomicInteger numbers = new AtomicInteger();
  private volatile @Nullable Expiry expiry;

  /** Tells {@code observer} of every tunnel's end. */
  public Tunnels(TunnelObserver observer) {
    this.observer = observer;
  }

  /**
   * Opens a tunnel after a verified 101: the 101 is written to the client, and both pipelines are
   * empty, all codecs gone. From here on both channels are the tunnel's, which closes them and
   * releases the endpoint once, at its end. Must be called on the event loop of both channels.
   *
   * @param fromClient what the client sent behind its handshake, perhaps empty; taken over
   * @param fromUpstream what the upstream sent behind its 101, perhaps empty; taken over
   * @throws IllegalArgumentException if the channels are on different event loops
   */
  public void establish(
      Channel client,
      Channel upstream,
      TunnelContext context,
      ByteBuf fromClient,
      ByteBuf fromUpstream) {
    EventLoop eventLoop = client.eventLoop();
    if (eventLoop != upstream.eventLoop()) {
      throw new IllegalArgumentException("a tunnel's channels must share one event loop");
    }
    TunnelLoop loop =
        loops.computeIfAbsent(
            eventLoop, e -> new TunnelLoop(e, observer, numbers.getAndIncrement()));
    Tunnel tunnel = Tunnel.open(context, loop, client, upstream, fromClient, fromUpstream);
    Expiry late = expiry;
    if (late != null) {
      long left = Math.max(1, late.endNanos() - System.nanoTime());
      int ticks = TunnelLoop.ticks(Duration.ofNanos(ThreadLocalRandom.current().nextLong(left)));
      tunnel.expireAt(loop.now + ticks, CloseCause.SHUTDOWN, late.deadline());
    }
  }

  /** Closes all tunnels for a shutdown, those that open from now on too. */
  void expire(Duration window, Duration deadline) {
    expiry = new Expiry(System.nanoTime() + window.toNanos(), deadline);
    loops.forEach((eventLoop, loop) -> eventLoop.execute(() -> loop.expireAll(window, deadline)));
  }

  /** Whether a shutdown is closing the tunnels. */
  public boolean draining() {
    return expiry != null;
  }

  /** Open tunnels. */
  public int open() {
    int open = 0;
    for (TunnelLoop loop : loops.values()) {
      open += loop.table.open();
    }
    return open;
  }

  /** Bytes that all tunnels ever read from clients. */
  public long bytesFromClients() {
    return sum(loop -> loop.fromClient.bytes());
  }

  /** Bytes that all tunnels ever read from upstreams. */
  public long bytesFromUpstreams() {
    return sum(loop -> loop.fromUpstream.bytes());
  }

  /** Messages that all tunnels ever read from clients. */
  public long messagesFromClients() {
    return sum(loop -> loop.fromClient.messages());
  }

  /** Messages that all tunnels ever read from upstreams. */
  public long messagesFromUpstreams() {
    return sum(loop -> loop.fromUpstream.messages());
  }

  /** Pings of our own that all tunnels ever sent to clients. */
  public long pingsToClients() {
    return sum(loop -> loop.fromClient.pings());
  }

  /** Pings of our own that all tunnels ever sent to upstreams. */
  public long pingsToUpstreams() {
    return sum(loop -> loop.fromUpstream.pings());
  }

  private long sum(ToLongFunction<TunnelLoop> figure) {
    return List.copyOf(loops.values()).stream().mapToLong(figure).sum();
  }

  /**
   * A page of open tunnels. A tunnel that stays open is on exactly one page of a walk; those that
   * open or end meanwhile may be on one or not.
   *
   * @param after 0, or {@link Page#next} of the page before
   * @param limit most tunnels of a page
   * @param filter which to show
   */
  public Page page(long after, int limit, Predicate<Tunnel> filter) {
    List<Tunnel> found = new ArrayList<>();
    List<TunnelLoop> all =
        loops.values().stream().sorted(Comparator.comparingInt(TunnelLoop::number)).toList();
    for (TunnelLoop loop : all) {
      long first = (long) loop.number() << Integer.SIZE;
      for (int slot = 0; slot < loop.table.capacity(); slot++) {
        long position = first + slot + 1;
        Tunnel tunnel = position > after ? loop.table.at(slot) : null;
        if (tunnel != null && filter.test(tunnel)) {
          found.add(tunnel);
          if (found.size() == limit) {
            return new Page(found, position);
          }
        }
      }
    }
    return new Page(found, 0);
  }

  /**
   * Some of the open tunnels.
   *
   * @param tunnels at most as many as asked for
   * @param next where the next page goes on; 0: there is none
   */
  public record Page(List<Tunnel> tunnels, long next) {
    public Page {
      tunnels = List.copyOf(tunnels);
    }
  }

  private record Expiry(long endNanos, Duration deadline) {}
}
