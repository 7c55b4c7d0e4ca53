package dev.longshore.proxy.drain;

import dev.longshore.contract.PoolKey;
import dev.longshore.contract.UpstreamPool.Rebalance;
import dev.longshore.process.watch.Part;
import dev.longshore.proxy.drain.RebalancePlan.Load;
import dev.longshore.proxy.drain.RebalancePlan.Plan;
import dev.longshore.proxy.table.RoutingState;
import dev.longshore.proxy.tunnel.CloseCause;
import dev.longshore.proxy.tunnel.Tunnels;
import dev.longshore.proxy.upstream.EndpointState;
import dev.longshore.proxy.upstream.Pool;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves tunnels from crowded endpoints to others, by closing them politely: once a second it looks
 * at every pool that has {@code rebalance}, and while there is none it does nothing at all. A pool
 * with an endpoint that is unhealthy or draining is left alone.
 */
final class Rebalancer {
  private static final Logger LOG = LoggerFactory.getLogger(Rebalancer.class);

  private final Tunnels tunnels;
  private final ScheduledExecutorService timer;
  private final IntUnaryOperator share;
  private final Part part;
  private final Map<PoolKey, Balanced> pools = new ConcurrentHashMap<>();
  private final AtomicLong moved = new AtomicLong();
  private @Nullable Future<?> rounds;

  /** A pool that is kept even. The flag is the timer's, and shown to others. */
  private static final class Balanced {
    final Pool pool;
    volatile boolean moving;

    Balanced(Pool pool) {
      this.pool = pool;
    }
  }

  /**
   * Begins with no pool.
   *
   * @param share of a total over all data planes, this one's part
   * @param part hears of pools that can't be kept even
   */
  Rebalancer(Tunnels tunnels, ScheduledExecutorService timer, IntUnaryOperator share, Part part) {
    this.part = part;
    this.tunnels = tunnels;
    this.timer = timer;
    this.share = share;
  }

  /** Follows a change, in time proportional to it. */
  synchronized void applied(RoutingState before, RoutingState now) {
    before
        .snapshot()
        .pools()
        .diff(
            now.snapshot().pools(),
            (key, _, next) -> {
              Pool pool = next == null || next.rebalance() == null ? null : now.pools().get(key);
              if (pool == null) {
                pools.remove(key);
              } else {
                pools.compute(
                    key,
                    (_, known) -> known != null && known.pool == pool ? known : new Balanced(pool));
              }
            });
    Future<?> running = rounds;
    if (running == null && !pools.isEmpty()) {
      rounds =
          timer.scheduleWithFixedDelay(
              part.guarded("a round of rebalancing fails", this::round), 1, 1, TimeUnit.SECONDS);
    } else if (running != null && pools.isEmpty()) {
      running.cancel(false);
      rounds = null;
    }
  }

  private void round() {
    if (tunnels.draining()) {
      return;
    }
    for (Balanced each : pools.values()) {
      try {
        relieve(each);
      } catch (RuntimeException | Error e) {
        // An exception would end the rounds for all the others too.
        part.fault(each.pool + " can't be rebalanced", e);
      }
    }
  }

  private void relieve(Balanced balanced) {
    Pool pool = balanced.pool;
    Rebalance rebalance = pool.config().rebalance();
    List<EndpointState> endpoints = pool.endpoints();
    if (rebalance == null || !isCalm(endpoints)) {
      balanced.moving = false;
      return;
    }
    List<Load> loads =
        endpoints.stream()
            .map(endpoint -> new Load(tunnels.standing(endpoint), pool.share(endpoint)))
            .toList();
    Plan plan =
        RebalancePlan.plan(
            loads,
            balanced.moving,
            rebalance.tolerancePercent(),
            share.applyAsInt(rebalance.maxPerSecond()));
    if (plan.moving() != balanced.moving) {
      LOG.info("{}: {}", pool, plan.moving() ? "tunnels move to other endpoints" : "is even");
      balanced.moving = plan.moving();
    }
    for (int i = 0; i < endpoints.size(); i++) {
      int moves = plan.moves().get(i);
      if (moves > 0) {
        moved.addAndGet(tunnels.closeOldest(endpoints.get(i), moves, CloseCause.REBALANCE));
      }
    }
  }

  /** Who is in trouble must not get more, and who leaves sends away all that it has. */
  private static boolean isCalm(List<EndpointState> endpoints) {
    for (EndpointState endpoint : endpoints) {
      if (endpoint.draining() || !endpoint.healthy()) {
        return false;
      }
    }
    return true;
  }

  /** Tunnels that were told to move. Any thread. */
  long moved() {
    return moved.get();
  }

  /** Pools in which tunnels move now. Any thread. */
  int moving() {
    int moving = 0;
    for (Balanced each : pools.values()) {
      moving += each.moving ? 1 : 0;
    }
    return moving;
  }
}
