package dev.longshore.proxy.tunnel;

import dev.longshore.contract.Policy;
import dev.longshore.contract.Policy.Limits;
import dev.longshore.contract.Policy.Ping;
import dev.longshore.proxy.memory.HeadMemory;
import dev.longshore.proxy.memory.Holder;
import dev.longshore.proxy.tunnel.TunnelSide.Relay;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * An open tunnel: a client's and an upstream's connection, and how they end together.
 *
 * <p>Its life, one phase after the other, some of them left out:
 *
 * <ol>
 *   <li>OPEN: frames pass both ways, Close frames among them.
 *   <li>HALF_CLOSED: one side has ended its stream, or both have sent a Close; the rest may take 10
 *       s.
 *   <li>CLOSING: we end it. The client gets its Close at the next message boundary, and what the
 *       upstream still sends is discarded from there on; what the client still sends goes on until
 *       its own Close, or the deadline.
 *   <li>LINGERING: both sides have been sent a Close as far as that is possible, and FIN. They are
 *       read for 2 s at most, because closing a socket with unread bytes sends a RST, which may
 *       destroy the Close that the peer has not read yet (RFC 9112 §9.6).
 *   <li>ENDED: both connections are closed.
 * </ol>
 *
 * <p>Everything happens on the event loop that both channels share, but for the figures, which may
 * be read from anywhere and are then possibly a little old.
 */
public final class Tunnel implements Holder {
  private static final Duration HALF_CLOSED = Duration.ofSeconds(10);
  private static final Duration LINGER = Duration.ofSeconds(2);
  private static final int GOING_AWAY = 1001;
  private static final int LIFETIME_JITTER_PERCENT = 10;
  private static final int LOOKS_PER_STALL = 4;

  /** In ticks; the wheel shortens it. */
  private static final int LONGEST_LOOK = 1 << 20;

  private enum Phase {
    OPEN,
    HALF_CLOSED,
    CLOSING,
    LINGERING,
    ENDED
  }

  private final TunnelContext context;
  private final TunnelLoop loop;
  private final TunnelSide client;
  private final TunnelSide upstream;
  private final long openedNanos = System.nanoTime();
  private Phase phase = Phase.OPEN;
  private @Nullable CloseCause cause;

  /** The cause for which the tunnel is closed at tick {@link #expires}; null: none. */
  private @Nullable CloseCause expiry;

  private int expires;

  /** Whether its life ends at tick {@link #lifeEnds}. */
  private boolean mortal;

  private int lifeEnds;
  private Duration closeDeadline;

  /** Tick at which the phase ends; without meaning while OPEN. */
  private int phaseEnds;

  private int clientCode = GOING_AWAY;
  private int upstreamCode = GOING_AWAY;
  private long endedNanos;

  /** Of {@link EndpointTunnels}. */
  @Nullable Tunnel older;

  @Nullable Tunnel younger;

  /** Of {@link TunnelLoop}. */
  int slot = -1;

  int wheelSlot = -1;
  @Nullable Tunnel wheelNext;
  @Nullable Tunnel wheelPrevious;

  private Tunnel(TunnelContext context, TunnelLoop loop, Channel client, Channel upstream) {
    this.context = context;
    this.loop = loop;
    this.closeDeadline = context.closing().deadline();
    Policy policy = context.policy();
    Limits limits = policy.limitsOrNone();
    Ping ping = policy.ping();
    KeepAlive ofClient = ping != null && ping.towardsClient() ? new KeepAlive(ping) : null;
    KeepAlive ofUpstream = ping != null && ping.towardsUpstream() ? new KeepAlive(ping) : null;
    FrameRules.ClientRate rate = FrameRules.ClientRate.of(loop, limits);
    FrameRules ofClientFrames = FrameRules.of(limits, rate, true, ofUpstream, ofClient);
    FrameRules ofUpstreamFrames = FrameRules.of(limits, rate, false, ofClient, ofUpstream);
    this.client =
        new TunnelSide(this, client, loop.fromClient, loop.readBuffer, ofClientFrames, ofClient);
    this.upstream =
        new TunnelSide(
            this, upstream, loop.fromUpstream, loop.readBuffer, ofUpstreamFrames, ofUpstream);
    TunnelSide.join(this.client, this.upstream);
  }

