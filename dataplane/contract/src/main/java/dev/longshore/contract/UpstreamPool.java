package dev.longshore.contract;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A pool of upstream endpoints and how it is used. Its state (open connections, age of endpoints)
 * lives in the data plane, is kept by key and survives snapshots.
 *
 * @param key its name
 * @param endpoints which endpoint set it draws from
 * @param balancing how an endpoint is chosen
 * @param slowStart how long a new endpoint takes to get its full share; zero: at once
 * @param keepalive idle connections for plain HTTP
 * @param tls how endpoints are spoken to; null: in the clear
 */
public record UpstreamPool(
    PoolKey key,
    EndpointSetKey endpoints,
    Balancing balancing,
    Duration slowStart,
    Keepalive keepalive,
    @Nullable UpstreamTls tls) {

  /** How an endpoint is chosen. */
  public enum Balancing {
    /** The less loaded of two random ones. */
    LEAST_CONNECTIONS,
    /** In turn. */
    ROUND_ROBIN,
    /** Any. */
    RANDOM
  }

  /**
   * Idle upstream connections for plain HTTP.
   *
   * @param idleConnections kept per endpoint and event loop, 0 to 10,000; 0: none, and {@code
   *     Connection: close} is sent upstream
   * @param idleTimeout after which an idle one is closed
   */
  public record Keepalive(int idleConnections, Duration idleTimeout) {
    /** What a pool has when nothing is said. */
    public static final Keepalive DEFAULT = new Keepalive(64, Duration.ofSeconds(60));
  }
}
