package dev.longshore.proxy.tunnel;

import dev.longshore.contract.HardLimits;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What a policy looks for among the frames of one direction: messages that are too long or too
 * many, and the Pings and Pongs that tell when the proxy may ping. Exists only where a policy looks
 * for something.
 *
 * <p>On the tunnel's event loop.
 */
final class FrameRules {
  private static final int FIN_AND_PING = 0x89;
  private static final int FIN_AND_PONG = 0x8a;

  /** Payload on the wire, over all fragments. */
  private final long mostBytes;

  /** Fragments that carry at least so much are paid for by their bytes. */
  private static final int SMALL_BYTES = 1024;

  private final @Nullable MessageRate rate;

  /** What is no message of its own, and costs as much: control frames and small fragments. */
  private final @Nullable MessageRate frames;

  /** Of the other direction: who is asked by a Ping may answer it. */
  private final @Nullable MessageRate answers;

  /** Of the side that the frames go to: their Pings ask it. */
  private final @Nullable KeepAlive asked;

  /** Of the side that the frames come from: their Pongs are its answers. */
  private final @Nullable KeepAlive answering;

  /** Payload of the current message so far. */
  private long size;

  private FrameRules(
      long mostBytes,
      @Nullable ClientRate rate,
      boolean client,
      @Nullable KeepAlive asked,
      @Nullable KeepAlive answering) {
    this.mostBytes = mostBytes;
    this.rate = rate != null && client ? rate.messages() : null;
    this.frames = rate != null && client ? rate.frames() : null;
    this.answers = rate != null && !client ? rate.frames() : null;
    this.asked = asked;
    this.answering = answering;
  }

  /**
   * How often a client may send something.
   *
   * @param messages that it begins
   * @param frames that begin none
   */
  record ClientRate(MessageRate messages, MessageRate frames) {
    /** As the terms have it; null: as often as it likes. */
    static @Nullable ClientRate of(TickClock clock, TunnelTerms terms) {
      int perSecond = terms.messagesPerSecond();
      int burst = terms.messagesBurst();
      return perSecond == 0
          ? null
          : new ClientRate(
              new MessageRate(clock, perSecond, burst),
              new MessageRate(clock, frames(perSecond), frames(Math.max(1, burst))));
    }

    private static int frames(int messages) {
      return (int)
          Math.min((long) messages * HardLimits.FRAMES_PER_MESSAGE, MessageRate.MOST_PER_SECOND);
    }
  }

  /**
   * The rules of one direction.
   *
   * @param rate of the client, whichever direction it is; null: there is none
   * @param client whether the frames come from the client
   * @param asked of the side that the frames go to; null: it gets no Pings of ours
   * @param answering of the side that they come from
   * @return null when there are none
   */
  static @Nullable FrameRules of(
      TunnelTerms terms,
      @Nullable ClientRate rate,
      boolean client,
      @Nullable KeepAlive asked,
      @Nullable KeepAlive answering) {
    boolean any = terms.messageBytes() > 0 || rate != null || asked != null || answering != null;
    long mostBytes = terms.messageBytes() > 0 ? terms.messageBytes() : Long.MAX_VALUE;
    return any ? new FrameRules(mostBytes, rate, client, asked, answering) : null;
  }

  /**
   * Looks at the header of a data frame.
   *
   * @param begins whether a message begins with it
   * @param length of its payload, not negative
   * @return why it must not pass; null: it may
   */
  @Nullable CloseCause refuseData(boolean begins, long length) {
    if (begins) {
      size = 0;
    }
    // Never above mostBytes, so nothing overflows.
    if (length > mostBytes - size) {
      return CloseCause.SIZE;
    }
    size += length;
    if (begins) {
      return rate != null && !rate.take() ? CloseCause.RATE : null;
    }
    return length < SMALL_BYTES && frames != null && !frames.take() ? CloseCause.RATE : null;
  }

  /**
   * Looks at the header of a control frame that is longer than one may be (RFC 6455 §5.5). Such a
   * frame is for its receiver to refuse, but the limit is no weaker for it.
   *
   * @return why it must not pass; null: it may
   */
  @Nullable CloseCause refuseLongControl(long length) {
    return length > mostBytes ? CloseCause.SIZE : refuseControl();
  }

  private @Nullable CloseCause refuseControl() {
    return frames != null && !frames.take() ? CloseCause.RATE : null;
  }

  /**
   * Looks at a whole control frame.
   *
   * @return why it must not pass; null: it may
   * @param first byte of the frame
   * @param at index of the payload
   * @param length of the payload, at most 125
   * @param mask 0: none
   */
  @Nullable CloseCause control(int first, ByteBuf in, int at, int length, int mask) {
    CloseCause refusal = refuseControl();
    if (refusal != null) {
      return refusal;
    }
    if (first == FIN_AND_PING) {
      if (answers != null) {
        answers.give();
      }
      if (asked != null) {
        asked.relayedPing(ControlFrame.digest(in, at, length, mask));
      }
    } else if (first == FIN_AND_PONG && answering != null) {
      answering.pong(in, at, length, mask);
    }
    return null;
  }
}