  /** {@link Tunnels#establish}, on the loop. */
  static Tunnel open(
      TunnelContext context,
      TunnelLoop loop,
      Channel client,
      Channel upstream,
      ByteBuf fromClient,
      ByteBuf fromUpstream) {
    Tunnel tunnel = new Tunnel(context, loop, client, upstream);
    loop.opened(tunnel);
    tunnel.start(fromClient, fromUpstream);
    return tunnel;
  }

  private void start(ByteBuf fromClient, ByteBuf fromUpstream) {
    client.markActive();
    upstream.markActive();
    Duration lifetime = context.timeouts().maxLifetime();
    if (lifetime.isPositive()) {
      int ticks = TunnelLoop.ticks(lifetime);
      int jitter = (int) ((long) ticks * LIFETIME_JITTER_PERCENT / 100);
      mortal = true;
      lifeEnds = loop.now + ticks + ThreadLocalRandom.current().nextInt(-jitter, jitter + 1);
    }
    inspect(loop.now);
    client.start(fromClient);
    upstream.start(fromUpstream);
  }

  // ---- what the sides report

  /** The loop's coarse clock. */
  int now() {
    return loop.now;
  }

  /** Since when the loop has been listening without a long break. */
  int listening() {
    return loop.listening;
  }

  /** Whether nothing ends it yet. */
  boolean isOpen() {
    return phase == Phase.OPEN;
  }

  boolean isClient(TunnelSide side) {
    return side == client;
  }

  /** A side has been asked whether it is there, so there is a new bound in time. */
  void lookAnew() {
    loop.inspectAt(this, nextLook(loop.now));
  }

  /** A Close frame has come from a side, and was passed on unless we are closing. */
  void closeReceived(TunnelSide from) {
    switch (phase) {
      case OPEN -> {
        blame(from);
        if (client.frames().closed() && upstream.frames().closed()) {
          // The server closes first (RFC 6455 §7.1.1); somebody should, before long.
          enter(Phase.HALF_CLOSED, HALF_CLOSED);
        }
      }
      case CLOSING, LINGERING -> advanceClosing();
      case HALF_CLOSED, ENDED -> {}
    }
  }

  /** While closing: the upstream stands between two messages, so the client can have its Close. */
  void messageEnded() {
    tell(client);
    advanceClosing();
  }

  /** A side has ended its stream (FIN). */
  void inputEnded(TunnelSide from) {
    switch (phase) {
      case OPEN, HALF_CLOSED -> {
        blame(from);
        if (phase == Phase.OPEN) {
          enter(Phase.HALF_CLOSED, HALF_CLOSED);
        }
        (from == client ? upstream : client).endOutput();
        if (client.frames().closed() && upstream.frames().closed()) {
          // Both have said their last word: the other side has nothing more to pass either.
          from.endOutput();
        }
      }
      case CLOSING, LINGERING -> advanceClosing();
      case ENDED -> {}
    }
  }

  /** A side's connection is gone without FIN. */
  void reset(TunnelSide from) {
    switch (phase) {
      case OPEN, HALF_CLOSED -> {
        CloseCause why = from == client ? CloseCause.CLIENT_RESET : CloseCause.UPSTREAM_RESET;
        begin(cause == null ? why : cause, why.closeCode(0), GOING_AWAY, closeDeadline);
      }
      case CLOSING, LINGERING -> advanceClosing();
      case ENDED -> {}
    }
  }

  /**
   * A side has sent a frame that can't be followed or that a limit forbids; nothing of it or behind
   * it was passed.
   */
  void frameRefused(TunnelSide from) {
    switch (phase) {
      case OPEN, HALF_CLOSED -> {
        CloseCause fault = from.frames().fault();
        CloseCause why = fault == null ? CloseCause.PROTOCOL : fault;
        int code = why.closeCode(0);
        begin(
            why,
            from == client ? code : GOING_AWAY,
            from == client ? GOING_AWAY : code,
            closeDeadline);
      }
      case CLOSING, LINGERING -> advanceClosing();
      case ENDED -> {}
    }
  }

