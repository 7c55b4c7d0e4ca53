package dev.longshore.proxy.tunnel;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a client keeps open for long, and what a change, a drain or the end of its life ends
 * politely: a tunnel, or a call of gRPC whose messages stream. It stands in the lists of its event
 * loop, through fields of its own.
 *
 * <p>Everything happens on that event loop, but for the figures, which may be read from anywhere
 * and are then possibly a little old.
 */
public abstract class LongLivedConnection {
  private final TunnelContext context;
  private final Siblings siblings;
  private final long openedNanos;
  private long endedNanos;

  /** Of {@link EndpointTunnels}. */
  @Nullable LongLivedConnection older;

  @Nullable LongLivedConnection younger;

  /** Of {@link Siblings}. */
  int slot = -1;

  int wheelSlot = -1;
  @Nullable LongLivedConnection wheelNext;
  @Nullable LongLivedConnection wheelPrevious;

  /** What is carried. */
  public enum Type {
    /** A WebSocket. */
    WEB_SOCKET("websocket"),
    /** A call of gRPC. */
    GRPC("grpc");

    private final String label;

    Type(String label) {
      this.label = label;
    }

    /** Its name on pages and in metrics. */
    public String label() {
      return label;
    }
  }

  /** All of an event loop, to which this one belongs. On that loop. */
  interface Siblings {
    /** Of the loop. */
    TickClock clock();

    /** Of the loop. */
    ReadBuffer readBuffer();

    /** What all clients of tunnels have sent. */
    DirectionCounters fromClient();

    /** What all upstreams of tunnels have sent. */
    DirectionCounters fromUpstream();

    /** One more. */
    void opened(LongLivedConnection connection);

    /** It is ending, so nobody has to close it any more. */
    void leaving(LongLivedConnection connection);

    /** Nothing is left of it. */
    void ended(LongLivedConnection connection);

    /** Has it inspected at a tick, or earlier. */
    void inspectAt(LongLivedConnection connection, int tick);

    /** So many more, or less, are to be closed, and have not been told yet. */
    void addPending(int change);

    /** Something failed and was caught. */
    void fault(String what, Throwable cause);
  }

  LongLivedConnection(TunnelContext context, Siblings siblings) {
    this.context = context;
    this.siblings = siblings;
    this.openedNanos = siblings.clock().nanoTime();
  }

  final Siblings siblings() {
    return siblings;
  }

  /** Whether nothing ends it yet. */
  abstract boolean isOpen();

  /** When it is to be closed. */
  abstract Expiry expiry();

  /** How long its end may wait for the end of messages. */
  abstract void endWithin(Duration deadline);

  /** Looks whether a bound in time has passed, and says when to look again. */
  abstract void inspect(int now);

  /** A fault of ours: it is cut at once. */
  abstract void fail(Throwable fault);

  // ---- its end

  /** Nothing has ended it so far, and now something does: nobody has to close it any more. */
  final void leaving() {
    siblings.leaving(this);
    if (expiry().expires()) {
      siblings.addPending(-1);
    }
  }

  /** Nothing is left of it. */
  final void ended() {
    endedNanos = siblings.clock().nanoTime();
    context.endpoint().release();
    siblings.ended(this);
  }

  /** Says that a fault of ours ends it. */
  final void tellFault(Throwable fault) {
    siblings.fault(
        type().label() + " " + context.requestId() + " of " + context.source().resource(), fault);
  }

  /**
   * Has it closed at a tick, or before that; nothing happens when it is ending already.
   *
   * @param deadline how long the end may wait for the end of messages
   */
  final void expireAt(int tick, CloseCause why, Duration deadline) {
    if (!isOpen()) {
      return;
    }
    Expiry expiry = expiry();
    if (!expiry.expires()) {
      siblings.addPending(1);
    }
    boolean earlier = expiry.isEarlier(tick);
    if (expiry.expireAt(tick, why)) {
      endWithin(deadline);
    }
    if (earlier) {
      inspect(siblings.clock().now());
    }
  }

  /**
   * What let it in holds that long: it is closed then, politely, unless it is before. On its event
   * loop.
   *
   * @param left of its time; in the past: at once
   */
  public final void endIn(Duration left) {
    TickClock clock = siblings.clock();
    int now = clock.tickAt(clock.nanoTime());
    int ticks = left.isPositive() ? TickClock.ticks(left) : 0;
    expireAt(now + ticks, CloseCause.EXPIRED, context.terms().closeDeadline());
  }

  /** Who let it in does so no more: it is closed, politely. On its event loop. */
  public final void revoke() {
    TickClock clock = siblings.clock();
    expireAt(clock.tickAt(clock.nanoTime()), CloseCause.REVOKED, context.terms().closeDeadline());
  }

  /** It is not closed for the drain of its endpoint, if that is why it would be. */
  final void keep() {
    if (isOpen() && expiry().keep()) {
      siblings.addPending(-1);
    }
  }

  // ---- figures

  /** What it is. */
  public abstract Type type();

  /** What it keeps of the request that opened it. */
  public final TunnelContext context() {
    return context;
  }

  /** Time since it was opened, in nanoseconds; its whole duration once it has ended. */
  public final long ageNanos() {
    return (endedNanos == 0 ? siblings.clock().nanoTime() : endedNanos) - openedNanos;
  }

  /** Bytes read from the client, with what frames messages. */
  public abstract long bytesFromClient();

  /** Bytes read from the upstream, with what frames messages. */
  public abstract long bytesFromUpstream();

  /** Messages from the client; control frames are none. */
  public abstract long messagesFromClient();

  /** Messages from the upstream; control frames are none. */
  public abstract long messagesFromUpstream();

  /** Why it ended, or is about to; null while nothing ends it. */
  public abstract @Nullable CloseCause cause();
}
