package dev.longshore.proxy.tunnel;

import org.jspecify.annotations.Nullable;

/**
 * What ends an open tunnel in time: a Close that it is to have, its lifetime, idleness, an end that
 * takes nothing, and Pings without an answer. All are looked at by the loop's wheel, nothing is
 * scheduled per message. On the tunnel's event loop; all times are ticks of it.
 */
final class TunnelBounds extends Expiry {
  private static final int LOOKS_PER_STALL = 4;

  private final TunnelTerms terms;
  private final TunnelSide client;
  private final TunnelSide upstream;

  TunnelBounds(TunnelTerms terms, TunnelSide client, TunnelSide upstream) {
    this.terms = terms;
    this.client = client;
    this.upstream = upstream;
  }

  /** The tunnel's life begins. */
  void begin(int now) {
    begin(now, terms.lifetime());
  }

  /** Why the tunnel is to be closed now; null: nothing ends it yet. Sends Pings that are due. */
  @Nullable CloseCause passed(int now) {
    CloseCause expired = expired(now);
    if (expired != null) {
      return expired;
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
    int next = nextExpiry(now);
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
