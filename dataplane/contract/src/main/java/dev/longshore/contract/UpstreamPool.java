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
 * @param hashOn what {@link Balancing#CONSISTENT_HASH} hashes, and only that; null: nothing
 * @param affinity the cookie that keeps a client at its endpoint; null: none
 * @param health how endpoints that fail are found; null: they are not
 * @param maxConnectionsPerEndpoint tunnels and requests of one endpoint over all data planes, of
 *     which each takes its share; above 0; null: no limit
 * @param rebalance how tunnels move to new endpoints; null: they stay
 */
public record UpstreamPool(
    PoolKey key,
    EndpointSetKey endpoints,
    Balancing balancing,
    Duration slowStart,
    Keepalive keepalive,
    @Nullable UpstreamTls tls,
    @Nullable HashOn hashOn,
    @Nullable Affinity affinity,
    @Nullable HealthCheck health,
    @Nullable Integer maxConnectionsPerEndpoint,
    @Nullable Rebalance rebalance) {

  /** The same pool, spoken to otherwise. */
  public UpstreamPool withTls(@Nullable UpstreamTls other) {
    return new UpstreamPool(
        key,
        endpoints,
        balancing,
        slowStart,
        keepalive,
        other,
        hashOn,
        affinity,
        health,
        maxConnectionsPerEndpoint,
        rebalance);
  }

  /** A pool for which nothing else is said. */
  public static UpstreamPool of(
      PoolKey key,
      EndpointSetKey endpoints,
      Balancing balancing,
      Duration slowStart,
      Keepalive keepalive,
      @Nullable UpstreamTls tls) {
    return new UpstreamPool(
        key, endpoints, balancing, slowStart, keepalive, tls, null, null, null, null, null);
  }

  /** How an endpoint is chosen. */
  public enum Balancing {
    /** The less loaded of two random ones. */
    LEAST_CONNECTIONS,
    /** In turn. */
    ROUND_ROBIN,
    /** Any. */
    RANDOM,
    /** The same one for the same {@link HashOn} value, as far as endpoints stay. */
    CONSISTENT_HASH
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
    public static final Keepalive DEFAULT = new Keepalive(64, Duration.ofSeconds(4));
  }

  /**
   * Which part of a request is hashed.
   *
   * @param type where it stands
   * @param name of the header (in lower case), cookie or query parameter; null for {@link
   *     HashType#CLIENT_IP}
   */
  public record HashOn(HashType type, @Nullable String name) {}

  /** Where a hashed value stands. */
  public enum HashType {
    HEADER,
    COOKIE,
    QUERY,
    /** The client's address behind trusted proxies. */
    CLIENT_IP
  }

  /**
   * A cookie that keeps a client at its endpoint. It is opaque: a keyed hash of the endpoint.
   *
   * @param cookie its name, a token
   * @param ttl how long it lives; zero: as long as the browser's session
   * @param path that it is sent for
   * @param sameSite whether other sites' requests carry it
   * @param key 64 hex digits, of this pool alone and the same on all data planes; null: it was
   *     taken away, and each data plane makes one up
   */
  public record Affinity(
      String cookie, Duration ttl, String path, SameSite sameSite, @Nullable Secret key) {}

  /** The SameSite attribute of a cookie. */
  public enum SameSite {
    STRICT,
    LAX,
    /** Browsers take it over TLS only. */
    NONE
  }

  /**
   * How endpoints that fail are found.
   *
   * @param passive by the traffic itself; null: not
   * @param active by probes; null: not
   * @param panicThresholdPercent with less than this share of endpoints healthy all are used, 0 to
   *     100; 0: never
   */
  public record HealthCheck(
      @Nullable Passive passive, @Nullable Active active, int panicThresholdPercent) {}

  /**
   * Leaves an endpoint out for a while.
   *
   * @param consecutiveFailures after which it is ejected, 1 to 1,000
   * @param ejectFor how long it gets nothing new; above zero
   * @param maxEjectedPercent share of endpoints that may be ejected at once, 0 to 100
   */
  public record Passive(int consecutiveFailures, Duration ejectFor, int maxEjectedPercent) {}

  /**
   * Probes of every endpoint, by every data plane.
   *
   * @param type what is asked
   * @param path absolute; {@code /} for TCP
   * @param interval between two probes of one endpoint, at least 100 ms; below {@link
   *     HardLimits#PROBE_INTERVAL_MILLIS}, as older operators allow, it is that
   * @param timeout of one probe, above zero and not longer than {@code interval}
   * @param healthyThreshold good ones in a row that make it healthy, 1 to 100
   * @param unhealthyThreshold bad ones in a row that make it unhealthy, 1 to 100
   */
  public record Active(
      Probe type,
      String path,
      Duration interval,
      Duration timeout,
      int healthyThreshold,
      int unhealthyThreshold) {}

  /** What a probe asks. */
  public enum Probe {
    /** GET; 2xx and 3xx are good. */
    HTTP,
    /** A connection is good. */
    TCP,
    /** A verified 101 is good. */
    WEB_SOCKET
  }

  /**
   * Tunnels move from crowded endpoints to others by a polite Close.
   *
   * @param maxPerSecond over all data planes, of which each takes its share, 1 to 100,000
   * @param tolerancePercent how far above the average an endpoint may stay, 1 to 100
   */
  public record Rebalance(int maxPerSecond, int tolerancePercent) {}
}
