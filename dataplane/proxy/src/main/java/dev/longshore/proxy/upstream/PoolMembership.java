package dev.longshore.proxy.upstream;

import dev.longshore.contract.Endpoint;
import dev.longshore.contract.KeyedHash;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.HealthCheck;
import dev.longshore.proxy.upstream.EndpointCell.Published;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Who is in a pool at one moment; immutable but for the endpoints' own state. */
final class PoolMembership {
  /** So that sums with a ticker's time compare rightly: 73 years. */
  private static final long LONGEST = Long.MAX_VALUE / 4;

  /** Below it a new endpoint would not be tried at all. */
  private static final double LEAST_SHARE = 0.01;

  final PoolSource source;
  final Published published;

  /** In the snapshot, one for each address and port. */
  final List<EndpointState> current;

  /** Those of {@link #current} that may be picked: neither draining nor out of reach here. */
  final EndpointState[] ready;

  /** Null: the pool has no affinity. */
  final @Nullable AffinityValues affinity;

  /** No longer in the snapshot, but with connections: right counts if they come back. */
  private final List<EndpointState> departed;

  /** Null: the pool has no health checks. */
  private final @Nullable UsableEndpoints usable;

  private final double slowStart;
  private final long oldest;
  private final long rampEnds;
  private final boolean mayRamp;

  /** What an endpoint is called within a pool. */
  private record Name(String address, int port) {
    static Name of(EndpointState endpoint) {
      return new Name(endpoint.address(), endpoint.port());
    }

    /** Keyed: tenants choose the names. */
    @Override
    public int hashCode() {
      return KeyedHash.mix(KeyedHash.of(address), port);
    }
  }

  private PoolMembership(
      UsableEndpoints.Owner owner,
      PoolSource source,
      Published published,
      List<EndpointState> current,
      List<EndpointState> departed,
      @Nullable AffinityValues affinity) {
    this.source = source;
    this.published = published;
    this.current = current;
    this.departed = departed;
    this.affinity = affinity;
    this.ready =
        current.stream()
            .filter(endpoint -> !endpoint.draining() && owner.canDial(endpoint))
            .toArray(EndpointState[]::new);
    HealthCheck health = source.config.health();
    this.usable = health == null ? null : new UsableEndpoints(owner, health, ready);
    long slowStartNanos = nanos(source.config);
    long first = published.since;
    long last = published.since - slowStartNanos;
    for (EndpointState endpoint : ready) {
      first = endpoint.knownSince() - first < 0 ? endpoint.knownSince() : first;
      last = endpoint.knownSince() - last > 0 ? endpoint.knownSince() : last;
    }
    this.slowStart = slowStartNanos;
    this.oldest = first;
    this.rampEnds = last + slowStartNanos;
    this.mayRamp = slowStartNanos > 0 && rampEnds - published.since > 0;
  }

  /**
   * The first members of a pool. Nobody ramps: there is no older one that could take the load
   * meanwhile.
   */
  static PoolMembership first(UsableEndpoints.Owner owner, PoolSource source) {
    Published published = source.cell.published();
    return of(
        owner, source, published, Map.of(), Set.of(), published.since - nanos(source.config), null);
  }

  /** The members after a change of the set or of the pool; whoever stays keeps its state. */
  PoolMembership next(UsableEndpoints.Owner owner, PoolSource source) {
    Map<Name, EndpointState> known = new HashMap<>();
    Set<Name> back = new HashSet<>();
    for (EndpointState endpoint : departed) {
      known.put(Name.of(endpoint), endpoint);
      back.add(Name.of(endpoint));
    }
    for (EndpointState endpoint : current) {
      known.put(Name.of(endpoint), endpoint);
    }
    Published published = source.cell.published();
    return of(owner, source, published, known, back, published.since, affinity);
  }

  private static PoolMembership of(
      UsableEndpoints.Owner owner,
      PoolSource source,
      Published published,
      Map<Name, EndpointState> known,
      Set<Name> back,
      long since,
      @Nullable AffinityValues affinity) {
    List<EndpointState> current = new ArrayList<>(published.endpoints.endpoints().size());
    Set<Name> seen = new HashSet<>();
    boolean lastResort = published.endpoints.hasOnlyDraining();
    for (Endpoint endpoint : published.endpoints.endpoints()) {
      Name name = new Name(endpoint.address(), endpoint.port());
      // Sorted, so of two entries for one address the ready one comes first, and counts.
      if (!seen.add(name)) {
        continue;
      }
      EndpointState state = known.get(name);
      if (state == null) {
        state = new EndpointState(endpoint, since, owner.ticker());
        state.draining(endpoint.state() == Endpoint.State.DRAINING && !lastResort);
        if (!owner.canDial(state)) {
          state.failed("its address family is not spoken on this node");
        }
      } else {
        state.draining(endpoint.state() == Endpoint.State.DRAINING && !lastResort);
        if (back.contains(name)) {
          // The same address, but most likely another process behind it.
          state.knownSince(since);
          state.forgetFailures();
          state.readmit();
          state.unhealthy(false);
        }
        forgetWhatIsNotChecked(state, source.config.health());
      }
      current.add(state);
    }
    List<EndpointState> departed = new ArrayList<>();
    for (EndpointState endpoint : known.values()) {
      if (!seen.contains(Name.of(endpoint)) && endpoint.open() > 0) {
        departed.add(endpoint);
      }
    }
    return new PoolMembership(
        owner,
        source,
        published,
        List.copyOf(current),
        List.copyOf(departed),
        AffinityValues.of(source.config, current, affinity));
  }

  /** What a check has found doesn't outlive it. */
  private static void forgetWhatIsNotChecked(EndpointState state, @Nullable HealthCheck health) {
    if (health == null || health.passive() == null) {
      state.forgetFailures();
      state.readmit();
    }
    if (health == null || health.active() == null) {
      state.unhealthy(false);
    }
  }

  /**
   * Those of {@link #ready} that new connections may go to. Not to be changed, and another array
   * once somebody's health changes: to be asked once for each pick.
   */
  EndpointState[] usable() {
    UsableEndpoints byHealth = usable;
    return byHealth == null ? ready : byHealth.get();
  }

  /** Whom health leaves, to be told of changes; null: the pool has no health checks. */
  @Nullable UsableEndpoints byHealth() {
    return usable;
  }

  /** Whether anybody has less than a full share at this time. */
  boolean ramping(long nanoTime) {
    return mayRamp && nanoTime - rampEnds < 0;
  }

  /** Whether {@link #ramping} has to be asked at all. */
  boolean mayRamp() {
    return mayRamp;
  }

  /** Its part of the traffic that the longest-known endpoint gets: above 0, at most 1. */
  double share(EndpointState endpoint, long nanoTime) {
    return ramp(nanoTime - endpoint.knownSince()) / ramp(nanoTime - oldest);
  }

  private double ramp(long age) {
    return Math.clamp(age / slowStart, LEAST_SHARE, 1.0);
  }

  private static long nanos(UpstreamPool config) {
    return Math.clamp(TimeUnit.NANOSECONDS.convert(config.slowStart()), 0, LONGEST);
  }
}
