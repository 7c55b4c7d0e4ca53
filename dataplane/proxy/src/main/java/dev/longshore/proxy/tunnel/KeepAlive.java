package dev.longshore.proxy.tunnel;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The Pings of the proxy's own to one side of a tunnel (RFC 6455 §5.5.2). Exists only where a
 * policy has Pings towards that side.
 *
 * <p>Silence of the side for the interval is a question to it: a Ping with a nonce that nobody else
 * knows, whose Pong is kept from the other side. There is at most one such Ping without its Pong,
 * and none is sent while one of the other side's is unanswered: a peer may answer only the latest
 * (§5.5.3), and then the other side would miss its own. That Ping asks the same, and so does ours
 * when it is still unanswered: only the time runs anew. Every byte of the side is an answer.
 *
 * <p>What it costs: each question two looks by the loop's wheel, one send and one read, about 10 µs
 * besides the kernel's part. 50,000 tunnels that are pinged every 30 s are 1,700 questions a
 * second. Without Pings a tunnel is looked at every 15 s, a quarter of writeStall, for less than a
 * microsecond: 50,000 of them are 0.3 % of a core ({@code bench/jmh/run --idle}). There is no timer
 * per tunnel, and nothing per message but a look at the opcode of control frames.
 *
 * <p>On the tunnel's event loop. All times are ticks of it.
 */
final class KeepAlive {
  /** Nobody's Pings stay in step with everybody else's: an interval is longer by up to so much. */
  private static final int JITTER_PERCENT = 10;

  /** What a side's silence means. */
  enum Silence {
    /** Nothing yet. */
    NONE,
    /** It should be asked. */
    LONG,
    /** It was asked, and said nothing in time. */
    TOO_LONG
  }

  private final int interval;
  private final int timeout;

  /** Last sign of life that was no activity of the tunnel. */
  private int heard;

  private boolean asked;
  private int askedAt;

  /** A Ping waits for the end of a frame. */
  private boolean due;

  /** Our Ping has been sent, its Pong has not come. */
  private boolean awaited;

  /** The frame just looked at was the Pong to our Ping. */
  private boolean answer;

  /** The other side's latest Ping has been passed on, its Pong has not come. */
  private boolean relayed;

  private int relayedDigest;
  private long nonce;

  KeepAlive(TunnelTerms terms) {
    int ticks = terms.pingInterval();
    int most = (int) ((long) ticks * JITTER_PERCENT / 100);
    interval = ticks + ThreadLocalRandom.current().nextInt(most + 1);
    timeout = terms.pingTimeout();
  }

  /** A sign of life that was no activity, or the end of a time in which nobody listened. */
  void heard(int now) {
    heard = now;
  }

  /**
   * What to do about the side now.
   *
   * @param active when it was last active
   * @param listening since when the loop has been reading without a break
   */
  Silence silence(int now, int active, int listening) {
    int alive = later(active, heard);
    if (asked && alive - askedAt >= 0) {
      asked = false;
    }
    if (asked) {
      return now - later(askedAt, listening) >= timeout ? Silence.TOO_LONG : Silence.NONE;
    }
    return now - alive >= interval ? Silence.LONG : Silence.NONE;
  }

  /** When to look at the side again, not later. */
  int nextLook(int now, int active) {
    int alive = later(active, heard);
    if (asked && alive - askedAt < 0) {
      // Or the answer comes at once, and the next question is before the end of this one's time.
      return Math.min(askedAt + timeout, now + interval);
    }
    return due ? now + interval : alive + interval;
  }

  private static int later(int one, int other) {
    return one - other >= 0 ? one : other;
  }

  /** Whether a Ping of ours may be sent now, as far as other Pings are concerned. */
  boolean mayPing() {
    return !relayed && !awaited;
  }

  /** Has a Ping wait for the end of a frame, or no longer. */
  void due(boolean waits) {
    due = waits;
  }

  boolean due() {
    return due;
  }

  /** The side is asked by a Ping that is on its way already. */
  void ask(int now) {
    asked = true;
    askedAt = now;
  }

  /** The side is asked by a Ping of ours; returns its nonce. */
  long ping(int now) {
    ask(now);
    due = false;
    awaited = true;
    nonce = ThreadLocalRandom.current().nextLong();
    return nonce;
  }

  /** Whether the Pong to our Ping may still come. */
  boolean awaited() {
    return awaited;
  }

  /** A Ping of the other side passes on to this one. */
  void relayedPing(int digest) {
    relayed = true;
    relayedDigest = digest;
  }

  /** A Pong has come from this side. */
  void pong(ByteBuf in, int at, int length, int mask) {
    if (awaited && ControlFrame.holds(nonce, in, at, length, mask)) {
      awaited = false;
      answer = true;
    } else if (relayed && ControlFrame.digest(in, at, length, mask) == relayedDigest) {
      relayed = false;
      // If there is one of ours it went before: the peer chose to answer the latest only.
      awaited = false;
    }
  }

  /** Whether the frame just looked at was the Pong to our Ping; says so once. */
  boolean takeAnswer() {
    boolean was = answer;
    answer = false;
    return was;
  }
}
