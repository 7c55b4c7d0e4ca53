package dev.longshore.proxy.tunnel;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the tunnels of one event loop share: a coarse clock, one timer wheel, one read buffer,
 * counters, and the table of the open ones. Everything but the reads of {@link Tunnels} happens on
 * the loop.
 *
 * <p>The wheel holds every open tunnel exactly once, linked through its own fields, in the slot of
 * the tick at which it wants to be looked at next. A tunnel that was active in the meantime is
 * looked at anyway and put back: nothing is rescheduled per message.
 */
final class TunnelLoop {
  /** The grain of every time bound of a tunnel. */
  static final int TICK_MILLIS = 100;

  /** Power of two. A turn is 51.2 s, and no tunnel is left alone for longer. */
  private static final int SLOTS = 512;

  /** A tick this much late means that nobody was listened to meanwhile. */
  private static final int AWAY_TICKS = 10;

  private final EventLoop executor;
  private final TunnelObserver observer;
  private final int number;
  private final long origin = System.nanoTime();
  private final @Nullable Tunnel[] wheel = new @Nullable Tunnel[SLOTS];
  private @Nullable Future<?> ticking;

  /** Last tick whose slot has been looked at. */
  private int looked;

  final TunnelTable table = new TunnelTable();
  final DirectionCounters fromClient = new DirectionCounters();
  final DirectionCounters fromUpstream = new DirectionCounters();
  final ReadBuffer readBuffer = new ReadBuffer();

  /** The coarse clock: ticks since the loop's first tunnel, as of the last tick. */
  int now;

  /** Since when the loop has turned without a long break, such as a suspended process. */
  int listening;

  TunnelLoop(EventLoop executor, TunnelObserver observer, int number) {
    this.executor = executor;
    this.observer = observer;
    this.number = number;
  }

  /** In how many ticks a bound has surely passed; at least 1. */
  static int ticks(Duration duration) {
    long ticks = duration.toMillis() / TICK_MILLIS + 1;
    return (int) Math.min(ticks, Integer.MAX_VALUE / 2);
  }

  /** From 0, in the order in which the loops had their first tunnel. */
  int number() {
    return number;
  }

  void opened(Tunnel tunnel) {
    if (ticking == null) {
      now = currentTick();
      looked = now;
      listening = now;
      readBuffer.open();
      ticking =
          executor.scheduleAtFixedRate(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }
    tunnel.slot = table.add(tunnel);
  }

  void ended(Tunnel tunnel) {
    unlink(tunnel);
    table.remove(tunnel.slot);
    if (table.open() == 0 && ticking != null) {
      ticking.cancel(false);
      ticking = null;
      readBuffer.release();
    }
    observer.ended(tunnel);
  }

  /** Has the tunnel inspected at a tick, or earlier. */
  void inspectAt(Tunnel tunnel, int tick) {
    unlink(tunnel);
    int due = Math.clamp(tick, looked + 1, looked + SLOTS - 1);
    int slot = due & (SLOTS - 1);
    Tunnel head = wheel[slot];
    tunnel.wheelSlot = slot;
    tunnel.wheelNext = head;
    if (head != null) {
      head.wheelPrevious = tunnel;
    }
    wheel[slot] = tunnel;
  }

  private void unlink(Tunnel tunnel) {
    if (tunnel.wheelSlot < 0) {
      return;
    }
    Tunnel previous = tunnel.wheelPrevious;
    Tunnel next = tunnel.wheelNext;
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

  private int currentTick() {
    return (int) ((System.nanoTime() - origin) / (TICK_MILLIS * 1_000_000L));
  }

  /** For who can't do with a clock that may be a little slow. */
  void refreshClock() {
    now = currentTick();
  }

  private void tick() {
    now = currentTick();
    if (now - looked > AWAY_TICKS) {
      listening = now;
    }
    while (looked < now && ticking != null) {
      looked++;
      int slot = looked & (SLOTS - 1);
      // Each leaves the slot by being put into a later one, or by its end.
      for (Tunnel tunnel = wheel[slot]; tunnel != null; tunnel = wheel[slot]) {
        inspect(tunnel);
      }
    }
  }

  private void inspect(Tunnel tunnel) {
    inspectAt(tunnel, Integer.MAX_VALUE);
    try {
      tunnel.inspect(now);
    } catch (RuntimeException e) {
      // An exception would end the tick for all the others too.
      tunnel.fail(e);
    }
  }

  /** Closes every open tunnel for a shutdown, spread evenly. */
  void expireAll(Duration window, Duration deadline) {
    now = currentTick();
    int ticks = (int) Math.min(window.toMillis() / TICK_MILLIS, Integer.MAX_VALUE / 2);
    int count = table.open();
    int index = 0;
    for (int slot = 0; slot < table.capacity(); slot++) {
      Tunnel tunnel = table.at(slot);
      if (tunnel != null) {
        int later = (int) ((long) ticks * index++ / count);
        tunnel.expireAt(now + later, CloseCause.SHUTDOWN, deadline);
      }
    }
  }
}
