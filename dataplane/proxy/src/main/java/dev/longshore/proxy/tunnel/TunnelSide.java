package dev.longshore.proxy.tunnel;

import dev.longshore.proxy.memory.Holder;
import dev.longshore.proxy.tls.TlsStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import org.jspecify.annotations.Nullable;

/**
 * One side of a tunnel, the only handler of its pipeline, or the only one behind TLS: follows what
 * comes from its own connection and writes it to the other side. What is decided from that is
 * {@link Tunnel}'s.
 *
 * <p>While a tunnel is simply open, a read costs one walk over the frame headers in the buffer and
 * one send to the other socket: past the other channel's outbound buffer where the transport lets
 * us, else by one write to that channel, and one flush when there is no more to read. There is no
 * allocation, no scheduling and no lock per message. Frames are taken one by one only while a frame
 * of the proxy's own may have to go between them, or out from among them.
 */
final class TunnelSide extends ChannelInboundHandlerAdapter {

  /** What becomes of the bytes that this side's connection sends. */
  enum Relay {
    /** They go to the other side. */
    ALL,
    /** They go to the other side until the stream is between two messages. */
    UNTIL_MESSAGE_END,
    /** They go to the other side up to a Close frame, which does not. */
    UNTIL_CLOSE,
    /** None goes on; frames are still followed, for the Close among them. */
    NOTHING
  }

  private static final byte[] NOTHING_HELD = {};

  /**
   * Half of Netty's own. The socket's buffer is what keeps a connection busy; what waits beside it
   * is the rest of one read, and costs a slow reader's memory.
   */
  private static final WriteBufferWaterMark WAITING =
      new WriteBufferWaterMark(16 * 1024, 32 * 1024);

  private final Tunnel tunnel;
  private final DirectionCounters counters;
  private final FrameTracker frames;

  /** Our Pings to this side; null: there are none. */
  private final @Nullable KeepAlive keepAlive;

  private final ChannelHandlerContext ctx;
  private final ByteBufAllocator allocator;
  private final ReadBuffer readBuffer;
  private final @Nullable DirectOutput direct;

  /** Counts what is written beneath TLS; null: there is none. */
  private final @Nullable EncryptedBytes encrypted;

  @SuppressWarnings("NullAway.Init") // set by join, before the first read
  private TunnelSide peer;

  private Relay relay = Relay.ALL;

  /** Bytes of the peer's current read, to be sent before it ends. */
  private @Nullable ByteBuf taken;

  /** Beginning of a unit of which the rest has not come. */
  private byte[] held = NOTHING_HELD;

  /** Also read by other threads, without ordering: for figures only. */
  private long bytes;

  /** Tick of the last read, but for a read of nothing but the Pong to our own Ping. */
  private int active;

  /** What the connection had taken when it was last found with bytes waiting; -1: none waited. */
  private long takenWhenLooked = -1;

  private int waitingSince;

  /** Our Ping has to be found a place before the peer, or its Pong be found among the frames. */
  private boolean careful;

  private boolean closePassed;
  private boolean closeInjected;
  private boolean inputEnded;
  private boolean outputEnding;
  private boolean outputEnded;
  private boolean gone;

  /** Adds itself to the pipeline of {@code channel}, from which all codecs are gone. */
  TunnelSide(
      Tunnel tunnel,
      Channel channel,
      DirectionCounters counters,
      ReadBuffer readBuffer,
      @Nullable FrameRules rules,
      @Nullable KeepAlive keepAlive) {
    this.tunnel = tunnel;
    this.counters = counters;
    this.readBuffer = readBuffer;
    this.frames = new FrameTracker(rules);
    this.keepAlive = keepAlive;
    allocator = channel.alloc();
    direct = channel.pipeline().firstContext() == null ? DirectOutput.of(channel) : null;
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    channel.config().setWriteBufferWaterMark(WAITING);
    encrypted = EncryptedBytes.of(channel);
    channel.pipeline().addLast(this);
    ctx = channel.pipeline().context(this);
  }