  /** A fault of ours: both connections are closed at once. */
  void fail(Throwable fault) {
    loop.fault("tunnel " + context.requestId() + " of " + context.source().resource(), fault);
    if (phase != Phase.ENDED) {
      cause = CloseCause.INTERNAL;
      cut();
    }
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
    boolean clientIsGreedy = client.heldBytes() >= upstream.heldBytes();
    TunnelSide greedy = clientIsGreedy ? client : upstream;
    TunnelSide other = clientIsGreedy ? upstream : client;
    boolean alike = other.heldBytes() >= greedy.heldBytes() / 2;
    greedy.drop();
    if (alike) {
      other.drop();
    }
    switch (phase) {
      case OPEN, HALF_CLOSED -> begin(CloseCause.MEMORY);
      case CLOSING, LINGERING -> advanceClosing();
      case ENDED -> {}
    }
  }

  /** A connection is closed; with the second one the tunnel has ended. */
  void sideClosed() {
    if (phase != Phase.ENDED && !client.isOpen() && !upstream.isOpen()) {
      leave(Phase.ENDED);
      endedNanos = System.nanoTime();
      context.endpoint().release();
      loop.ended(this);
    }
  }

  private void blame(TunnelSide side) {
    if (cause == null) {
      cause = side == client ? CloseCause.CLIENT : CloseCause.UPSTREAM;
    }
  }

  // ---- ending it ourselves

  /**
   * Has the tunnel closed at a tick, or before that: the earliest time holds. The cause is that of
   * the earliest, too, unless it is the drain of an endpoint, which may be called off.
   */
  void expireAt(int tick, CloseCause why, Duration deadline) {
    if (phase != Phase.OPEN) {
      return;
    }
    boolean earlier = expiry == null || tick - expires < 0;
    if (expiry == null) {
      loop.addPending(1);
    }
    if (expiry == null || expiry == CloseCause.DRAIN || (earlier && why != CloseCause.DRAIN)) {
      expiry = why;
      closeDeadline = deadline;
    }
    if (earlier) {
      expires = tick;
      inspect(loop.now);
    }
  }

  /** It is not closed for the drain of its endpoint, if that is why it would be. */
  void keep() {
    if (phase == Phase.OPEN && expiry == CloseCause.DRAIN) {
      expiry = null;
      loop.addPending(-1);
    }
  }

  private void begin(CloseCause why, int toClient, int toUpstream, Duration deadline) {
    cause = why;
    clientCode = toClient;
    upstreamCode = toUpstream;
    enter(Phase.CLOSING, deadline);
    if (!upstream.told() && !finished(client)) {
      client.relay(Relay.UNTIL_CLOSE);
    }
    if (!client.told()) {
      if (upstream.frames().betweenMessages()) {
        tell(client);
      } else {
        upstream.relay(Relay.UNTIL_MESSAGE_END);
      }
    }
    advanceClosing();
  }

  /**
   * Takes every step of a Close that has become possible. Called after whatever may have made one
   * so, and harmless otherwise.
   */
  private void advanceClosing() {
    if (finished(client)) {
      tell(upstream);
    }
    if (unfollowable(upstream)) {
      tell(client);
    }
    if (finished(client) && client.told()) {
      client.endOutput();
    }
    if (finished(upstream) && upstream.told()) {
      upstream.endOutput();
    }
    if (phase == Phase.CLOSING && client.told() && upstream.told()) {
      enter(Phase.LINGERING, LINGER);
    }
  }

  /** Nobody has to be waited for any longer. */
  private void deadline() {
    tell(client);
    tell(upstream);
    client.endOutput();
    enter(Phase.LINGERING, LINGER);
    advanceClosing();
  }

  /** Sends a side its Close, or inside a frame, where there is no place for one, only FIN. */
  private void tell(TunnelSide side) {
    if (side.told()) {
      return;
    }
    if (!side.betweenFrames()) {
      side.endOutput();
    } else if (side == client) {
      side.injectClose(ControlFrame.closeToClient(side.allocator(), clientCode));
    } else {
      side.injectClose(ControlFrame.closeToUpstream(side.allocator(), upstreamCode));
    }
  }

