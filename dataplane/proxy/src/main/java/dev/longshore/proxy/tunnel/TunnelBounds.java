package dev.longshore.proxy.tunnel;

import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * What ends an open tunnel in time: a Close that it is to have, its lifetime, idleness, an end that
 * takes nothing, and Pings without an answer. All are looked at by the loop's wheel, nothing is
 * scheduled per message. On the tunnel's event loop; all times are ticks of it.
 */
final class TunnelBounds {
  private static final int LIFETIME_JITTER_PERCENT = 10;
  private static final int LOOKS_PER_STALL = 4;

  /** The wheel shortens it. */
  private static final int LONGEST_LOOK = 1 << 20;

  private final TunnelTerms terms;
  private final TunnelSide client;
  private final TunnelSide upstream;

  /** The cause for which the tunnel is closed at {@link #expires}; null: none. */
  private @Nullable CloseCause expiry;

  private int expires;

  /** Whether its life ends at {@link #lifeEnds}. */
  private boolean mortal;

  private int lifeEnds;

  TunnelBounds(TunnelTerms terms, TunnelSide client, TunnelSide upstream) {
    this.terms = terms;
    this.client = client;
    this.upstream = upstream;
  }

  /** The tunnel's life begins. */
  void begin(int now) {
    mortal = terms.lifetime() > 0;
    lifeEnds = mortal ? now + jittered(terms.lifetime()) : 0;
  }

  /** Those that were opened together do not end together. */
  private static int jittered(int ticks) {
    int jitter = (int) ((long) ticks * LIFETIME_JITTER_PERCENT / 100);
    return ticks + ThreadLocalRandom.current().nextInt(-jitter, jitter + 1);
  }

  /** Whether the tunnel is to be closed at some time, for {@link #expiry}. */
  boolean expires() {
    return expiry != null;
  }

  /** Whether it would be closed earlier than so far. */
  boolean isEarlier(int tick) {
    return expiry == null || tick - expires < 0;
  }

  /**
   * Has the tunnel closed at a tick, or before that: the earliest time holds. The cause is that of
   * the earliest, too, unless it is the drain of an endpoint, which may be called off.
   *
   * @return whether this cause is the one that counts
   */
  boolean expireAt(int tick, CloseCause why) {
    boolean earlier = isEarlier(tick);
    boolean counts =
        expiry == null || expiry == CloseCause.DRAIN || (earlier && why != CloseCause.DRAIN);
    if (counts) {
      expiry = why;
    }
    if (earlier) {
      expires = tick;
    }
    return counts;
  }

  /**
   * It is not closed for the drain of its endpoint.
   *
   * @return whether that is why it would have been
   */
  boolean keep() {
    boolean was = expiry == CloseCause.DRAIN;
    if (was) {
      expiry = null;
    }
    return was;
  }

  /** Why the tunnel is to be closed now; null: nothing ends it yet. Sends Pings that are due. */
  @Nullable CloseCause passed(int now) {
    if (expiry != null && now - expires >= 0) {
      return expiry;
    }
    if (mortal && now - lifeEnds >= 0) {
      return CloseCause.LIFETIME;
    }
    if (terms.idle() > 0 && now - lastActive() >= terms.idle()) {
      return CloseCause.IDLE;
    }
    if (stalled(now)) {
      return CloseCause.STALL;
    }
    return client.lost(now) | upstream.lost(now) ? CloseCause.PING : null;
  }

  private boolean stalled(int now) {
    int limit = terms.stall();
    return limit > 0 && client.stalled(now, limit) | upstream.stalled(now, limit);
  }

  private int lastActive() {
    int one = client.active();
    int other = upstream.active();
    return one - other >= 0 ? one : other;
  }

  /** When to look again, not later. */
  int nextLook(int now) {
    int next = now + LONGEST_LOOK;
    if (expiry != null) {
      next = Math.min(next, expires);
    }
    if (mortal) {
      next = Math.min(next, lifeEnds);
    }
    if (terms.idle() > 0) {
      next = Math.min(next, lastActive() + terms.idle());
    }
    if (terms.stall() > 0) {
      // Only by looking is a stall noticed, so it is noticed at most this much late.
      next = Math.min(next, now + Math.max(1, terms.stall() / LOOKS_PER_STALL));
    }
    return upstream.nextLook(now, client.nextLook(now, next));
  }
}
