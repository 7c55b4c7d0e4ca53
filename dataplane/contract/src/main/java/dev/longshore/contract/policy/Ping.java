package dev.longshore.contract.policy;

import dev.longshore.contract.Field;
import java.time.Duration;

/**
 * Pings of the proxy's own, which keep a tunnel alive and find a dead peer.
 *
 * @param interval without a byte from a peer until it gets a Ping; above zero, but for {@link
 *     #NONE}
 * @param timeout from that Ping until a peer that still says nothing counts as gone; above zero
 * @param towards who gets Pings
 */
public record Ping(Duration interval, Duration timeout, Towards towards) implements PolicyPart {
  /** Nobody gets Pings. */
  public static final Ping NONE = new Ping(Duration.ZERO, Duration.ZERO, Towards.CLIENT);

  /** Which peers of a tunnel. */
  public enum Towards {
    CLIENT,
    UPSTREAM,
    BOTH
  }

  /** Whether clients get Pings. */
  public boolean towardsClient() {
    return towards != Towards.UPSTREAM && !isDefault();
  }

  /** Whether upstreams get Pings. */
  public boolean towardsUpstream() {
    return towards != Towards.CLIENT && !isDefault();
  }

  @Override
  public void check(Field at) {
    at.at("interval").positive(interval);
    at.at("timeout").positive(timeout);
  }
}
