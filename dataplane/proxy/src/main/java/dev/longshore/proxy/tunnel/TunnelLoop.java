package dev.longshore.proxy.tunnel;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the tunnels of one event loop share: a coarse clock, one timer wheel, one read buffer,
 * counters, and the table of the open ones. Everything but the reads of {@link Tunnels} happens on
 * the loop.
 *
 * <p>The wheel holds every open tunnel exactly once, linked through its own fields, in the slot of
 * the tick at which it wants to be looked at next. A tunnel that was active in the meantime is
 * looked at anyway and put back: nothing is rescheduled per message. Longer than most, for a tick
 * decides on all of it together.
 */
final class TunnelLoop implements LongLivedConnection.Siblings {
  /** Power of two. A turn is 51.2 s, and no tunnel is left alone for longer. */
  private static final int SLOTS = 512;

  private final EventLoop executor;
  private final TunnelObserver observer;
  private final int number;
  private final TickClock clock;
  private final @Nullable LongLivedConnection[] wheel = new @Nullable LongLivedConnection[SLOTS];
  private @Nullable Future<?> ticking;

  /** By which the watch sees that the wheel turns; null: it has been told. */
  private @Nullable Runnable sign;

  /** Last tick whose slot has been looked at. */
  private int looked;

  final TunnelTable table = new TunnelTable();

  /** By {@link EndpointLease#group()}; changed on the loop only, read from anywhere. */
  private final Map<Object, EndpointTunnels> endpoints = new ConcurrentHashMap<>();

  /** Tunnels that are to be closed, and have not been told yet. */
  private volatile int pending;

  /** Open calls of gRPC; changed on the loop only. */
  private volatile int calls;

  private final DirectionCounters fromClient = new DirectionCounters();
  private final DirectionCounters fromUpstream = new DirectionCounters();
  private final ReadBuffer readBuffer;

  TunnelLoop(
      EventLoop executor,
      TunnelObserver observer,
      int number,
      ByteBufAllocator allocator,
      Ticker ticker) {
    this.clock = new TickClock(ticker);
    this.readBuffer = new ReadBuffer(allocator);
    this.executor = executor;
    this.observer = observer;
    this.number = number;
  }

  @Override
  public TickClock clock() {
    return clock;
  }

  @Override
  public ReadBuffer readBuffer() {
    return readBuffer;
  }

  @Override
  public DirectionCounters fromClient() {
    return fromClient;
  }

  @Override
  public DirectionCounters fromUpstream() {
    return fromUpstream;
  }

  /** From 0, in the order in which the loops had their first tunnel. */
  int number() {
    return number;
  }

  @Override
  public void opened(LongLivedConnection tunnel) {
    if (ticking == null) {
      clock.restart();
      looked = clock.now();
      readBuffer.open();
      ticking =
          executor.scheduleAtFixedRate(
              this::tick, TickClock.TICK_MILLIS, TickClock.TICK_MILLIS, TimeUnit.MILLISECONDS);
    }
    tunnel.slot = table.add(tunnel);
    endpoints
        .computeIfAbsent(tunnel.context().endpoint().group(), _ -> new EndpointTunnels())
        .add(tunnel);
    if (tunnel.type() == LongLivedConnection.Type.GRPC) {
      addCalls(1);
    }
    tellOpened(tunnel);
  }

  @Override
  public void leaving(LongLivedConnection tunnel) {
    Object group = tunnel.context().endpoint().group();
    EndpointTunnels siblings = endpoints.get(group);
    if (siblings != null) {
      siblings.remove(tunnel);
      if (siblings.size() == 0) {
        endpoints.remove(group);
      }
    }
  }

  @Override
  public void ended(LongLivedConnection tunnel) {
    unlink(tunnel);
    table.remove(tunnel.slot);
    if (tunnel.type() == LongLivedConnection.Type.GRPC) {
      addCalls(-1);
    }
    if (table.open() == 0 && ticking != null) {
      ticking.cancel(false);
      ticking = null;
      readBuffer.release();
      tellSign();
    }
    try {
      tellEnded(tunnel);
    } catch (RuntimeException | Error e) {
      fault("the end of a tunnel can't be reported", e);
    }
  }

  private void tellOpened(LongLivedConnection connection) {
    if (connection instanceof Tunnel tunnel) {
      observer.opened(tunnel);
    } else if (connection instanceof StreamedCall call) {
      observer.callOpened(call);
    }
  }

  private void tellEnded(LongLivedConnection connection) {
    if (connection instanceof Tunnel tunnel) {
      observer.ended(tunnel);
    } else if (connection instanceof StreamedCall call) {
      observer.callEnded(call);
    }
  }

  @Override
  public void inspectAt(LongLivedConnection tunnel, int tick) {
    unlink(tunnel);
    int due = Math.clamp(tick, looked + 1, looked + SLOTS - 1);
    int slot = due & (SLOTS - 1);
    LongLivedConnection head = wheel[slot];
    tunnel.wheelSlot = slot;
    tunnel.wheelNext = head;
    if (head != null) {
      head.wheelPrevious = tunnel;
    }
    wheel[slot] = tunnel;
  }

