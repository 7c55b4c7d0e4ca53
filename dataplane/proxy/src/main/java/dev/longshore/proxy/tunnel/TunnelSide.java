package dev.longshore.proxy.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * One side of a tunnel: follows the frames that come from its own end and passes them to the other
 * side's. What is decided from that is {@link Tunnel}'s.
 *
 * <p>While a tunnel is simply open, a read costs one walk over the frame headers in the buffer and
 * what the other end's {@link TunnelEnd#take} costs. There is no allocation, no scheduling and no
 * lock per message. Frames are taken one by one only while a frame of the proxy's own may have to
 * go between them, or out from among them. Longer than most, for what becomes of a byte depends on
 * the relay, on what is held and on both sides' Pings at once, and these are read together.
 */
final class TunnelSide implements TunnelEnd.Listener {
  private static final byte[] NOTHING_HELD = {};

  private final SideEvents tunnel;
  private final boolean client;
  private final TunnelEnd end;
  private final DirectionCounters counters;
  private final ReadBuffer readBuffer;
  private final FrameTracker frames;
  private final StallWatch stalls;

  /** Our Pings to this side; null: there are none. */
  private final @Nullable SidePings pings;

  @SuppressWarnings("NullAway.Init") // set by join, before the first read
  private TunnelSide peer;

  private Relay relay = Relay.ALL;

  /** Beginning of a unit of which the rest has not come. */
  private byte[] held = NOTHING_HELD;

  /** Also read by other threads, without ordering: for figures only. */
  private long bytes;

  /** Tick of the last read, but for a read of nothing but the Pong to our own Ping. */
  private int active;

  /** Our Ping has to be found a place before the peer, or its Pong be found among the frames. */
  private boolean careful;

  private boolean closePassed;
  private boolean closeInjected;

  /**
   * The side of an end.
   *
   * @param client whether it is the client's
   * @param keepAlive when to ask it by Pings; null: never
   */
  TunnelSide(
      SideEvents tunnel,
      boolean client,
      TunnelEnd end,
      DirectionCounters counters,
      ReadBuffer readBuffer,
      @Nullable FrameRules rules,
      @Nullable KeepAlive keepAlive) {
    this.tunnel = tunnel;
    this.client = client;
    this.end = end;
    this.counters = counters;
    this.readBuffer = readBuffer;
    this.frames = new FrameTracker(rules);
    this.stalls = new StallWatch(end);
    this.pings = keepAlive == null ? null : new SidePings(this, keepAlive, tunnel);
    end.tell(this);
  }

  /** Makes two sides each other's peer. */
  static void join(TunnelSide client, TunnelSide upstream) {
    client.peer = upstream;
    upstream.peer = client;
  }

  /** Takes what came with the handshake, and reads from now on. */
  void start(ByteBuf early) {
    if (early.isReadable()) {
      read(early);
      readComplete();
    } else {
      early.release();
    }
    end.begin();
    adjustReading();
  }

  // ---- what comes

  @Override
  public void read(ByteBuf in) {
    int from = in.readerIndex();
    int to = in.writerIndex();
    long messagesBefore = frames.messages();
    bytes += to - from;
    if (relay == Relay.ALL && held.length == 0 && !careful) {
      markActive();
      int passable = frames.advance(in, from, to);
      boolean closed = frames.closed();
      // Before anything else is done: behind a Close nothing of ours may be sent.
      closePassed = closed;
      if (passable == to) {
        peer.end.take(in);
      } else {
        passUntil(in, passable);
      }
      if (closed) {
        tunnel.closeReceived(this);
      }
    } else {
      try {
        readCarefully(in);
      } finally {
        in.release();
      }
    }
    counters.add(to - from, frames.messages() - messagesBefore);
  }

  @Override
  public void readComplete() {
    peer.end.flushTaken();
  }

  /** Passes the front of a buffer whose end holds part of a unit, or is broken. Owns it. */
  private void passUntil(ByteBuf in, int end) {
    if (!frames.broken()) {
      hold(in, end, in.writerIndex());
    }
    if (end > in.readerIndex()) {
      peer.end.take(in.writerIndex(end));
    } else {
      in.release();
    }
    if (frames.broken()) {
      refuse();
    }
  }

