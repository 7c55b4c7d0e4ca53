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
  private final TunnelLoop loop;
  private final ClosingHandshake handshake;
  private final TunnelSide client;
  private final TunnelSide upstream;
  private final TunnelBounds bounds;
  private final long openedNanos;
  private long endedNanos;

  /** Of {@link EndpointTunnels}. */
  @Nullable Tunnel older;

  @Nullable Tunnel younger;

  /** Of {@link TunnelLoop}. */
  int slot = -1;

  int wheelSlot = -1;
  @Nullable Tunnel wheelNext;
  @Nullable Tunnel wheelPrevious;

  private Tunnel(TunnelContext context, TunnelLoop loop, TunnelEnd client, TunnelEnd upstream) {
    this.context = context;
    this.loop = loop;
    openedNanos = loop.nanoTime();
    TunnelTerms terms = context.terms();
    handshake = new ClosingHandshake(this, loop, terms.closeDeadline());
    KeepAlive ofClient = terms.pingsClient() ? new KeepAlive(terms) : null;
    KeepAlive ofUpstream = terms.pingsUpstream() ? new KeepAlive(terms) : null;
    FrameRules.ClientRate rate = FrameRules.ClientRate.of(loop, terms);
    FrameRules ofClientFrames = FrameRules.of(terms, rate, true, ofUpstream, ofClient);
    FrameRules ofUpstreamFrames = FrameRules.of(terms, rate, false, ofClient, ofUpstream);
    ReadBuffer readBuffer = loop.readBuffer;
    this.client =
        new TunnelSide(
            handshake, true, client, loop.fromClient, readBuffer, ofClientFrames, ofClient);
    this.upstream =
        new TunnelSide(
            handshake,
            false,
            upstream,
            loop.fromUpstream,
            readBuffer,
            ofUpstreamFrames,
            ofUpstream);
    TunnelSide.join(this.client, this.upstream);
    handshake.between(this.client, this.upstream);
    bounds = new TunnelBounds(terms, this.client, this.upstream);
  }

  /** {@link Tunnels#establish}, on the loop. */
  static Tunnel open(
      TunnelContext context,
      TunnelLoop loop,
      Carrier client,
      Carrier upstream,
      ByteBuf fromClient,
      ByteBuf fromUpstream) {
    TunnelEnd clientEnd = client.end(loop.readBuffer);
    TunnelEnd upstreamEnd = upstream.end(loop.readBuffer);
    Tunnel tunnel = new Tunnel(context, loop, clientEnd, upstreamEnd);
    SocketEnd.shareReadBuffer(clientEnd, upstreamEnd);
    loop.opened(tunnel);
    tunnel.start(fromClient, fromUpstream);
    return tunnel;
  }

  private void start(ByteBuf fromClient, ByteBuf fromUpstream) {
    client.markActive();
    upstream.markActive();
    bounds.begin(loop.now);
    inspect(loop.now);
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
    loop.leaving(this);
    if (bounds.expires()) {
      loop.addPending(-1);
    }
  }

  /** Nothing is left of either end. */
  void ended() {
    endedNanos = loop.nanoTime();
    context.endpoint().release();
    loop.ended(this);
  }

  /** A fault of ours: both connections are closed at once. */
  void fail(Throwable fault) {
    loop.fault("tunnel " + context.requestId() + " of " + context.source().resource(), fault);
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
    return HeadMemory.counted(context.bytesOfHeap());
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
      loop.addPending(1);
    }
    boolean earlier = bounds.isEarlier(tick);
    if (bounds.expireAt(tick, why)) {
      handshake.deadline(deadline);
    }
    if (earlier) {
      inspect(loop.now);
    }
  }

  /** It is not closed for the drain of its endpoint, if that is why it would be. */
  void keep() {
    if (isOpen() && bounds.keep()) {
      loop.addPending(-1);
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
      loop.inspectAt(this, handshake.phaseEnds());
    }
  }

  /** There is a new bound in time. */
  void lookAnew() {
    loop.inspectAt(this, bounds.nextLook(loop.now));
  }

  // ---- figures

  /** What it keeps of the handshake. */
  public TunnelContext context() {
    return context;
  }

  /** Time since it was opened, in nanoseconds; its whole duration once it has ended. */
  public long ageNanos() {
    return (endedNanos == 0 ? loop.nanoTime() : endedNanos) - openedNanos;
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
