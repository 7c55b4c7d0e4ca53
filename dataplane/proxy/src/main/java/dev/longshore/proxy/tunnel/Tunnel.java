package dev.longshore.proxy.tunnel;

import dev.longshore.proxy.memory.HeadMemory;
import dev.longshore.proxy.memory.Holder;
import dev.longshore.proxy.tunnel.ClosingHandshake.Phase;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An open tunnel: two {@linkplain TunnelSide sides} that pass frames to each other, {@linkplain
 * TunnelBounds what ends it in time}, {@linkplain ClosingHandshake how it ends}, and its figures.
 *
 * <p>Everything happens on the event loop that both ends share, but for the figures, which may be
 * read from anywhere and are then possibly a little old.
 */
public final class Tunnel implements Holder {
  private final TunnelContext context;
  private final Siblings siblings;
  private final ClosingHandshake handshake;
  private final TunnelSide client;
  private final TunnelSide upstream;
  private final TunnelBounds bounds;
  private final long openedNanos;
  private long endedNanos;

  /** Of {@link EndpointTunnels}. */
  @Nullable Tunnel older;

  @Nullable Tunnel younger;

  /** Of {@link Siblings}. */
  int slot = -1;

  int wheelSlot = -1;
  @Nullable Tunnel wheelNext;
  @Nullable Tunnel wheelPrevious;

  /** The tunnels of an event loop, to which this one belongs. On that loop. */
  interface Siblings {
    /** Of the loop. */
    TickClock clock();

    /** Of the loop. */
    ReadBuffer readBuffer();

    /** What all clients have sent. */
    DirectionCounters fromClient();

    /** What all upstreams have sent. */
    DirectionCounters fromUpstream();

    /** One more. */
    void opened(Tunnel tunnel);

    /** It is ending, so nobody has to close it any more. */
    void leaving(Tunnel tunnel);

    /** Nothing is left of it. */
    void ended(Tunnel tunnel);

    /** Has the tunnel inspected at a tick, or earlier. */
    void inspectAt(Tunnel tunnel, int tick);

    /** So many more, or less, are to be closed, and have not been told yet. */
    void addPending(int change);

    /** Something failed and was caught. */
    void fault(String what, Throwable cause);
  }

  private Tunnel(TunnelContext context, Siblings siblings, TunnelEnd client, TunnelEnd upstream) {
    this.context = context;
    this.siblings = siblings;
    openedNanos = siblings.clock().nanoTime();
    TunnelTerms terms = context.terms();
    handshake = new ClosingHandshake(this, siblings.clock(), terms.closeDeadline());
    KeepAlive ofClient = terms.pingsClient() ? new KeepAlive(terms) : null;
    KeepAlive ofUpstream = terms.pingsUpstream() ? new KeepAlive(terms) : null;
    FrameRules.ClientRate rate = FrameRules.ClientRate.of(siblings.clock(), terms);
    FrameRules ofClientFrames = FrameRules.of(terms, rate, true, ofUpstream, ofClient);
    FrameRules ofUpstreamFrames = FrameRules.of(terms, rate, false, ofClient, ofUpstream);
    ReadBuffer readBuffer = siblings.readBuffer();
    this.client =
        new TunnelSide(
            handshake, true, client, siblings.fromClient(), readBuffer, ofClientFrames, ofClient);
    this.upstream =
        new TunnelSide(
            handshake,
            false,
            upstream,
            siblings.fromUpstream(),
            readBuffer,
            ofUpstreamFrames,
            ofUpstream);
    TunnelSide.join(this.client, this.upstream);
    handshake.between(this.client, this.upstream);
    bounds = new TunnelBounds(terms, this.client, this.upstream);
  }

  /** {@link Tunnels#establish}, on the siblings. */
  static Tunnel open(
      TunnelContext context,
      Siblings siblings,
      Carrier client,
      Carrier upstream,
      ByteBuf fromClient,
      ByteBuf fromUpstream) {
    TunnelEnd clientEnd = client.end(siblings.readBuffer());
    TunnelEnd upstreamEnd = upstream.end(siblings.readBuffer());
    Tunnel tunnel = new Tunnel(context, siblings, clientEnd, upstreamEnd);
    SocketEnd.shareReadBuffer(clientEnd, upstreamEnd);
    siblings.opened(tunnel);
    tunnel.start(fromClient, fromUpstream);
    return tunnel;
  }

  private void start(ByteBuf fromClient, ByteBuf fromUpstream) {
    client.markActive();
    upstream.markActive();
    bounds.begin(siblings.clock().now());
    inspect(siblings.clock().now());
    client.start(fromClient);
    upstream.start(fromUpstream);
  }