  /** Nothing more of this side's bytes is passed: the frames can't be told apart any longer. */
  private void refuse() {
    relay(Relay.NOTHING);
    tunnel.frameRefused(this);
  }

  private void hold(ByteBuf in, int from, int to) {
    held = ByteBufUtil.getBytes(in, from, to - from, true);
  }

  /** Reads while a Ping of ours is on its way, while a unit is held, or while closing. */
  private void readCarefully(ByteBuf in) {
    if (pings == null || !pings.awaited()) {
      markActive();
      relayCarefully(in);
      return;
    }
    // Any byte is a sign of life, but what is kept from the peer keeps no idle tunnel open.
    pings.heard();
    relayCarefully(in);
    if (!pings.awaited()) {
      adjustCare();
    }
  }

  /** Passes what may pass when a unit was cut in two, or while closing. Does not own the buffer. */
  private void relayCarefully(ByteBuf in) {
    if (held.length > 0) {
      ByteBuf unit = end.allocator().buffer(FrameTracker.MAX_UNIT_BYTES).writeBytes(held);
      held = NOTHING_HELD;
      try {
        int missing = FrameTracker.missing(unit);
        while (missing > 0 && in.isReadable()) {
          unit.writeBytes(in, Math.min(missing, in.readableBytes()));
          missing = FrameTracker.missing(unit);
        }
        relayStepwise(unit);
      } finally {
        unit.release();
      }
    }
    relayStepwise(in);
  }

  private void relayStepwise(ByteBuf in) {
    int to = in.writerIndex();
    int at = in.readerIndex();
    int passed = at;
    while (at < to && !frames.broken()) {
      if (relay == Relay.UNTIL_MESSAGE_END && frames.betweenMessages()) {
        pass(in, passed, at);
        tunnel.messageEnded();
      }
      if (relay == Relay.NOTHING) {
        passed = at;
      }
      boolean closedBefore = frames.closed();
      int next = frames.step(in, at, to);
      if (next == at) {
        break;
      }
      if (pings != null && pings.takeAnswer()) {
        if (relay != Relay.NOTHING) {
          pass(in, passed, at);
        }
        passed = next;
      } else {
        markActive();
      }
      if (!closedBefore && frames.closed()) {
        boolean swallow = relay == Relay.UNTIL_CLOSE;
        if (relay != Relay.NOTHING) {
          pass(in, passed, swallow ? at : next);
          closePassed = !swallow;
          if (relay != Relay.ALL) {
            relay = Relay.NOTHING;
          }
        }
        passed = next;
        tunnel.closeReceived(this);
      }
      at = next;
      if (relay == Relay.ALL && peer.isPingDue() && frames.betweenFrames()) {
        pass(in, passed, at);
        passed = at;
        peer.pingAtLast();
      }
    }
    if (relay != Relay.NOTHING) {
      pass(in, passed, at);
    }
    if (frames.broken()) {
      refuse();
    } else if (at < to) {
      hold(in, at, to);
    } else if (relay == Relay.UNTIL_MESSAGE_END && frames.betweenMessages()) {
      tunnel.messageEnded();
    }
  }

  private void pass(ByteBuf in, int from, int to) {
    if (to > from) {
      peer.end.write(readBuffer.own(in, from, to - from));
    }
  }

  /** Back pressure: what this side's end can't take is not read on the other side. */
  @Override
  public void writabilityChanged() {
    peer.adjustReading();
  }

  private void adjustReading() {
    boolean read = relay == Relay.NOTHING || peer.end.isWritable();
    if (pings != null && read && !listening()) {
      pings.heard();
    }
    end.read(read);
  }

  /** Whether this side is read: else its silence means nothing. */
  boolean listening() {
    return end.isReading();
  }

  @Override
  public void inputEnded() {
    if (held.length > 0 && relay == Relay.ALL) {
      peer.end.write(Unpooled.wrappedBuffer(held));
    }
    tunnel.inputEnded(this);
    if (!end.canBeHalfClosed()) {
      endOutput();
    }
  }

