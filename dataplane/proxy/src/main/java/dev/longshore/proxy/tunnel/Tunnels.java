package dev.longshore.proxy.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * All open tunnels of a data plane: where they begin, and what is known of them together. May be
 * used from any thread unless a method says otherwise. Longer than most, for whatever is asked of
 * all of them is asked here.
 */
public final class Tunnels {
  private final TunnelObserver observer;
  private final ByteBufAllocator allocator;
  private final Ticker ticker;
  private final Map<EventLoop, TunnelLoop> loops = new ConcurrentHashMap<>();
  private final AtomicInteger numbers = new AtomicInteger();

  /** By {@link EndpointLease#group()}, of endpoints that are going away. */
  private final Map<Object, DrainTerms> drains = new ConcurrentHashMap<>();

  private volatile @Nullable DrainTerms expiry;

  /**
   * Tells {@code observer} of every tunnel's end.
   *
   * @param ticker by which tunnels age
   */
  public Tunnels(TunnelObserver observer, Ticker ticker) {
    this(observer, ByteBufAllocator.DEFAULT, ticker);
  }

  /** Takes buffers for what a connection doesn't take at once from {@code allocator}. */
  Tunnels(TunnelObserver observer, ByteBufAllocator allocator, Ticker ticker) {
    this.ticker = ticker;
    this.observer = observer;
    this.allocator = allocator;
  }

  /**
   * Opens a tunnel after a verified handshake: the client has been told of it, and on neither side
   * HTTP is spoken any more. From here on both are the tunnel's, which closes them and releases the
   * endpoint once, at its end. Must be called on the event loop of both.
   *
   * @param fromClient what the client sent behind its handshake, perhaps empty; taken over
   * @param fromUpstream what the upstream sent behind its 101, perhaps empty; taken over
   * @return it, perhaps ended already
   * @throws IllegalArgumentException if they are on different event loops
   */
  public Tunnel establish(
      Carrier client,
      Carrier upstream,
      TunnelContext context,
      ByteBuf fromClient,
      ByteBuf fromUpstream) {
    EventLoop eventLoop = client.eventLoop();
    if (eventLoop != upstream.eventLoop()) {
      throw new IllegalArgumentException("a tunnel's sides must share one event loop");
    }
    TunnelLoop loop = of(eventLoop);
    Tunnel tunnel = Tunnel.open(context, loop, client, upstream, fromClient, fromUpstream);
    admit(tunnel, loop);
    return tunnel;
  }

  /** Where calls of gRPC on an event loop count as connections once they have lasted. */
  public CallRegistry calls(EventLoop eventLoop) {
    return (context, carried) -> {
      TunnelLoop loop = of(eventLoop);
      StreamedCall call = new StreamedCall(context, loop, carried);
      call.begin();
      admit(call, loop);
      return call;
    };
  }

  private TunnelLoop of(EventLoop eventLoop) {
    return loops.computeIfAbsent(
        eventLoop, e -> new TunnelLoop(e, observer, numbers.getAndIncrement(), allocator, ticker));
  }

  /** Whoever opens while others are being closed is one of them. */
  private void admit(LongLivedConnection tunnel, TunnelLoop loop) {
    DrainTerms shutdown = expiry;
    if (shutdown != null) {
      closeLate(tunnel, loop, shutdown);
    }
    EndpointLease endpoint = tunnel.context().endpoint();
    DrainTerms drain = drains.get(endpoint.group());
    if (drain != null) {
      closeLate(tunnel, loop, drain);
    } else if (endpoint.draining()) {
      // It is gone already, or just about to be drained; either way it is not to be used.
      tunnel.expireAt(
          loop.clock().tickAt(loop.clock().nanoTime()),
          CloseCause.DRAIN,
          tunnel.context().terms().closeDeadline());
    }
  }

  /** Somewhere within what is left of the window. */
  private static void closeLate(LongLivedConnection tunnel, TunnelLoop loop, DrainTerms terms) {
    long now = loop.clock().nanoTime();
    long left = Math.max(1, terms.since + DrainTerms.nanos(terms.window(tunnel)) - now);
    long at = now + ThreadLocalRandom.current().nextLong(left);
    tunnel.expireAt(loop.clock().tickAt(at), terms.cause, terms.deadline(tunnel));
  }

  /** Closes all tunnels for a shutdown, those that open from now on too. */
  void expire(Duration window, Duration deadline) {
    DrainTerms terms = DrainTerms.of(CloseCause.SHUTDOWN, window, deadline, ticker.nanoTime());
    expiry = terms;
    StaggeredClose.start(all(), terms, (loop, found) -> loop.find(_ -> true, found));
  }

  /**
   * An endpoint goes away: its tunnels are closed, each politely, as its policy has it, spread
   * evenly over {@code drain.window} from now; those that open from now on within what is left of
   * it. Cost: proportional to its tunnels.
   *
   * @param group {@link EndpointLease#group()}; to be {@linkplain #keep kept} or {@linkplain
   *     #forget forgotten} at last
   */
  public void drain(Object group) {
    DrainTerms terms = DrainTerms.ofTunnels(CloseCause.DRAIN, ticker.nanoTime());
    if (drains.putIfAbsent(group, terms) == null) {
      StaggeredClose.start(
          all(), terms, (loop, found) -> found.accept(loop.oldest(group, Integer.MAX_VALUE)));
    }
  }

  /** An endpoint does not go away after all: those of its tunnels stay that are not closed yet. */
  public void keep(Object group) {
    DrainTerms terms = drains.remove(group);
    if (terms != null) {
      terms.callOff();
      for (TunnelLoop loop : all()) {
        loop.execute(
            () -> loop.forEach(loop.oldest(group, Integer.MAX_VALUE), LongLivedConnection::keep));
      }
    }
  }