  /** Whether a side has nothing more to say. */
  private static boolean finished(TunnelSide side) {
    return side.frames().closed() || unfollowable(side);
  }

  /** Whether no further frame of a side will ever be seen. */
  private static boolean unfollowable(TunnelSide side) {
    return side.frames().broken() || side.inputEnded() || side.gone();
  }

  private void cut() {
    client.closeNow();
    upstream.closeNow();
  }

  // ---- time

  /** Takes the next phase. */
  private void leave(Phase next) {
    if (phase == Phase.OPEN) {
      loop.leaving(this);
      if (expiry != null) {
        loop.addPending(-1);
      }
    }
    phase = next;
  }

  private void enter(Phase next, Duration duration) {
    leave(next);
    phaseEnds = loop.now + TunnelLoop.ticks(duration);
    loop.inspectAt(this, phaseEnds);
  }

  /** Looks whether a bound in time has passed, and says when to look again. */
  void inspect(int now) {
    switch (phase) {
      case OPEN -> inspectOpen(now);
      case HALF_CLOSED, CLOSING -> {
        if (now - phaseEnds >= 0) {
          deadline();
        }
      }
      case LINGERING -> {
        if (now - phaseEnds >= 0) {
          cut();
        }
      }
      case ENDED -> {}
    }
    switch (phase) {
      case OPEN -> loop.inspectAt(this, nextLook(now));
      case HALF_CLOSED, CLOSING, LINGERING -> loop.inspectAt(this, phaseEnds);
      case ENDED -> {}
    }
  }

  private void inspectOpen(int now) {
    Duration idle = context.timeouts().idle();
    if (expiry != null && now - expires >= 0) {
      begin(expiry);
    } else if (mortal && now - lifeEnds >= 0) {
      begin(CloseCause.LIFETIME);
    } else if (idle.isPositive() && now - lastActive() >= TunnelLoop.ticks(idle)) {
      begin(CloseCause.IDLE);
    } else if (stalled(now)) {
      begin(CloseCause.STALL);
    } else if (client.lost(now) | upstream.lost(now)) {
      begin(CloseCause.PING);
    }
  }

  private boolean stalled(int now) {
    Duration stall = context.timeouts().writeStall();
    int limit = TunnelLoop.ticks(stall);
    return stall.isPositive() && client.stalled(now, limit) | upstream.stalled(now, limit);
  }

  private int lastActive() {
    int one = client.active();
    int other = upstream.active();
    return one - other >= 0 ? one : other;
  }

  private void begin(CloseCause why) {
    begin(why, why.closeCode(context.closing().closeCode()), GOING_AWAY, closeDeadline);
  }

  private int nextLook(int now) {
    int next = now + LONGEST_LOOK;
    Duration idle = context.timeouts().idle();
    Duration stall = context.timeouts().writeStall();
    if (expiry != null) {
      next = Math.min(next, expires);
    }
    if (mortal) {
      next = Math.min(next, lifeEnds);
    }
    if (idle.isPositive()) {
      next = Math.min(next, lastActive() + TunnelLoop.ticks(idle));
    }
    if (stall.isPositive()) {
      // Only by looking is a stall noticed, so it is noticed at most this much late.
      next = Math.min(next, now + Math.max(1, TunnelLoop.ticks(stall) / LOOKS_PER_STALL));
    }
    return upstream.nextLook(now, client.nextLook(now, next));
  }

  // ---- figures

  /** What it keeps of the handshake. */
  public TunnelContext context() {
    return context;
  }

  /** Time since it was opened, in nanoseconds; its whole duration once it has ended. */
  public long ageNanos() {
    return (endedNanos == 0 ? System.nanoTime() : endedNanos) - openedNanos;
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
    return client.closeInjected() ? clientCode : 0;
  }

  /** Why it ended, or is about to; null while nothing ends it. */
  public @Nullable CloseCause cause() {
    return cause;
  }
}
