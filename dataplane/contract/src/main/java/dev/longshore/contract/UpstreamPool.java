package dev.longshore.contract;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A pool of upstream endpoints and how it is used. Its state (open connections, age of endpoints)
 * lives in the data plane, is kept by key and survives snapshots.
 *
 * <p>Beside what every pool has it is a set of parts, at most one of each class. Most of them stand
 * here too, which makes it longer than most: who reads a pool looks for them here.
 */
public final class UpstreamPool {
  private final PoolKey key;
  private final EndpointSetKey endpoints;
  private final Balancing balancing;
  private final Duration slowStart;
  private final Keepalive keepalive;

  /** In the order of the canonical form; few, so that looking for one is no more than a map's. */
  private final List<PoolPart> parts;

  private UpstreamPool(
      PoolKey key,
      EndpointSetKey endpoints,
      Balancing balancing,
      Duration slowStart,
      Keepalive keepalive,
      List<PoolPart> parts) {
    this.key = key;
    this.endpoints = endpoints;
    this.balancing = balancing;
    this.slowStart = slowStart;
    this.keepalive = keepalive;
    this.parts = parts;
  }

  /**
   * A pool.
   *
   * @param key its name
   * @param endpoints which endpoint set it draws from
   * @param balancing how an endpoint is chosen
   * @param slowStart how long a new endpoint takes to get its full share; zero: at once
   * @param keepalive idle connections for plain HTTP
   * @param parts what else is said of it; null ones count for nothing
   * @throws IllegalArgumentException if there are two parts of a class
   */
  public static UpstreamPool of(
      PoolKey key,
      EndpointSetKey endpoints,
      Balancing balancing,
      Duration slowStart,
      Keepalive keepalive,
      @Nullable PoolPart... parts) {
    return ofParts(
        key,
        endpoints,
        balancing,
        slowStart,
        keepalive,
        Stream.of(parts).filter(Objects::nonNull).toList());
  }

  static UpstreamPool ofParts(
      PoolKey key,
      EndpointSetKey endpoints,
      Balancing balancing,
      Duration slowStart,
      Keepalive keepalive,
      List<PoolPart> parts) {
    return new UpstreamPool(key, endpoints, balancing, slowStart, keepalive, ordered(parts));
  }

  private static List<PoolPart> ordered(List<PoolPart> parts) {
    List<PoolPart> ordered = new ArrayList<>(parts.size());
    for (PoolPartType<?> type : PoolPartType.all()) {
      List<PoolPart> own = parts.stream().filter(part -> type.type() == part.getClass()).toList();
      if (own.size() > 1) {
        throw new IllegalArgumentException("there are two " + type.name());
      }
      ordered.addAll(own);
    }
    return List.copyOf(ordered);
  }

  /** The same, but for this part. */
  public UpstreamPool with(PoolPart part) {
    List<PoolPart> all = new ArrayList<>(without(part.getClass()).parts);
    all.add(part);
    return ofParts(key, endpoints, balancing, slowStart, keepalive, all);
  }

  /** The same without this part. */
  public UpstreamPool without(Class<? extends PoolPart> type) {
    return get(type) == null
        ? this
        : ofParts(
            key,
            endpoints,
            balancing,
            slowStart,
            keepalive,
            parts.stream().filter(part -> part.getClass() != type).toList());
  }

  /** The same pool, spoken to otherwise. */
  public UpstreamPool withTls(@Nullable UpstreamTls other) {
    return other == null ? without(UpstreamTls.class) : with(other);
  }

  /** The same pool under another name. */
  public UpstreamPool named(PoolKey other) {
    return new UpstreamPool(other, endpoints, balancing, slowStart, keepalive, parts);
  }

  /** Its name. */
  public PoolKey key() {
    return key;
  }

  /** Which endpoint set it draws from. */
  public EndpointSetKey endpoints() {
    return endpoints;
  }

  /** How an endpoint is chosen. */
  public Balancing balancing() {
    return balancing;
  }

  /** How long a new endpoint takes to get its full share; zero: at once. */
  public Duration slowStart() {
    return slowStart;
  }

  /** Idle connections for plain HTTP. */
  public Keepalive keepalive() {
    return keepalive;
  }

  /** What else is said of it, in the order of the canonical form. */
  public List<PoolPart> parts() {
    return parts;
  }

  /** The part of a class; null: nothing of the kind is said. */
  public <P extends PoolPart> @Nullable P get(Class<P> type) {
    for (PoolPart part : parts) {
      if (part.getClass() == type) {
        return type.cast(part);
      }
    }
    return null;
  }

  /** How endpoints are spoken to; null: in the clear. */
  public @Nullable UpstreamTls tls() {
    return get(UpstreamTls.class);
  }