  /** An endpoint is gone: nobody asks for its drain any more, which goes on. */
  public void forget(Object group) {
    drains.remove(group);
  }

  /**
   * Looks through all open tunnels, beside the traffic, and closes some, each politely, as its
   * policy has it, spread evenly over {@code drain.window} from now.
   *
   * @param cause why
   * @param wanted which; asked on event loops, must not block or throw
   */
  public void close(CloseCause cause, Predicate<LongLivedConnection> wanted) {
    StaggeredClose.start(
        all(),
        DrainTerms.ofTunnels(cause, ticker.nanoTime()),
        (loop, found) -> loop.find(wanted, found));
  }

  /**
   * Closes some tunnels of an endpoint at once, politely: of each event loop its part, and there
   * the oldest. So who has just come back is not sent away again as long as there is anybody else.
   *
   * @param group {@link EndpointLease#group()}
   * @param most how many at most
   * @param cause why
   * @return how many are told to close; fewer, if some end by themselves just now
   */
  public int closeOldest(Object group, int most, CloseCause cause) {
    List<TunnelLoop> loops = all();
    int[] standing = loops.stream().mapToInt(loop -> loop.standing(group)).toArray();
    long total = IntStream.of(standing).asLongStream().sum();
    long seen = 0;
    int asked = 0;
    for (int i = 0; i < standing.length; i++) {
      seen += standing[i];
      // Each gives its part, and roundings don't add up.
      int part = total == 0 ? 0 : (int) (seen * Math.min(most, total) / total - asked);
      asked += part;
      TunnelLoop loop = loops.get(i);
      if (part > 0) {
        loop.execute(
            () ->
                loop.forEach(
                    loop.oldest(group, part),
                    tunnel ->
                        tunnel.expireAt(
                            loop.clock().tickAt(loop.clock().nanoTime()),
                            cause,
                            tunnel.context().terms().closeDeadline())));
      }
    }
    return asked;
  }

  /**
   * Open tunnels of an endpoint, those that were told to close not among them.
   *
   * @param group {@link EndpointLease#group()}
   */
  public int standing(Object group) {
    int standing = 0;
    for (TunnelLoop loop : loops.values()) {
      standing += loop.standing(group);
    }
    return standing;
  }

  /** Tunnels that are to be closed within a window, and have not been told yet. */
  public int pending() {
    int pending = 0;
    for (TunnelLoop loop : loops.values()) {
      pending += loop.pending();
    }
    return pending;
  }

  /** In the order in which they had their first tunnel. */
  private List<TunnelLoop> all() {
    return loops.values().stream().sorted(Comparator.comparingInt(TunnelLoop::number)).toList();
  }

  /**
   * Runs a task on an event loop at the next turn of its wheel, or at once if that has nothing to
   * turn for: by which the watch sees that it turns. Any thread.
   */
  public void atTick(EventLoop loop, Runnable task) {
    loop.execute(
        () -> {
          TunnelLoop tunnels = loops.get(loop);
          if (tunnels == null) {
            task.run();
          } else {
            tunnels.atTick(task);
          }
        });
  }

  /** Whether a shutdown is closing the tunnels. */
  public boolean draining() {
    return expiry != null;
  }

  /** Shows all tunnels of an event loop, those that are ending too; on that loop. */
  public void forEach(EventLoop eventLoop, Consumer<? super Tunnel> consumer) {
    TunnelLoop loop = loops.get(eventLoop);
    if (loop != null) {
      loop.table.forEach(
          each -> {
            if (each instanceof Tunnel tunnel) {
              consumer.accept(tunnel);
            }
          });
    }
  }

  /** Open calls of gRPC that count as connections. */
  public int openCalls() {
    int open = 0;
    for (TunnelLoop loop : loops.values()) {
      open += loop.calls();
    }
    return open;
  }

  /** Open tunnels, and calls that count as connections. */
  public int open() {
    int open = 0;
    for (TunnelLoop loop : loops.values()) {
      open += loop.table.open();
    }
    return open;
  }

  /** Bytes that all tunnels ever read from clients. */
  public long bytesFromClients() {
    return sum(loop -> loop.fromClient().bytes());
  }

  /** Bytes that all tunnels ever read from upstreams. */
  public long bytesFromUpstreams() {
    return sum(loop -> loop.fromUpstream().bytes());
  }

  /** Messages that all tunnels ever read from clients. */
  public long messagesFromClients() {
    return sum(loop -> loop.fromClient().messages());
  }

  /** Messages that all tunnels ever read from upstreams. */
  public long messagesFromUpstreams() {
    return sum(loop -> loop.fromUpstream().messages());
  }

  /** Pings of our own that all tunnels ever sent to clients. */
  public long pingsToClients() {
    return sum(loop -> loop.fromClient().pings());
  }

  /** Pings of our own that all tunnels ever sent to upstreams. */
  public long pingsToUpstreams() {
    return sum(loop -> loop.fromUpstream().pings());
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
  public Page page(long after, int limit, Predicate<LongLivedConnection> filter) {
    List<LongLivedConnection> found = new ArrayList<>();
    for (TunnelLoop loop : all()) {
      long first = (long) loop.number() << Integer.SIZE;
      for (int slot = 0; slot < loop.table.capacity(); slot++) {
        long position = first + slot + 1;
        LongLivedConnection tunnel = position > after ? loop.table.at(slot) : null;
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
  public record Page(List<LongLivedConnection> tunnels, long next) {
    public Page {
      tunnels = List.copyOf(tunnels);
    }
  }
}
