package dev.longshore.proxy.health;

import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.UpstreamPool.HealthCheck;
import dev.longshore.proxy.health.ProbeKey.Question;
import dev.longshore.proxy.health.ProbeLoop.Subscription;
import dev.longshore.proxy.observe.HealthFigures;
import dev.longshore.proxy.table.RoutingListener;
import dev.longshore.proxy.table.RoutingState;
import dev.longshore.proxy.upstream.EndpointState;
import dev.longshore.proxy.upstream.Pool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Follows the pools that have health checks, and has every ready endpoint of those with active ones
 * probed by one of the event loops. A change of configuration costs time proportional to the pools
 * that it touches. Thread-safe.
 */
public final class HealthChecks implements RoutingListener, AutoCloseable {
  private final HealthReports reports;

  /** Written under the lock; read by whoever shows figures. */
  private final Map<PoolKey, Watched> pools = new ConcurrentHashMap<>();

  private final Map<EndpointSetKey, Set<PoolKey>> bySet = new HashMap<>();

  /** What is probed, for all pools that want the same. */
  private final Map<ProbeKey, Placed> checks = new HashMap<>();

  private List<ProbeLoop> loops = List.of();
  private long numbered;
  private boolean closed;

  /** Follows nothing yet, and has no loops. */
  public HealthChecks(HealthReports reports) {
    this.reports = reports;
  }

  /** Begins to probe, also what was applied before. Once. */
  public synchronized void start(List<ProbeLoop> loops) {
    this.loops = List.copyOf(loops);
    Changes changes = new Changes();
    pools.values().forEach(watched -> watched.follow(changes));
    changes.send();
  }

  @Override
  public synchronized void applied(RoutingState before, RoutingState now) {
    if (closed) {
      return;
    }
    Set<PoolKey> touched = new HashSet<>();
    before
        .snapshot()
        .pools()
        .diff(
            now.snapshot().pools(),
            (key, older, newer) -> {
              if ((older != null && older.health() != null)
                  || (newer != null && newer.health() != null)) {
                touched.add(key);
              }
            });
    before
        .snapshot()
        .endpointSets()
        .diff(
            now.snapshot().endpointSets(),
            (key, older, newer) -> touched.addAll(bySet.getOrDefault(key, Set.of())));
    Changes changes = new Changes();
    touched.forEach(key -> follow(key, now.pools().get(key), changes));
    changes.send();
  }

  private void follow(PoolKey key, @Nullable Pool pool, Changes changes) {
    HealthCheck health = pool == null ? null : pool.config().health();
    Watched known = pools.get(key);
    if (known != null && (known.pool != pool || health == null)) {
      known.leave(changes);
      pools.remove(key);
      known = null;
    }
    if (pool != null && health != null) {
      if (known == null) {
        known = new Watched(pool);
        pools.put(key, known);
      }
      known.follow(changes);
    }
  }

  /** How the endpoints of all pools with checks are at this moment. Cost: their number. */
  public HealthFigures figures() {
    int ejected = 0;
    int unhealthy = 0;
    int panicking = 0;
    for (Watched watched : pools.values()) {
      panicking += watched.pool.panicking() ? 1 : 0;
      for (EndpointState endpoint : watched.pool.endpoints()) {
        if (!endpoint.draining()) {
          switch (endpoint.health()) {
            case EJECTED -> ejected++;
            case UNHEALTHY -> unhealthy++;
            case HEALTHY -> {}
          }
        }
      }
    }
    return new HealthFigures(ejected, unhealthy, panicking, reports.ejections());
  }

  /** Ends all probes, and waits for that; nothing is followed any more. Not on an event loop. */
  @Override
  public void close() {
    List<ProbeLoop> ended;
    synchronized (this) {
      closed = true;
      ended = loops;
      loops = List.of();
    }
    ended.forEach(ProbeLoop::close);
  }

  /** A check on its loop, and how many want it. */
  private static final class Placed {
    final ProbeLoop loop;
    final Check check;
    int watchers;

    Placed(ProbeLoop loop, Check check) {
      this.loop = loop;
      this.check = check;
    }
  }

  /** What a pool has of one. */
  private record Share(Placed placed, Watcher watcher) {}

  /** A pool with health checks, and the checks of its endpoints. Under the lock of the whole. */
  private final class Watched {
    private final Pool pool;
    private final Map<EndpointState, Share> shares = new IdentityHashMap<>();
    private @Nullable Question question;
    private @Nullable EndpointSetKey set;

    Watched(Pool pool) {
      this.pool = pool;
    }

    /** Takes the pool as it is now. Cost: its size. */
    void follow(Changes changes) {
      Question next = Question.of(pool.config());
      if (!Objects.equals(question, next)) {
        shares.values().forEach(changes::leave);
        shares.clear();
        question = next;
      }
      index(next == null ? null : pool.config().endpoints());
      if (next == null || loops.isEmpty()) {
        return;
      }
      Map<EndpointState, Share> before = new IdentityHashMap<>(shares);
      for (EndpointState endpoint : pool.endpoints()) {
        if (!endpoint.draining() && pool.canDial(endpoint) && before.remove(endpoint) == null) {
          shares.put(endpoint, changes.join(new Watcher(pool, endpoint), next));
        }
      }
      before.forEach(
          (endpoint, share) -> {
            shares.remove(endpoint);
            changes.leave(share);
          });
    }

    void leave(Changes changes) {
      shares.values().forEach(changes::leave);
      shares.clear();
      index(null);
    }

    /** So that a change of the endpoint set finds the pool. */
    private void index(@Nullable EndpointSetKey next) {
      EndpointSetKey before = set;
      if (Objects.equals(before, next)) {
        return;
      }
      if (before != null) {
        bySet.computeIfPresent(
            before,
            (key, users) -> {
              users.remove(pool.key());
              return users.isEmpty() ? null : users;
            });
      }
      if (next != null) {
        bySet.computeIfAbsent(next, key -> new HashSet<>()).add(pool.key());
      }
      set = next;
    }
  }

  /** What each loop has to do, so that it hears of it at once. */
  private final class Changes {
    private final Map<ProbeLoop, List<Subscription>> joining = new HashMap<>();
    private final Map<ProbeLoop, List<Subscription>> leaving = new HashMap<>();

    /** With a check that is there, else a new one: spread over the loops, and over the interval. */
    Share join(Watcher watcher, Question question) {
      ProbeKey key =
          new ProbeKey(watcher.pool.key().namespace(), watcher.endpoint.socketAddress(), question);
      Placed placed = checks.computeIfAbsent(key, this::place);
      placed.watchers++;
      return add(joining, new Share(placed, watcher));
    }

    private Placed place(ProbeKey key) {
      long first = ThreadLocalRandom.current().nextLong(key.question().interval().toNanos());
      Check check = new Check(key, numbered++, first);
      return new Placed(loops.get((int) (check.number() % loops.size())), check);
    }

    void leave(Share share) {
      Placed placed = share.placed;
      if (--placed.watchers == 0) {
        checks.remove(placed.check.key);
      }
      add(leaving, share);
    }

    private static Share add(Map<ProbeLoop, List<Subscription>> to, Share share) {
      to.computeIfAbsent(share.placed.loop, loop -> new ArrayList<>())
          .add(new Subscription(share.placed.check, share.watcher));
      return share;
    }

    void send() {
      for (ProbeLoop loop : loops) {
        List<Subscription> in = joining.getOrDefault(loop, List.of());
        List<Subscription> out = leaving.getOrDefault(loop, List.of());
        if (!in.isEmpty() || !out.isEmpty()) {
          loop.change(in, out);
        }
      }
    }
  }
}