  /** What {@link Balancing#CONSISTENT_HASH} hashes, and only that; null: nothing. */
  public @Nullable HashOn hashOn() {
    return get(HashOn.class);
  }

  /** The cookie that keeps a client at its endpoint; null: none. */
  public @Nullable Affinity affinity() {
    return get(Affinity.class);
  }

  /** How endpoints that fail are found; null: they are not. */
  public @Nullable HealthCheck health() {
    return get(HealthCheck.class);
  }

  /** How much one endpoint takes; null: no limit. */
  public @Nullable EndpointLimit endpointLimit() {
    return get(EndpointLimit.class);
  }

  /** How tunnels move to new endpoints; null: they stay. */
  public @Nullable Rebalance rebalance() {
    return get(Rebalance.class);
  }

  /**
   * What requests are sent by; null: HTTP/1.1, as handshakes of WebSockets are whatever this says.
   */
  public @Nullable Protocol protocol() {
    return get(Protocol.class);
  }

  /** What a data plane has to know to serve by it, by the names of its hello. */
  public SortedSet<String> features() {
    SortedSet<String> needed = new TreeSet<>();
    parts.forEach(part -> needed.addAll(part.features()));
    return needed;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof UpstreamPool that
            && key.equals(that.key)
            && endpoints.equals(that.endpoints)
            && balancing == that.balancing
            && slowStart.equals(that.slowStart)
            && keepalive.equals(that.keepalive)
            && parts.equals(that.parts));
  }

  @Override
  public int hashCode() {
    return Objects.hash(key, endpoints, balancing, slowStart, keepalive, parts);
  }

  @Override
  public String toString() {
    return "UpstreamPool["
        + key
        + ", "
        + endpoints
        + ", "
        + balancing
        + ", slowStart="
        + slowStart
        + ", "
        + keepalive
        + ", "
        + parts
        + "]";
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
  public record HashOn(HashType type, @Nullable String name) implements PoolPart {
    @Override
    public void check(UpstreamPool pool, Field at) {
      PoolChecks.check(this, pool, at);
    }
  }

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
      String cookie, Duration ttl, String path, SameSite sameSite, @Nullable Secret key)
      implements PoolPart {
    @Override
    public void check(UpstreamPool pool, Field at) {
      PoolChecks.check(this, at);
    }
  }

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
      @Nullable Passive passive, @Nullable Active active, int panicThresholdPercent)
      implements PoolPart {
    /** What a data plane has to know beside, for probes of gRPC. */
    public static final String GRPC_PROBES = "grpc-probes";

    @Override
    public void check(UpstreamPool pool, Field at) {
      PoolChecks.check(this, pool, at);
    }

    @Override
    public Set<String> features() {
      String own = PoolPartType.of(this).feature();
      return active != null && active.type() == Probe.GRPC ? Set.of(own, GRPC_PROBES) : Set.of(own);
    }
  }

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
   * @param service of gRPC probes, at most 253 characters of ASCII; null: the server itself
   */
  public record Active(
      Probe type,
      String path,
      Duration interval,
      Duration timeout,
      int healthyThreshold,
      int unhealthyThreshold,
      @Nullable String service) {}

  /** What a probe asks. */
  public enum Probe {
    /** GET; 2xx and 3xx are good. */
    HTTP,
    /** A connection is good. */
    TCP,
    /** A verified 101 is good. */
    WEB_SOCKET,
    /** SERVING by grpc.health.v1 is good; of pools with {@link Protocol#HTTP_2} only. */
    GRPC
  }

  /**
   * Tunnels move from crowded endpoints to others by a polite Close.
   *
   * @param maxPerSecond over all data planes, of which each takes its share, 1 to 100,000
   * @param tolerancePercent how far above the average an endpoint may stay, 1 to 100
   */
  public record Rebalance(int maxPerSecond, int tolerancePercent) implements PoolPart {
    @Override
    public void check(UpstreamPool pool, Field at) {
      PoolChecks.check(this, pool, at);
    }
  }

  /**
   * How much one endpoint takes.
   *
   * @param connections tunnels and requests at a time, over all data planes, of which each takes
   *     its share; above 0
   */
  public record EndpointLimit(int connections) implements PoolPart {
    @Override
    public void check(UpstreamPool pool, Field at) {
      at.within(connections, 1, PoolChecks.MAX_CONNECTIONS);
    }
  }

  /** What requests are sent by, where it isn't HTTP/1.1. */
  public enum Protocol implements PoolPart {
    /**
     * HTTP/2: over TLS by ALPN, which has to agree on it, in the clear by prior knowledge (RFC 9113
     * §3.3).
     */
    HTTP_2;

    @Override
    public void check(UpstreamPool pool, Field at) {
      // It goes with whatever else is said.
    }
  }
}