  /** Makes two sides each other's peer. */
  static void join(TunnelSide client, TunnelSide upstream) {
    client.peer = upstream;
    upstream.peer = client;
    if (client.direct != null && upstream.direct != null) {
      client.ctx.channel().config().setAllocator(client.readBuffer);
      upstream.ctx.channel().config().setAllocator(upstream.readBuffer);
    }
  }

  /** Takes what came with the handshake, and reads from now on. */
  void start(ByteBuf early) {
    if (early.isReadable()) {
      channelRead(ctx, early);
      channelReadComplete(ctx);
    } else {
      early.release();
    }
    if (!ctx.channel().isActive()) {
      channelInactive(ctx);
    } else {
      adjustReading();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
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
        peer.take(in);
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
  public void channelReadComplete(ChannelHandlerContext context) {
    peer.flushTaken();
  }

  /** Has the bytes sent by the end of the peer's read. Owns the buffer. */
  private void take(ByteBuf bytes) {
    if (direct == null) {
      ctx.write(bytes, ctx.voidPromise());
      if (!ctx.channel().isWritable()) {
        // Told of by TLS only after all reads of this turn of the loop, up to 1 MiB of them.
        channelWritabilityChanged(ctx);
      }
      return;
    }
    try {
      sendTaken();
    } catch (OutOfMemoryError e) {
      bytes.release();
      throw e;
    }
    taken = bytes;
  }

  private void flushTaken() {
    if (!sendTaken()) {
      ctx.flush();
    }
  }

  /**
   * Sends what was taken, or gives it to the channel, before anything else is written there.
   *
   * @return whether there was something, and all of it is sent
   */
  private boolean sendTaken() {
    ByteBuf bytes = taken;
    if (bytes == null) {
      return false;
    }
    taken = null;
    try {
      boolean sent = direct != null && direct.send(bytes);
      if (!sent) {
        ByteBuf rest = readBuffer.own(bytes, bytes.readerIndex(), bytes.readableBytes());
        ctx.write(rest, ctx.voidPromise());
      }
      return sent;
    } finally {
      // Also when there is no memory for the rest: all tunnels of the loop read into this one.
      bytes.release();
    }
  }

  /** Passes the front of a buffer whose end holds part of a unit, or is broken. Owns it. */
  private void passUntil(ByteBuf in, int end) {
    if (!frames.broken()) {
      hold(in, end, in.writerIndex());
    }
    if (end > in.readerIndex()) {
      peer.take(in.writerIndex(end));
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
    if (keepAlive == null || !keepAlive.awaited()) {
      markActive();
      relayCarefully(in);
      return;
    }
    // Any byte is a sign of life, but what is kept from the peer keeps no idle tunnel open.
    keepAlive.heard(tunnel.now());
    relayCarefully(in);
    if (!keepAlive.awaited()) {
      adjustCare();
    }
  }

  /** Passes what may pass when a unit was cut in two, or while closing. Does not own the buffer. */
  private void relayCarefully(ByteBuf in) {
    if (held.length > 0) {
      ByteBuf unit = allocator.buffer(FrameTracker.MAX_UNIT_BYTES).writeBytes(held);
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
      if (keepAlive != null && keepAlive.takeAnswer()) {
        if (relay != Relay.NOTHING) {
          pass(in, passed, at);
        }
        keepAlive.kept(next - at);
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
      peer.write(readBuffer.own(in, from, to - from));
    }
  }

  private void write(ByteBuf bytes) {
    sendTaken();
    ctx.write(bytes, ctx.voidPromise());
  }

  /** Back pressure: what this side's connection can't take is not read on the other side. */
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (!ctx.channel().isWritable()) {
      // Often the socket takes it all, and no interest in reading has to be changed in the kernel.
      ctx.flush();
    }
    peer.adjustReading();
  }

  private void adjustReading() {
    if (!gone && !inputEnded) {
      boolean read = relay == Relay.NOTHING || peer.ctx.channel().isWritable();
      if (keepAlive != null && read && !listening()) {
        keepAlive.heard(tunnel.now());
      }
      ctx.channel().config().setAutoRead(read);
    }
  }

  /** Whether this side is read: else its silence means nothing. */
  private boolean listening() {
    return ctx.channel().config().isAutoRead();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    // Of FIN and close_notify, whichever comes first.
    boolean ends =
        event instanceof ChannelInputShutdownEvent
            || (event instanceof SslCloseCompletionEvent close && close.isSuccess());
    if (ends && !inputEnded && !gone) {
      inputEnded = true;
      if (held.length > 0 && relay == Relay.ALL) {
        peer.write(Unpooled.wrappedBuffer(held));
      }
      tunnel.inputEnded(this);
      if (encrypted != null) {
        // The TLS libraries answer a close_notify with their own, and write nothing behind it.
        endOutput();
      }
      if (outputEnded) {
        closeNow();
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (!gone) {
      closeNow();
      tunnel.reset(this);
    }
    tunnel.sideClosed();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (gone) {
      return; // the writes that our own close has failed
    }
    if (TlsStream.isPeerFault(cause)) {
      closeNow();
      tunnel.reset(this);
    } else if (cause instanceof OutOfMemoryError) {
      tunnel.shed();
    } else {
      tunnel.fail(cause);
    }
  }

  /** Changes what becomes of this side's bytes from the next one on. */
  void relay(Relay next) {
    relay = next;
    adjustReading();
  }

  /**
   * Sends a Close to this side's connection, behind which nothing more is written. The other
   * direction must stand between two frames.
   */
  void injectClose(ByteBuf frame) {
    closeInjected = true;
    peer.relay(Relay.NOTHING);
    write(frame);
    ctx.flush();
  }

  /** Sends FIN when everything is written, and closes when the other end has done so too. */
  void endOutput() {
    if (outputEnding || gone) {
      return;
    }
    outputEnding = true;
    peer.relay(Relay.NOTHING);
    sendTaken();
    TlsStream.end(ctx.channel())
        .addListener(
            done -> {
              if (done.isSuccess() && !gone) {
                outputWritten();
              }
            });
  }

  private void outputWritten() {
    outputEnded = true;
    if (!inputEnded && direct != null) {
      direct.end();
    } else if (!inputEnded && ctx.channel() instanceof DuplexChannel duplex) {
      duplex.shutdownOutput();
    } else {
      closeNow();
    }
  }

  /** About how many bytes wait for this side's connection, or for the rest of a unit from it. */
  long heldBytes() {
    return Holder.waitingFor(ctx.channel()) + held.length;
  }

  /** Closes the connection, and has the kernel forget what it has not sent either. */
  void drop() {
    Holder.forgetUnsent(ctx.channel());
    closeNow();
  }

  /** Closes the connection, whatever is still waiting to be written. */
  void closeNow() {
    if (!gone) {
      gone = true;
      peer.relay(Relay.NOTHING);
      if (taken != null) {
        taken.release();
        taken = null;
      }
      // Where a close_notify has a place, it was sent by endOutput.
      TlsStream.cut(ctx.channel());
    }
  }

  // ---- Pings of our own

  /**
   * Looks whether this side has been silent for long, and asks it then.
   *
   * @return true when it was asked, and has not answered in time
   */
  boolean lost(int now) {
    if (keepAlive == null || unasked()) {
      return false;
    }
    if (!listening()) {
      keepAlive.heard(now);
      return false;
    }
    return switch (keepAlive.silence(now, active, tunnel.listening())) {
      case NONE -> false;
      case LONG -> {
        ask(keepAlive, now);
        yield false;
      }
      case TOO_LONG -> true;
    };
  }

  /** When {@link #lost} is to look again at the latest; {@code otherwise} if it need not. */
  int nextLook(int now, int otherwise) {
    return keepAlive == null || unasked()
        ? otherwise
        : Math.min(otherwise, keepAlive.nextLook(now, active));
  }

  /** Whether no Ping is sent any more: behind a Close there is none, and nobody need answer. */
  private boolean unasked() {
    return told() || inputEnded || frames.closed();
  }

  private void ask(KeepAlive keepAlive, int now) {
    if (!keepAlive.mayPing()) {
      keepAlive.ask(now);
    } else if (betweenFrames()) {
      ping(keepAlive, now);
    } else {
      keepAlive.due(true);
      peer.adjustCare();
    }
  }

  private boolean isPingDue() {
    return keepAlive != null && keepAlive.due();
  }

  /** The frame has ended for whose end our Ping was waiting: it is sent if it is still wanted. */
  private void pingAtLast() {
    if (keepAlive == null) {
      return;
    }
    keepAlive.due(false);
    int now = tunnel.now();
    if (tunnel.isOpen()
        && !unasked()
        && keepAlive.silence(now, active, tunnel.listening()) == KeepAlive.Silence.LONG) {
      ask(keepAlive, now);
      tunnel.lookAnew();
    }
    peer.adjustCare();
  }

  private void ping(KeepAlive keepAlive, int now) {
    long nonce = keepAlive.ping(now);
    ByteBuf frame =
        tunnel.isClient(this)
            ? ControlFrame.pingToClient(allocator, nonce)
            : ControlFrame.pingToUpstream(allocator, nonce);
    keepAlive.sent(frame.readableBytes());
    counters.addPing();
    adjustCare();
    write(frame);
    ctx.flush();
  }

  /** Takes frames one by one from now on if that is needed, and only then. */
  private void adjustCare() {
    careful = (keepAlive != null && keepAlive.awaited()) || peer.isPingDue();
  }

  /**
   * Looks whether the connection has taken nothing since it was found with bytes waiting.
   *
   * @return true when that was at least {@code limit} ticks ago
   */
  boolean stalled(int now, int limit) {
    long waiting = waiting();
    if (waiting == 0) {
      takenWhenLooked = -1;
      return false;
    }
    long taken = (encrypted == null ? written() : encrypted.written()) - waiting;
    if (taken != takenWhenLooked) {
      takenWhenLooked = taken;
      waitingSince = now;
      return false;
    }
    return now - waitingSince >= limit;
  }

  /** Bytes for this side's connection: what came from the peer without its Pongs, and our Pings. */
  private long written() {
    long written = peer.bytes;
    if (peer.keepAlive != null) {
      written -= peer.keepAlive.keptBytes();
    }
    return keepAlive == null ? written : written + keepAlive.sentBytes();
  }

  private long waiting() {
    ChannelOutboundBuffer pending = ctx.channel().unsafe().outboundBuffer();
    if (pending == null || pending.isEmpty()) {
      return 0;
    }
    long[] sum = {0};
    try {
      pending.forEachFlushedMessage(
          message -> {
            sum[0] += message instanceof ByteBuf buffer ? buffer.readableBytes() : 0;
            return true;
          });
    } catch (Exception e) {
      throw new IllegalStateException("the processor above throws nothing", e);
    }
    return sum[0];
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

  /** Whether this side's connection has been sent its last: a Close by either of us, or FIN. */
  boolean told() {
    return closeInjected || peer.closePassed || outputEnding || gone;
  }

  boolean closeInjected() {
    return closeInjected;
  }

  boolean isOpen() {
    return ctx.channel().isOpen();
  }

  ByteBufAllocator allocator() {
    return allocator;
  }

  boolean inputEnded() {
    return inputEnded;
  }

  boolean gone() {
    return gone;
  }
}
