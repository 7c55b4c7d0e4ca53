package dev.longshore.proxy.http2;

import dev.longshore.proxy.http.LoopContext;
import dev.longshore.proxy.http1.LingeringClose;
import dev.longshore.proxy.limit.ClientSlot;
import dev.longshore.proxy.loop.Deadline;
import dev.longshore.proxy.tls.TlsStream;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * When a connection goes, and how: by two GOAWAYs (RFC 9113 §6.8) while it has streams or may have
 * some on their way, and closed behind the last of them. On its event loop.
 */
final class Departure {
  /** How long a connection may be without a stream. */
  private static final Duration IDLE = Duration.ofSeconds(75);

  /**
   * Between the two GOAWAYs of a polite end, if the client doesn't answer the PING between them.
   */
  private static final Duration ROUND_TRIP = Duration.ofSeconds(1);

  private static final long GOING_AWAY_PING = 0x4c6f6e6773686f72L;

  private enum Phase {
    OPEN,
    /** Streams that were on their way when it was told to leave may still come. */
    GOING_AWAY,
    /** No more come; those that are open go on. */
    LEAVING,
    /** Nothing that comes matters any more. */
    CLOSING,
    GONE
  }

  private final Channel channel;
  private final LoopContext loopContext;
  private final Codec codec;
  private final Timer timer = new Timer();
  private final StepTimer stepTimer = new StepTimer();
  private Phase phase = Phase.OPEN;
  private boolean servedOne;
  private int open;
  private @Nullable LingeringClose closing;

  Departure(Channel channel, LoopContext loopContext, Codec codec) {
    this.channel = channel;
    this.loopContext = loopContext;
    this.codec = codec;
  }

  /** It waits for its first stream; it has been accepted. */
  void begin() {
    timer.arm(loopContext.settings().bounds().requestTimeout());
  }

  /** It has a stream more. */
  void opened() {
    if (open++ == 0 && (phase == Phase.OPEN || phase == Phase.GOING_AWAY)) {
      timer.arm(Duration.ZERO);
      ClientSlot.of(channel).busy();
    }
    servedOne = true;
  }

  /** One of its streams has ended. */
  void left() {
    if (--open == 0) {
      rest();
    }
  }

  private void rest() {
    switch (phase) {
      case OPEN -> {
        ClientSlot.of(channel).waiting();
        timer.arm(IDLE);
      }
      case GOING_AWAY -> ClientSlot.of(channel).waiting();
      case CLOSING, GONE -> {}
      // Not from within the write that was the last.
      case LEAVING -> channel.eventLoop().execute(this::close);
    }
  }

  /**
   * Tells the client to go within the first half of the window: all of them at once would return.
   */
  void drain() {
    if (phase != Phase.OPEN) {
      return;
    }
    long window = loopContext.settings().processDrain().window().toNanos();
    if (open == 0 || window < 2) {
      goAway();
    } else {
      stepTimer.arm(Duration.ofNanos(1 + ThreadLocalRandom.current().nextLong(window / 2)));
    }
  }

  /** The first of the two: what is on its way is still served. */
  void goAway() {
    phase = Phase.GOING_AWAY;
    ChannelHandlerContext ctx = codec.context();
    goAway(ctx, Integer.MAX_VALUE);
    var _ = codec.encoder().writePing(ctx, false, GOING_AWAY_PING, ctx.newPromise());
    flush(ctx);
    stepTimer.arm(ROUND_TRIP);
  }

  /** The second: there will be no streams but those that there are. */
  private void leave() {
    phase = Phase.LEAVING;
    stepTimer.arm(Duration.ZERO);
    ChannelHandlerContext ctx = codec.context();
    goAway(ctx, codec.connection().remote().lastStreamCreated());
    flush(ctx);
    if (open == 0) {
      rest();
    }
  }

  private void goAway(ChannelHandlerContext ctx, int last) {
    var _ =
        codec.goAway(
            ctx, last, Http2Error.NO_ERROR.code(), Unpooled.EMPTY_BUFFER, ctx.newPromise());
  }

  private void flush(ChannelHandlerContext ctx) {
    if (!codec.isReading()) {
      codec.flush(ctx);
    }
  }

  /** A PING was answered; false: it was none of these. */
  boolean answered(long ping) {
    if (ping != GOING_AWAY_PING || phase != Phase.GOING_AWAY) {
      return false;
    }
    leave();
    return true;
  }

  /** Closes behind what was written, and without losing it. */
  private void close() {
    if (isOver()) {
      return;
    }
    phase = Phase.CLOSING;
    timer.arm(Duration.ZERO);
    stepTimer.arm(Duration.ZERO);
    LingeringClose end = new LingeringClose(loopContext.deadlines(), channel, false);
    closing = end;
    end.begin();
  }

  /** Whether nothing that comes matters any more. */
  boolean isOver() {
    return phase == Phase.CLOSING || phase == Phase.GONE;
  }

  /** The codec ends it for what came: it closes behind its GOAWAY. */
  void broken() {
    phase = Phase.CLOSING;
    stepTimer.arm(Duration.ZERO);
    // Who reads nothing would put that off for ever.
    timer.arm(ROUND_TRIP);
  }

  /** It is gone. */
  void gone() {
    phase = Phase.GONE;
    timer.arm(Duration.ZERO);
    stepTimer.arm(Duration.ZERO);
    if (closing != null) {
      closing.stop();
    }
  }

  /** For its first stream, the next one, or the end. */
  private final class Timer extends Deadline {
    /** Zero: never. */
    void arm(Duration after) {
      loopContext.deadlines().arm(this, after);
    }

    @Override
    protected void expired() {
      if (phase != Phase.OPEN || open > 0) {
        TlsStream.cut(channel);
      } else if (servedOne) {
        goAway();
      } else {
        leave();
      }
    }

    @Override
    protected void failed() {
      channel.close();
    }
  }

  /** For the steps of a polite end. */
  private final class StepTimer extends Deadline {
    /** Zero: never. */
    void arm(Duration after) {
      loopContext.deadlines().arm(this, after);
    }

    @Override
    protected void expired() {
      if (phase == Phase.OPEN) {
        goAway();
      } else if (phase == Phase.GOING_AWAY) {
        leave();
      }
    }

    @Override
    protected void failed() {
      channel.close();
    }
  }
}