  @Override
  public void failed(Throwable cause) {
    if (cause instanceof OutOfMemoryError) {
      tunnel.shed();
    } else {
      tunnel.fail(cause);
    }
  }

  @Override
  public void broken() {
    peer.relay(Relay.NOTHING);
    tunnel.reset(this);
  }

  @Override
  public void closed() {
    tunnel.sideClosed();
  }

  // ---- what the tunnel has it do

  /** Changes what becomes of this side's bytes from the next one on. */
  void relay(Relay next) {
    relay = next;
    adjustReading();
  }

  /**
   * Sends a Close to this side's peer, behind which nothing more is written. The other direction
   * must stand between two frames.
   */
  void injectClose(ByteBuf frame) {
    closeInjected = true;
    peer.relay(Relay.NOTHING);
    end.write(frame);
    end.flush();
  }

  /** Ends the stream when everything is written; the end is over when its peer has done so too. */
  void endOutput() {
    if (!end.outputEnding() && !end.gone()) {
      peer.relay(Relay.NOTHING);
      end.endOutput();
    }
  }

  /** Lets go of the end, whatever is still waiting to be written. */
  void closeNow() {
    if (!end.gone()) {
      peer.relay(Relay.NOTHING);
      end.cut();
    }
  }

  /** As {@link #closeNow}, and what is with the kernel is not sent either. */
  void drop() {
    if (!end.gone()) {
      peer.relay(Relay.NOTHING);
      end.drop();
    }
  }

  // ---- Pings of our own

  /**
   * Looks whether this side has been silent for long, and asks it then.
   *
   * @return true when it was asked, and has not answered in time
   */
  boolean lost(int now) {
    return pings != null && pings.lost(now);
  }

  /** When {@link #lost} is to look again at the latest; {@code otherwise} if it need not. */
  int nextLook(int now, int otherwise) {
    return pings == null ? otherwise : pings.nextLook(now, otherwise);
  }

  private boolean isPingDue() {
    return pings != null && pings.due();
  }

  private void pingAtLast() {
    if (pings != null) {
      pings.atLast();
    }
  }

  /** Sends a Ping to this side's peer; the other direction stands between two frames. */
  void sendPing(ByteBuf frame) {
    counters.addPing();
    end.write(frame);
    end.flush();
  }

  /** Takes frames one by one from now on if that is needed, and only then. */
  void adjustCare() {
    careful = (pings != null && pings.awaited()) || peer.isPingDue();
  }

  // ---- how it stands

  /**
   * Looks whether the end has taken nothing since it was found with bytes waiting.
   *
   * @return true when that was at least {@code limit} ticks ago
   */
  boolean stalled(int now, int limit) {
    return stalls.stalled(now, limit);
  }

  /** About how many bytes wait for this side's peer, or for the rest of a unit from it. */
  long heldBytes() {
    return end.heldBytes() + held.length;
  }

  /** Whether it is the client's. */
  boolean isClient() {
    return client;
  }

  /** The other side. */
  TunnelSide peer() {
    return peer;
  }

  FrameTracker frames() {
    return frames;
  }

  long bytes() {
    return bytes;
  }

  /** Counts the current tick as one in which bytes came that keep the tunnel from being idle. */
  void markActive() {
    active = tunnel.now();
  }

  /** Tick at which the last bytes came, but for those that were kept from the peer. */
  int active() {
    return active;
  }

  /** Whether what was written to this side's connection ends with a whole frame. */
  boolean betweenFrames() {
    return peer.frames.betweenFrames();
  }

  /** Whether this side's peer has been sent its last: a Close by either of us, or FIN. */
  boolean told() {
    return closeInjected || peer.closePassed || end.outputEnding() || end.gone();
  }

  boolean closeInjected() {
    return closeInjected;
  }

  boolean isOpen() {
    return end.isOpen();
  }

  ByteBufAllocator allocator() {
    return end.allocator();
  }

  /** Whether its peer has ended its stream. */
  boolean hasEnded() {
    return end.inputEnded();
  }

  boolean gone() {
    return end.gone();
  }
}
