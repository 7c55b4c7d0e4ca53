package dev.longshore.proxy.upstream;

import dev.longshore.contract.PoolKey;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Active;
import dev.longshore.contract.UpstreamPool.HealthCheck;
import dev.longshore.contract.UpstreamPool.Passive;
import dev.longshore.proxy.tls.ClientContext;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An upstream pool, and who of it takes the next connection. It stays the same object as long as
 * snapshots hold its key; rules refer to it, so a change of endpoints rebuilds none of them.
 *
 * <p>Any thread may pick, without allocation, and without locks but for the first pick after a
 * change.
 */
public final class Pool {
  /** How often a choice that fell on a ramping endpoint is repeated before it is taken anyway. */
  private static final int REDRAWS = 8;

  private final PoolKey key;
  private final HealthListener healthListener;
  private final AtomicInteger turn = new AtomicInteger();
  private volatile PoolSource source;
  private volatile @Nullable Members members;
  private volatile boolean panicking;

  Pool(PoolSource source, HealthListener healthListener) {
    this.key = source.config.key();
    this.healthListener = healthListener;
    this.source = source;
  }

  /** Its name. */
  public PoolKey key() {
    return key;
  }

  /** How it is used, as the last snapshot says. */
  public UpstreamPool config() {
    return source.config;
  }

  /** What endpoints are spoken to with, as the last snapshot says; null: in the clear. */
  public @Nullable ClientContext tls() {
    return source.tls;
  }

  /** Everybody in the pool, draining ones too. */
  public List<EndpointState> endpoints() {
    return members().current;
  }

  /** How many endpoints take new connections. */
  public int readyCount() {
    return members().ready.length;
  }

  /**
   * Who takes the next connection. The caller then calls {@link EndpointState#acquire()}. With
   * health checks only healthy ones do, as long as there are enough of them; also when all of those
   * are among {@code tried}.
   *
   * @param tried are avoided, unless there is nobody else
   * @return null when no endpoint is ready
   */
  public @Nullable EndpointState pick(Tried tried) {
    Members now = members();
    EndpointState[] ready = now.usable();
    if (ready.length == 0) {
      return null;
    }
    if (ready.length == 1) {
      return ready[0];
    }
    if (tried != Tried.NONE) {
      int left = untried(ready, tried);
      if (left > 0 && left < ready.length) {
        return pickAnother(now, ready, tried, left);
      }
    }
    long time = now.mayRamp() ? System.nanoTime() : 0;
    boolean ramping = now.mayRamp() && now.ramping(time);
    return switch (now.source.config.balancing()) {
      case LEAST_CONNECTIONS, CONSISTENT_HASH ->
          ramping ? lessLoadedRamping(now, ready, time) : lessLoaded(ready);
      case ROUND_ROBIN -> ramping ? inTurnRamping(now, ready, time) : inTurn(ready);
      case RANDOM -> ramping ? anyRamping(now, ready, time) : any(ready);
    };
  }