  /** Whether nothing ends it yet. */
  boolean isOpen() {
    return handshake.isOpen();
  }

  // ---- its end

  /** Nothing has ended it so far, and now something does: nobody has to close it any more. */
  void leaving() {
    siblings.leaving(this);
    if (bounds.expires()) {
      siblings.addPending(-1);
    }
  }

  /** Nothing is left of either end. */
  void ended() {
    endedNanos = siblings.clock().nanoTime();
    context.endpoint().release();
    siblings.ended(this);
  }

  /** A fault of ours: both connections are closed at once. */
  void fail(Throwable fault) {
    siblings.fault("tunnel " + context.requestId() + " of " + context.source().resource(), fault);
    handshake.abort();
  }

  // ---- the memory budget

  @Override
  public Kind kind() {
    return Kind.TUNNEL;
  }

  @Override
  public long heldBytes() {
    return client.heldBytes() + upstream.heldBytes();
  }

  @Override
  public long heldHeap() {
    return HeadMemory.counted(context.bytesOfHeap() + context.endpoint().bytesOfHeap());
  }

  /** Cuts the side that takes nothing; the other one is told, unless it is no better. */
  @Override
  public void shed() {
    handshake.shed();
  }

  // ---- time

  /**
   * Has the tunnel closed at a tick, or before that; nothing happens when it is ending already.
   *
   * @param deadline how long the Close may wait for the end of messages
   */
  void expireAt(int tick, CloseCause why, Duration deadline) {
    if (!isOpen()) {
      return;
    }
    if (!bounds.expires()) {
      siblings.addPending(1);
    }
    boolean earlier = bounds.isEarlier(tick);
    if (bounds.expireAt(tick, why)) {
      handshake.deadline(deadline);
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
  public void endIn(Duration left) {
    TickClock clock = siblings.clock();
    int now = clock.tickAt(clock.nanoTime());
    int ticks = left.isPositive() ? TickClock.ticks(left) : 0;
    expireAt(now + ticks, CloseCause.EXPIRED, context.terms().closeDeadline());
  }

  /** Who let it in does so no more: it is closed, politely. On its event loop. */
  public void revoke() {
    TickClock clock = siblings.clock();
    expireAt(clock.tickAt(clock.nanoTime()), CloseCause.REVOKED, context.terms().closeDeadline());
  }

  /** It is not closed for the drain of its endpoint, if that is why it would be. */
  void keep() {
    if (isOpen() && bounds.keep()) {
      siblings.addPending(-1);
    }
  }

  /** Looks whether a bound in time has passed, and says when to look again. */
  void inspect(int now) {
    if (isOpen()) {
      CloseCause passed = bounds.passed(now);
      if (passed != null) {
        handshake.begin(passed);
      }
    } else {
      handshake.inspect(now);
    }
    if (isOpen()) {
      lookAnew();
    } else if (handshake.phase() != Phase.ENDED) {
      lookAt(handshake.phaseEnds());
    }
  }

  /** There is a new bound in time. */
  void lookAnew() {
    lookAt(bounds.nextLook(siblings.clock().now()));
  }

  /** Has it inspected at a tick, or earlier. */
  void lookAt(int tick) {
    siblings.inspectAt(this, tick);
  }

  // ---- figures

  /** What it keeps of the handshake. */
  public TunnelContext context() {
    return context;
  }

  /** Time since it was opened, in nanoseconds; its whole duration once it has ended. */
  public long ageNanos() {
    return (endedNanos == 0 ? siblings.clock().nanoTime() : endedNanos) - openedNanos;
  }

  /** Bytes read from the client, frame headers included. */
  public long bytesFromClient() {
    return client.bytes();
  }

  /** Bytes read from the upstream, frame headers included. */
  public long bytesFromUpstream() {
    return upstream.bytes();
  }

  /** Messages from the client; control frames are none. */
  public long messagesFromClient() {
    return client.frames().messages();
  }

  /** Messages from the upstream; control frames are none. */
  public long messagesFromUpstream() {
    return upstream.frames().messages();
  }

  /** Code of the client's Close frame, {@link FrameTracker#NO_CODE} without one; 0: none came. */
  public int clientCloseCode() {
    return client.frames().closeCode();
  }

  /** Code of the upstream's Close frame, {@link FrameTracker#NO_CODE} without one; 0: none came. */
  public int upstreamCloseCode() {
    return upstream.frames().closeCode();
  }

  /** Code of the Close that the proxy itself sent the client; 0: none. */
  public int injectedCloseCode() {
    return handshake.injectedCloseCode();
  }

  /** Why it ended, or is about to; null while nothing ends it. */
  public @Nullable CloseCause cause() {
    return handshake.cause();
  }
}
