package dev.longshore.proxy.tunnel;

import dev.longshore.contract.Policy.Limits;
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

  private final @Nullable MessageRate rate;

  /** Of the side that the frames go to: their Pings ask it. */
  private final @Nullable KeepAlive asked;

  /** Of the side that the frames come from: their Pongs are its answers. */
  private final @Nullable KeepAlive answering;

  /** Payload of the current message so far. */
  private long size;

  private FrameRules(
      long mostBytes,
      @Nullable MessageRate rate,
      @Nullable KeepAlive asked,
      @Nullable KeepAlive answering) {
    this.mostBytes = mostBytes;
    this.rate = rate;
    this.asked = asked;
    this.answering = answering;
  }

  /**
   * The rules of one direction.
   *
   * @param asked of the side that the frames go to; null: it gets no Pings of ours
   * @param answering of the side that they come from
   * @return null when there are none
   */
  static @Nullable FrameRules of(
      Limits limits,
      @Nullable MessageRate rate,
      @Nullable KeepAlive asked,
      @Nullable KeepAlive answering) {
    boolean any = limits.messageBytes() > 0 || rate != null || asked != null || answering != null;
    long mostBytes = limits.messageBytes() > 0 ? limits.messageBytes() : Long.MAX_VALUE;
    return any ? new FrameRules(mostBytes, rate, asked, answering) : null;
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
    return begins && rate != null && !rate.take() ? CloseCause.RATE : null;
  }

  /**
   * Looks at the header of a control frame that is longer than one may be (RFC 6455 §5.5). Such a
   * frame is for its receiver to refuse, but the limit is no weaker for it.
   *
   * @return why it must not pass; null: it may
   */
  @Nullable CloseCause refuseLongControl(long length) {
    return length > mostBytes ? CloseCause.SIZE : null;
  }

  /**
   * Looks at a whole control frame.
   *
   * @param first byte of the frame
   * @param at index of the payload
   * @param length of the payload, at most 125
   * @param mask 0: none
   */
  void control(int first, ByteBuf in, int at, int length, int mask) {
    if (first == FIN_AND_PING && asked != null) {
      asked.relayedPing(digest(in, at, length, mask));
    } else if (first == FIN_AND_PONG && answering != null) {
      answering.pong(in, at, length, mask);
    }
  }

  /** By what a Ping is known again in its Pong. */
  static int digest(ByteBuf in, int at, int length, int mask) {
    int digest = length;
    for (int i = 0; i < length; i++) {
      int unmasked = in.getByte(at + i) ^ (mask >> (24 - (i & 3) * 8));
      digest = 31 * digest + (unmasked & 0xff);
    }
    return digest;
  }
}
