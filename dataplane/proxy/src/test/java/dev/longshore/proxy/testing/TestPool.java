package dev.longshore.proxy.testing;

import dev.longshore.contract.PoolPart;
import dev.longshore.contract.Secret;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Affinity;
import dev.longshore.contract.UpstreamPool.Balancing;
import dev.longshore.contract.UpstreamPool.EndpointLimit;
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
    return UpstreamPool.of(
            pool.key(),
            pool.endpoints(),
            Balancing.CONSISTENT_HASH,
            pool.slowStart(),
            pool.keepalive(),
            pool.parts().toArray(PoolPart[]::new))
        .with(new HashOn(type, name));
  }

  /** One with a cookie {@code longshore}, for a session, and a key made of one digit. */
  public static UpstreamPool sticky(UpstreamPool pool, char digit) {
    return pool.with(
        new Affinity(
            "longshore",
            Duration.ZERO,
            "/",
            SameSite.LAX,
            new Secret(String.valueOf(digit).repeat(64))));
  }

  /** One with a maximum of connections for each endpoint. */
  public static UpstreamPool bounded(UpstreamPool pool, int most) {
    return pool.with(new EndpointLimit(most));
  }
}