  private void unlink(LongLivedConnection tunnel) {
    if (tunnel.wheelSlot < 0) {
      return;
    }
    LongLivedConnection previous = tunnel.wheelPrevious;
    LongLivedConnection next = tunnel.wheelNext;
    if (previous == null) {
      wheel[tunnel.wheelSlot] = next;
    } else {
      previous.wheelNext = next;
    }
    if (next != null) {
      next.wheelPrevious = previous;
    }
    tunnel.wheelNext = null;
    tunnel.wheelPrevious = null;
    tunnel.wheelSlot = -1;
  }

  /** Runs a task at the next tick, or at once while the wheel is empty and stands. On the loop. */
  void atTick(Runnable task) {
    if (ticking == null) {
      task.run();
    } else {
      sign = task;
    }
  }

  @Override
  public void fault(String what, Throwable cause) {
    observer.fault(what, cause);
  }

  private void tick() {
    try {
      turn();
      tellSign();
    } catch (RuntimeException | Error e) {
      // An exception would end all ticks to come.
      fault("the wheel of a loop", e);
    }
  }

  private void tellSign() {
    Runnable told = sign;
    if (told != null) {
      sign = null;
      told.run();
    }
  }

  private void turn() {
    clock.turn(looked);
    while (looked < clock.now() && ticking != null) {
      looked++;
      int slot = looked & (SLOTS - 1);
      // Each leaves the slot by being put into a later one, or by its end.
      for (LongLivedConnection tunnel = wheel[slot]; tunnel != null; tunnel = wheel[slot]) {
        inspect(tunnel);
      }
    }
  }

  private void inspect(LongLivedConnection tunnel) {
    inspectAt(tunnel, Integer.MAX_VALUE);
    try {
      tunnel.inspect(clock.now());
    } catch (RuntimeException | Error e) {
      // An exception would end the tick for all the others too.
      fail(tunnel, e);
    }
  }

  private void fail(LongLivedConnection tunnel, Throwable cause) {
    try {
      tunnel.fail(cause);
    } catch (RuntimeException | Error e) {
      fault("a tunnel that failed can't be cut", e);
    }
  }

  /** Runs something on the loop. Any thread. */
  void execute(Runnable task) {
    executor.execute(task);
  }

  /**
   * Finds tunnels, in slices of {@value StaggeredClose#SLICE} slots between which the loop does
   * other things. Those that open meanwhile may be among them or not.
   *
   * @param wanted asked on the loop
   * @param found called on the loop, at the end
   */
  void find(Predicate<LongLivedConnection> wanted, Consumer<List<LongLivedConnection>> found) {
    find(wanted, found, new ArrayList<>(), 0);
  }

  private void find(
      Predicate<LongLivedConnection> wanted,
      Consumer<List<LongLivedConnection>> found,
      List<LongLivedConnection> result,
      int from) {
    int to = Math.min(table.capacity(), from + StaggeredClose.SLICE);
    for (int slot = from; slot < to; slot++) {
      LongLivedConnection tunnel = table.at(slot);
      if (tunnel != null && tunnel.isOpen() && isWanted(wanted, tunnel)) {
        result.add(tunnel);
      }
    }
    if (to < table.capacity()) {
      executor.execute(() -> find(wanted, found, result, to));
    } else {
      found.accept(result);
    }
  }

  /** Who can't be judged is not wanted, and keeps nobody else from it. */
  private boolean isWanted(Predicate<LongLivedConnection> wanted, LongLivedConnection tunnel) {
    try {
      return wanted.test(tunnel);
    } catch (RuntimeException | Error e) {
      fault("a tunnel can't be judged by a change", e);
      return false;
    }
  }

  /** Does something with a tunnel; should that fail, the tunnel is cut, and the others go on. */
  void guarded(LongLivedConnection tunnel, Consumer<LongLivedConnection> action) {
    try {
      action.accept(tunnel);
    } catch (RuntimeException | Error e) {
      fail(tunnel, e);
    }
  }

  /** The oldest open tunnels of an endpoint; on the loop. */
  List<LongLivedConnection> oldest(Object group, int most) {
    EndpointTunnels tunnels = endpoints.get(group);
    return tunnels == null ? List.of() : tunnels.oldest(most);
  }

  /** Open tunnels of an endpoint, those that are ending not among them. Any thread. */
  int standing(Object group) {
    EndpointTunnels tunnels = endpoints.get(group);
    return tunnels == null ? 0 : tunnels.size();
  }

  /** Does something for each of the tunnels, a slice at a time; on the loop. */
  void forEach(List<LongLivedConnection> tunnels, Consumer<LongLivedConnection> action) {
    tunnels
        .subList(0, Math.min(StaggeredClose.SLICE, tunnels.size()))
        .forEach(tunnel -> guarded(tunnel, action));
    if (tunnels.size() > StaggeredClose.SLICE) {
      List<LongLivedConnection> rest = tunnels.subList(StaggeredClose.SLICE, tunnels.size());
      executor.execute(() -> forEach(rest, action));
    }
  }

  /** Tunnels that are to be closed, and have not been told yet. Any thread. */
  int pending() {
    return pending;
  }

  /** Calls of gRPC among the open ones. Any thread. */
  int calls() {
    return calls;
  }

  private void addCalls(int change) {
    calls = calls + change;
  }

  @Override
  public void addPending(int change) {
    setPending(pending + change);
  }

  private void setPending(int value) {
    pending = value;
  }
}
