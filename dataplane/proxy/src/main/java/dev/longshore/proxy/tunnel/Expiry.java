package dev.longshore.proxy.tunnel;

import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * When something that lives long is to be closed: at a time that somebody names, or at the end of
 * its life. On its event loop; all times are ticks of it. What has other bounds extends it, for an
 * object of its own would be one more of every tunnel.
 */
class Expiry {
  private static final int LIFETIME_JITTER_PERCENT = 10;

  /** The wheel shortens it. */
  static final int LONGEST_LOOK = 1 << 20;

  /** The cause for which it is closed at {@link #expires}; null: none. */
  private @Nullable CloseCause expiry;

  private int expires;

  /** Whether its life ends at {@link #lifeEnds}. */
  private boolean mortal;

  private int lifeEnds;

  /**
   * Its life begins.
   *
   * @param lifetime in ticks, ±10 %; 0: without end
   */
  final void begin(int now, int lifetime) {
    mortal = lifetime > 0;
    lifeEnds = mortal ? now + jittered(lifetime) : 0;
  }

  /** Those that were opened together do not end together. */
  private static int jittered(int ticks) {
    int jitter = (int) ((long) ticks * LIFETIME_JITTER_PERCENT / 100);
    return ticks + ThreadLocalRandom.current().nextInt(-jitter, jitter + 1);
  }

  /** Whether it is to be closed at some time, for {@link #expiry}. */
  final boolean expires() {
    return expiry != null;
  }

  /** Whether it would be closed earlier than so far. */
  final boolean isEarlier(int tick) {
    return expiry == null || tick - expires < 0;
  }

  /**
   * Has it closed at a tick, or before that: the earliest time holds. The cause is that of the
   * earliest, too, unless it is the drain of an endpoint, which may be called off.
   *
   * @return whether this cause is the one that counts
   */
  final boolean expireAt(int tick, CloseCause why) {
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
  final boolean keep() {
    boolean was = expiry == CloseCause.DRAIN;
    if (was) {
      expiry = null;
    }
    return was;
  }

  /** Why it is to be closed now; null: nothing ends it yet. */
  final @Nullable CloseCause expired(int now) {
    if (expiry != null && now - expires >= 0) {
      return expiry;
    }
    return mortal && now - lifeEnds >= 0 ? CloseCause.LIFETIME : null;
  }

  /** When to look again for that, not later. */
  final int nextExpiry(int now) {
    int next = now + LONGEST_LOOK;
    if (expiry != null) {
      next = Math.min(next, expires);
    }
    return mortal ? Math.min(next, lifeEnds) : next;
  }
}
