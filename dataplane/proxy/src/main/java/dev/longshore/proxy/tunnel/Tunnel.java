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
public final class Tunnel extends LongLivedConnection implements Holder {
  private final ClosingHandshake handshake;
  private final TunnelSide client;
  private final TunnelSide upstream;
  private final TunnelBounds bounds;

  private Tunnel(TunnelContext context, Siblings siblings, TunnelEnd client, TunnelEnd upstream) {
    super(context, siblings);
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
    bounds.begin(siblings().clock().now());
    inspect(siblings().clock().now());
    client.start(fromClient);
    upstream.start(fromUpstream);
  }

  @Override
  boolean isOpen() {
    return handshake.isOpen();
  }

  @Override
  Expiry expiry() {
    return bounds;
  }

  @Override
  void endWithin(Duration deadline) {
    handshake.deadline(deadline);
  }

  // ---- its end

  /** A fault of ours: both connections are closed at once. */
  @Override
  void fail(Throwable fault) {
    tellFault(fault);
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
    return HeadMemory.counted(context().bytesOfHeap() + context().endpoint().bytesOfHeap());
  }

  /** Cuts the side that takes nothing; the other one is told, unless it is no better. */
  @Override
  public void shed() {
    handshake.shed();
  }

  // ---- time

  @Override
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
    lookAt(bounds.nextLook(siblings().clock().now()));
  }

  /** Has it inspected at a tick, or earlier. */
  void lookAt(int tick) {
    siblings().inspectAt(this, tick);
  }

  // ---- figures

  @Override
  public Type type() {
    return Type.WEB_SOCKET;
  }

  @Override
  public long bytesFromClient() {
    return client.bytes();
  }

  @Override
  public long bytesFromUpstream() {
    return upstream.bytes();
  }

  @Override
  public long messagesFromClient() {
    return client.frames().messages();
  }

  @Override
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

  @Override
  public @Nullable CloseCause cause() {
    return handshake.cause();
  }
}
