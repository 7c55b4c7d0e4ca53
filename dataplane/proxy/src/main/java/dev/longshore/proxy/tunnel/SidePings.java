package dev.longshore.proxy.tunnel;

import io.netty.buffer.ByteBuf;

/**
 * Asks one side of a tunnel whether it is there: {@link KeepAlive} says when, here is how. Our Ping
 * goes between two frames of the other side. On the tunnel's event loop.
 */
final class SidePings {
  private final TunnelSide side;
  private final KeepAlive keepAlive;
  private final TunnelTiming tunnel;

  SidePings(TunnelSide side, KeepAlive keepAlive, TunnelTiming tunnel) {
    this.side = side;
    this.keepAlive = keepAlive;
    this.tunnel = tunnel;
  }

  /** {@link TunnelSide#lost}. */
  boolean lost(int now) {
    if (unasked()) {
      return false;
    }
    if (!side.listening()) {
      keepAlive.heard(now);
      return false;
    }
    return switch (keepAlive.silence(now, side.active(), tunnel.listening())) {
      case NONE -> false;
      case LONG -> {
        ask(now);
        yield false;
      }
      case TOO_LONG -> true;
    };
  }

  /** {@link TunnelSide#nextLook}. */
  int nextLook(int now, int otherwise) {
    return unasked() ? otherwise : Math.min(otherwise, keepAlive.nextLook(now, side.active()));
  }

  /** Whether no Ping is sent any more: behind a Close there is none, and nobody need answer. */
  private boolean unasked() {
    return side.told() || side.hasEnded() || side.frames().closed();
  }

  private void ask(int now) {
    if (!keepAlive.mayPing()) {
      keepAlive.ask(now);
    } else if (side.betweenFrames()) {
      ping(now);
    } else {
      keepAlive.due(true);
      side.peer().adjustCare();
    }
  }

  /** Whether our Ping waits for the end of a frame. */
  boolean due() {
    return keepAlive.due();
  }

  /** The frame has ended for whose end our Ping was waiting: it is sent if it is still wanted. */
  void atLast() {
    keepAlive.due(false);
    int now = tunnel.now();
    if (tunnel.isOpen()
        && !unasked()
        && keepAlive.silence(now, side.active(), tunnel.listening()) == KeepAlive.Silence.LONG) {
      ask(now);
      tunnel.lookAnew();
    }
    side.peer().adjustCare();
  }

  private void ping(int now) {
    long nonce = keepAlive.ping(now);
    ByteBuf frame =
        side.isClient()
            ? ControlFrame.pingToClient(side.allocator(), nonce)
            : ControlFrame.pingToUpstream(side.allocator(), nonce);
    side.adjustCare();
    side.sendPing(frame);
  }

  /** Whether the Pong to our Ping may still come. */
  boolean awaited() {
    return keepAlive.awaited();
  }

  /** A sign of life that is no activity, or the end of a time in which nobody listened. */
  void heard() {
    keepAlive.heard(tunnel.now());
  }

  /** Whether the frame just looked at was the Pong to our Ping; says so once. */
  boolean takeAnswer() {
    return keepAlive.takeAnswer();
  }
}
