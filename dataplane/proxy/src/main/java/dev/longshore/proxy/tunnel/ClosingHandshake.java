package dev.longshore.proxy.tunnel;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a tunnel ends: who has said its last, who has still to be told, and by when.
 *
 * <p>A tunnel's life, one phase after the other, some of them left out:
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
 *   <li>ENDED: both ends are gone.
 * </ol>
 *
 * <p>On the tunnel's event loop.
 */
final class ClosingHandshake implements SideEvents {
  private static final Duration HALF_CLOSED = Duration.ofSeconds(10);
  private static final Duration LINGER = Duration.ofSeconds(2);
  private static final int GOING_AWAY = 1001;

  /** See above. */
  enum Phase {
    OPEN,
    HALF_CLOSED,
    CLOSING,
    LINGERING,
    ENDED
  }

  private final Tunnel tunnel;
  private final TickClock clock;
  private TunnelSide client;
  private TunnelSide upstream;
  private Phase phase = Phase.OPEN;
  private @Nullable CloseCause cause;
  private Duration deadline;

  /** Tick at which the phase ends; without meaning while OPEN. */
  private int phaseEnds;

  private int clientCode = GOING_AWAY;
  private int upstreamCode = GOING_AWAY;

  /**
   * Nothing ends the tunnel yet.
   *
   * @param deadline how long a Close of ours may wait for the end of messages
   */
  @SuppressWarnings("NullAway.Init") // the sides are set by between, before anything happens
  ClosingHandshake(Tunnel tunnel, TickClock clock, Duration deadline) {
    this.tunnel = tunnel;
    this.clock = clock;
    this.deadline = deadline;
  }

  /** Whose it is; once, before they begin. */
  void between(TunnelSide clientSide, TunnelSide upstreamSide) {
    client = clientSide;
    upstream = upstreamSide;
  }

  // ---- what the sides report

  @Override
  public int now() {
    return clock.now();
  }

  @Override
  public int listening() {
    return clock.listening();
  }

  @Override
  public boolean isOpen() {
    return phase == Phase.OPEN;
  }

  @Override
  public void lookAnew() {
    tunnel.lookAnew();
  }

  @Override
  public void closeReceived(TunnelSide from) {
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
  @Override
  public void messageEnded() {
    tell(client);
    advanceClosing();
  }

  @Override
  public void inputEnded(TunnelSide from) {
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

  @Override
  public void reset(TunnelSide from) {
    switch (phase) {
      case OPEN, HALF_CLOSED -> {
        CloseCause why = from == client ? CloseCause.CLIENT_RESET : CloseCause.UPSTREAM_RESET;
        begin(cause == null ? why : cause, why.closeCode(0), GOING_AWAY);
      }
      case CLOSING, LINGERING -> advanceClosing();
      case ENDED -> {}
    }
  }

  @Override
  public void frameRefused(TunnelSide from) {
    switch (phase) {
      case OPEN, HALF_CLOSED -> {
        CloseCause fault = from.frames().fault();
        CloseCause why = fault == null ? CloseCause.PROTOCOL : fault;
        int code = why.closeCode(0);
        begin(why, from == client ? code : GOING_AWAY, from == client ? GOING_AWAY : code);
      }
      case CLOSING, LINGERING -> advanceClosing();
      case ENDED -> {}
    }
  }

  @Override
  public void fail(Throwable fault) {
    tunnel.fail(fault);
  }

  @Override
  public void sideClosed() {
    if (phase != Phase.ENDED && !client.isOpen() && !upstream.isOpen()) {
      leave(Phase.ENDED);
      tunnel.ended();
    }
  }

  private void blame(TunnelSide side) {
    if (cause == null) {
      cause = side == client ? CloseCause.CLIENT : CloseCause.UPSTREAM;
    }
  }

  // ---- ending it ourselves

  /** How long a Close of ours may wait for the end of messages, from now on. */
  void deadline(Duration changed) {
    deadline = changed;
  }

  /** Closes the tunnel politely. It must be OPEN or HALF_CLOSED. */
  void begin(CloseCause why) {
    begin(why, why.closeCode(tunnel.context().terms().closeCode()), GOING_AWAY);
  }

  private void begin(CloseCause why, int toClient, int toUpstream) {
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
  private void giveUp() {
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
    return side.frames().broken() || side.hasEnded() || side.gone();
  }

  /** Both ends are let go of at once, for a fault of ours; harmless when it is over. */
  void abort() {
    if (phase != Phase.ENDED) {
      cause = CloseCause.INTERNAL;
      cut();
    }
  }

  /** Lets go of what takes nothing; the other side is told, unless it is no better. */
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

  private void cut() {
    client.closeNow();
    upstream.closeNow();
  }

  // ---- time

  /** Takes the next phase. */
  private void leave(Phase next) {
    if (phase == Phase.OPEN) {
      tunnel.leaving();
    }
    phase = next;
  }

  private void enter(Phase next, Duration duration) {
    leave(next);
    phaseEnds = clock.now() + TickClock.ticks(duration);
    tunnel.lookAt(phaseEnds);
  }

  /** Looks whether the phase has taken its time; not while OPEN. */
  void inspect(int now) {
    if (now - phaseEnds >= 0) {
      switch (phase) {
        case HALF_CLOSED, CLOSING -> giveUp();
        case LINGERING -> cut();
        case OPEN, ENDED -> {}
      }
    }
  }

  /** Tick at which to {@link #inspect} again; not while OPEN. */
  int phaseEnds() {
    return phaseEnds;
  }

  // ---- figures

  Phase phase() {
    return phase;
  }

  /** {@link Tunnel#cause}. */
  @Nullable CloseCause cause() {
    return cause;
  }

  /** Code of the Close that the proxy itself sent the client; 0: none. */
  int injectedCloseCode() {
    return client.closeInjected() ? clientCode : 0;
  }
}
