package dev.longshore.proxy.drain;

import dev.longshore.process.watch.Part;
import dev.longshore.proxy.table.RoutingListener;
import dev.longshore.proxy.table.RoutingState;
import dev.longshore.proxy.tunnel.Tunnels;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;

/**
 * Ends the tunnels that a change of configuration or endpoints is to end, and no others: the only
 * door by which a change reaches an open tunnel. What it costs to follow a change is proportional
 * to the change; tunnels are looked through only where a rule asks for it.
 */
public final class Drains implements RoutingListener, AutoCloseable {
  /**
   * From the removal of a rule until its tunnels are closed, if they are to be: who moves a route
   * to another manifest needs some seconds. And longer than any handshake that was admitted before
   * a change takes by default.
   */
  public static final Duration GRACE = Duration.ofSeconds(60);

  private final ScheduledThreadPoolExecutor timer;
  private final Part part;
  private final LeavingEndpoints endpoints;
  private final RemovedRules removed;
  private final TightenedPolicies tightened;
  private final Rebalancer rebalancer;

  /**
   * Nothing is closed before something is applied.
   *
   * @param tunnels that are closed
   * @param current the routing that is served
   * @param share of a total over all data planes, this one's part: at least 1
   * @param grace {@link #GRACE}
   * @param part of the watch; hears of what fails, and knows if the timer doesn't get round to what
   *     is due
   */
  public Drains(
      Tunnels tunnels,
      Supplier<RoutingState> current,
      IntUnaryOperator share,
      Duration grace,
      Part part) {
    this(tunnels, current, share, grace, part, timer());
  }

  /** What they are timed by, of which each has one. */
  public static ScheduledThreadPoolExecutor timer() {
    return new ScheduledThreadPoolExecutor(
        1, Thread.ofPlatform().daemon().name("longshore-drains").factory());
  }

  /**
   * As the other, by a {@link #timer} that may be a test's.
   *
   * @param timer ends with this
   */
  public Drains(
      Tunnels tunnels,
      Supplier<RoutingState> current,
      IntUnaryOperator share,
      Duration grace,
      Part part,
      ScheduledThreadPoolExecutor timer) {
    this.part = part;
    this.timer = timer;
    timer.setRemoveOnCancelPolicy(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    endpoints = new LeavingEndpoints(tunnels);
    removed = new RemovedRules(tunnels, timer, current, grace, part);
    tightened = new TightenedPolicies(tunnels, timer, current, grace, part);
    rebalancer = new Rebalancer(tunnels, timer, share, part);
    part.beats(timer);
  }

  @Override
  public void applied(RoutingState before, RoutingState now) {
    endpoints.applied(before, now);
    removed.applied(before, now);
    tightened.applied(before, now);
    rebalancer.applied(before, now);
  }

  /** Tunnels that were told to move to another endpoint. Any thread. */
  public long moved() {
    return rebalancer.moved();
  }

  /** Pools in which tunnels move to other endpoints now. Any thread. */
  public int moving() {
    return rebalancer.moving();
  }

  /** Nothing more is closed. What has been scheduled goes on. */
  @Override
  public void close() {
    part.over();
    timer.shutdownNow();
  }
}
