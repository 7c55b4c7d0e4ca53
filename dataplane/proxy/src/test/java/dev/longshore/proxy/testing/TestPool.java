package dev.longshore.proxy.testing;

import dev.longshore.contract.Secret;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Affinity;
import dev.longshore.contract.UpstreamPool.Balancing;
import dev.longshore.contract.UpstreamPool.HashOn;
import dev.longshore.contract.UpstreamPool.HashType;
import dev.longshore.contract.UpstreamPool.SameSite;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Pools that differ from a given one in how they choose an endpoint. */
public final class TestPool {
  private TestPool() {}

  /** One that hashes; null name for a client's address. */
  public static UpstreamPool hashing(UpstreamPool pool, HashType type, @Nullable String name) {
    return with(
        pool,
        Balancing.CONSISTENT_HASH,
        new HashOn(type, name),
        pool.affinity(),
        pool.maxConnectionsPerEndpoint());
  }

  /** One with a cookie {@code longshore}, for a session, and a key made of one digit. */
  public static UpstreamPool sticky(UpstreamPool pool, char digit) {
    return sticky(
        pool,
        new Affinity(
            "longshore",
            Duration.ZERO,
            "/",
            SameSite.LAX,
            new Secret(String.valueOf(digit).repeat(64))));
  }

  /** One with an affinity cookie. */
  public static UpstreamPool sticky(UpstreamPool pool, Affinity affinity) {
    return with(pool, pool.balancing(), pool.hashOn(), affinity, pool.maxConnectionsPerEndpoint());
  }

  /** One with a maximum of connections for each endpoint. */
  public static UpstreamPool bounded(UpstreamPool pool, int most) {
    return with(pool, pool.balancing(), pool.hashOn(), pool.affinity(), most);
  }

  private static UpstreamPool with(
      UpstreamPool pool,
      Balancing balancing,
      @Nullable HashOn hashed,
      @Nullable Affinity affinity,
      @Nullable Integer most) {
    return UpstreamPool.of(
        pool.key(),
        pool.endpoints(),
        balancing,
        pool.slowStart(),
        pool.keepalive(),
        pool.tls(),
        hashed,
        affinity,
        pool.health(),
        most == null ? null : new UpstreamPool.EndpointLimit(most),
        pool.rebalance());
  }
}
