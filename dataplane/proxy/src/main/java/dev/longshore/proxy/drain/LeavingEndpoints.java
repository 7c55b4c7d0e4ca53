package dev.longshore.proxy.drain;

import dev.longshore.contract.Endpoint;
import dev.longshore.contract.Endpoint.State;
import dev.longshore.contract.EndpointSet;
import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.KeyedHash;
import dev.longshore.proxy.table.RoutingState;
import dev.longshore.proxy.tunnel.Tunnels;
import dev.longshore.proxy.upstream.EndpointState;
import dev.longshore.proxy.upstream.Pool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes the tunnels of endpoints that are said to be draining. What may become of an endpoint, and
 * what that means:
 *
 * <ol>
 *   <li>It drains: its tunnels in every pool get their Close within the window.
 *   <li>It drained, and is ready again, or is the last resort, for nobody of its set is ready any
 *       more: those that are not closed yet stay. Sent away they would only come back (KEP-1669).
 *   <li>It drained, and is gone: what has begun goes on.
 *   <li>It is gone without having drained, because its node is lost or was never told: its tunnels
 *       stay as long as TCP lives.
 * </ol>
 *
 * <p>Used by one thread at a time.
 */
final class LeavingEndpoints {
  private static final Logger LOG = LoggerFactory.getLogger(LeavingEndpoints.class);

  private final Tunnels tunnels;
  private final PoolsBySet pools = new PoolsBySet();

  /** Those that drain now, with their state in each pool. */
  private final Map<EndpointSetKey, Map<Socket, List<EndpointState>>> draining = new HashMap<>();

  /** What an endpoint is called within a set. */
  private record Socket(String address, int port) {
    /** Keyed: tenants choose the names. */
    @Override
    public int hashCode() {
      return KeyedHash.mix(KeyedHash.of(address), port);
    }
  }

  LeavingEndpoints(Tunnels tunnels) {
    this.tunnels = tunnels;
  }

  /** Follows a change, in time proportional to it. */
  void applied(RoutingState before, RoutingState now) {
    pools.applied(before, now);
    before
        .snapshot()
        .endpointSets()
        .diff(now.snapshot().endpointSets(), (key, _, next) -> changed(key, next, now));
    before
        .snapshot()
        .pools()
        .diff(
            now.snapshot().pools(),
            (key, old, next) -> {
              Pool pool = now.pools().get(key);
              if (pool != null
                  && old != null
                  && next != null
                  && !old.endpoints().equals(next.endpoints())) {
                moved(pool, next.endpoints());
              }
            });
  }

  private void changed(EndpointSetKey key, @Nullable EndpointSet next, RoutingState now) {
    Map<Socket, List<EndpointState>> known = draining.getOrDefault(key, Map.of());
    List<Endpoint> endpoints = next == null ? List.of() : next.endpoints();
    if (!known.isEmpty()
        || endpoints.stream().anyMatch(endpoint -> endpoint.state() == State.DRAINING)) {
      boolean lastResort = next != null && next.hasOnlyDraining();
      follow(key, known, endpoints, lastResort, pools.of(key, now));
    }
    if (next == null) {
      pools.remove(key);
    }
  }

  private void follow(
      EndpointSetKey key,
      Map<Socket, List<EndpointState>> known,
      List<Endpoint> endpoints,
      boolean lastResort,
      List<Pool> drawing) {
    Map<Socket, List<EndpointState>> leaving = new HashMap<>();
    Set<Socket> ready = new HashSet<>();
    boolean changes = false;
    for (Endpoint endpoint : endpoints) {
      Socket socket = new Socket(endpoint.address(), endpoint.port());
      List<EndpointState> before = known.get(socket);
      switch (lastResort ? State.READY : endpoint.state()) {
        case READY -> {
          ready.add(socket);
          changes |= before != null;
        }
        case DRAINING -> {
          leaving.put(socket, before == null ? new ArrayList<>() : before);
          changes |= before == null;
        }
      }
    }
    if (changes) {
      // Pools follow at a pick, which perhaps nobody has made yet.
      for (Pool pool : drawing) {
        for (EndpointState endpoint : pool.endpoints()) {
          Socket socket = new Socket(endpoint.address(), endpoint.port());
          List<EndpointState> states = leaving.get(socket);
          if (states != null && !known.containsKey(socket)) {
            states.add(endpoint);
            drain(endpoint, pool);
          }
        }
      }
    }
    known.forEach(
        (socket, states) -> {
          if (ready.contains(socket)) {
            states.forEach(tunnels::keep);
          } else if (!leaving.containsKey(socket)) {
            states.forEach(tunnels::forget);
          }
        });
    if (leaving.isEmpty()) {
      draining.remove(key);
    } else {
      draining.put(key, leaving);
    }
  }

  /** A pool draws from another set, in which some of its endpoints may be draining already. */
  private void moved(Pool pool, EndpointSetKey to) {
    for (EndpointState endpoint : pool.endpoints()) {
      if (endpoint.draining()) {
        draining
            .computeIfAbsent(to, _ -> new HashMap<>())
            .computeIfAbsent(
                new Socket(endpoint.address(), endpoint.port()), _ -> new ArrayList<>())
            .add(endpoint);
        drain(endpoint, pool);
      }
    }
  }

  private void drain(EndpointState endpoint, Pool pool) {
    int standing = tunnels.standing(endpoint);
    if (standing > 0) {
      LOG.info("endpoint {} of {} drains: closing {} tunnels", endpoint, pool, standing);
    }
    tunnels.drain(endpoint);
  }
}