  private static EndpointState lessLoaded(EndpointState[] ready) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    int i = random.nextInt(ready.length);
    int j = random.nextInt(ready.length - 1);
    EndpointState first = ready[i];
    EndpointState second = ready[j >= i ? j + 1 : j];
    return second.open() < first.open() ? second : first;
  }

  /**
   * A new endpoint has no connections, so it would win every comparison: it takes part only as
   * often as its share says.
   */
  private static EndpointState lessLoadedRamping(Members now, EndpointState[] ready, long time) {
    EndpointState first = anyRamping(now, ready, time);
    EndpointState second = anyRamping(now, ready, time);
    double firstLoad = (first.open() + 1) / now.share(first, time);
    double secondLoad = (second.open() + 1) / now.share(second, time);
    return secondLoad < firstLoad ? second : first;
  }

  private EndpointState inTurn(EndpointState[] ready) {
    return ready[Integer.remainderUnsigned(turn.getAndIncrement(), ready.length)];
  }

  private EndpointState inTurnRamping(Members now, EndpointState[] ready, long time) {
    EndpointState next = inTurn(ready);
    for (int redraw = 0; redraw < REDRAWS && refused(now, next, time); redraw++) {
      next = inTurn(ready);
    }
    return next;
  }

  private static EndpointState any(EndpointState[] ready) {
    return ready[ThreadLocalRandom.current().nextInt(ready.length)];
  }

  private static EndpointState anyRamping(Members now, EndpointState[] ready, long time) {
    EndpointState next = any(ready);
    for (int redraw = 0; redraw < REDRAWS && refused(now, next, time); redraw++) {
      next = any(ready);
    }
    return next;
  }

  private static boolean refused(Members now, EndpointState endpoint, long time) {
    double share = now.share(endpoint, time);
    return share < 1 && ThreadLocalRandom.current().nextDouble() >= share;
  }

  /** The rare further attempt: among those that are left, shares don't matter. */
  private EndpointState pickAnother(Members now, EndpointState[] ready, Tried tried, int left) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    EndpointState first = untried(ready, tried, random.nextInt(left));
    return switch (now.source.config.balancing()) {
      case RANDOM -> first;
      case ROUND_ROBIN ->
          untried(ready, tried, Integer.remainderUnsigned(turn.getAndIncrement(), left));
      case LEAST_CONNECTIONS, CONSISTENT_HASH -> {
        EndpointState second = untried(ready, tried, random.nextInt(left));
        yield second.open() < first.open() ? second : first;
      }
    };
  }

  private static int untried(EndpointState[] ready, Tried tried) {
    int left = 0;
    for (EndpointState endpoint : ready) {
      left += tried.contains(endpoint) ? 0 : 1;
    }
    return left;
  }

  private static EndpointState untried(EndpointState[] ready, Tried tried, int index) {
    int skip = index;
    for (EndpointState endpoint : ready) {
      if (!tried.contains(endpoint) && skip-- == 0) {
        return endpoint;
      }
    }
    throw new AssertionError("fewer endpoints than counted");
  }

  /**
   * Counts a failed connect or handshake on an endpoint, which may eject it. Any thread, without a
   * lock but for an ejection.
   *
   * @param why in words of the proxy's own
   */
  public void failed(EndpointState endpoint, String why) {
    endpoint.failed(why);
    HealthCheck health = source.config.health();
    Passive passive = health == null ? null : health.passive();
    if (passive != null) {
      int failures = endpoint.countFailure();
      if (failures >= passive.consecutiveFailures()) {
        eject(endpoint, "failures in a row: " + failures + ", the last: " + why);
      }
    }
  }

  /** An endpoint has answered: what failed before counts no more. Any thread, without a lock. */
  public void succeeded(EndpointState endpoint) {
    endpoint.forgetFailures();
  }

  private synchronized void eject(EndpointState endpoint, String why) {
    Members now = members();
    UsableEndpoints usable = now.byHealth();
    HealthCheck health = now.source.config.health();
    Passive passive = health == null ? null : health.passive();
    if (usable != null && passive != null) {
      usable.eject(endpoint, passive, why);
    }
  }

  /**
   * Tells of a probe, which may change the endpoint's health if the pool has an active check. Any
   * thread, without a lock unless the result differs from what was thought of it.
   *
   * @param inARow how many probes up to this one had the same result
   * @param why in words of the proxy's own
   */
  public void probed(EndpointState endpoint, boolean good, int inARow, String why) {
    if (!good) {
      endpoint.failed(why);
    }
    if (endpoint.unhealthy() == good) {
      judge(endpoint, good, inARow, why);
    }
  }

  private synchronized void judge(EndpointState endpoint, boolean good, int inARow, String why) {
    Members now = members();
    UsableEndpoints usable = now.byHealth();
    HealthCheck health = now.source.config.health();
    Active active = health == null ? null : health.active();
    if (usable != null
        && active != null
        && inARow >= (good ? active.healthyThreshold() : active.unhealthyThreshold())
        && endpoint.unhealthy() == good) {
      endpoint.unhealthy(!good);
      changed(endpoint, good ? endpoint.health() : EndpointHealth.UNHEALTHY, why);
      usable.refresh();
    }
  }

  /** Whether all ready endpoints are used because too few of them are healthy. Any thread. */
  public boolean panicking() {
    var _ = members().usable();
    return panicking;
  }

  /** Under the lock. */
  void panicking(boolean now) {
    if (panicking != now) {
      panicking = now;
      healthListener.panic(this, now);
    }
  }

  /** Under the lock. */
  void changed(EndpointState endpoint, EndpointHealth now, String why) {
    healthListener.changed(this, endpoint, now, why);
  }

  /** Takes a snapshot's word. The members follow at the next pick. */
  void update(PoolSource next) {
    source = next;
  }

  private Members members() {
    Members now = members;
    PoolSource current = source;
    return now != null && isCurrent(now, current) ? now : follow();
  }

  private static boolean isCurrent(Members members, PoolSource source) {
    return members.source == source && members.published == source.cell.published();
  }

  /** Under a lock, so that one address never gets two states. Cost: the size of this pool. */
  private synchronized Members follow() {
    Members now = members;
    PoolSource current = source;
    if (now != null && isCurrent(now, current)) {
      return now;
    }
    Members next = now == null ? Members.first(this, current) : now.next(this, current);
    if (next.byHealth() == null) {
      panicking(false);
    }
    members = next;
    return next;
  }

  /** {@code WebSocketRoute demo/chat:stable}: the resource and the upstream's name in it. */
  @Override
  public String toString() {
    return key.kind() + " " + key.namespace() + "/" + key.resource() + ":" + key.upstream();
  }
}
