package dev.longshore.proxy.upstream;

import dev.longshore.contract.UpstreamPool.HealthCheck;
import dev.longshore.contract.UpstreamPool.Passive;
import io.netty.util.concurrent.Ticker;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which of a pool's ready endpoints are used, by their health. Whoever picks reads an array, which
 * is made anew only when somebody's health changes. The end of an ejection needs no timer: the
 * first pick behind it finds it.
 *
 * <p>Changes are made under the pool's lock, for an endpoint's state outlives these.
 */
final class UsableEndpoints {
  private final Owner owner;
  private final Ticker ticker;
  private final HealthCheck config;
  private final EndpointState[] ready;

  /** How many may be ejected at once. */
  private final int mostEjected;

  private volatile View view;

  /** Whose endpoints they are. */
  interface Owner {
    /** By which the times of its endpoints are. */
    Ticker ticker();

    /** Whether this node can dial it, however well it is. */
    boolean canDial(EndpointState endpoint);

    /** Runs something under the pool's lock, on this thread. */
    void locked(Runnable change);

    /** Hears of an endpoint's health. Under the lock. */
    void changed(EndpointState endpoint, EndpointHealth now, String why);

    /** Hears whether all are used because too few are healthy. Under the lock. */
    void panicking(boolean now);
  }

  /**
   * What is used.
   *
   * @param endpoints not to be changed
   * @param mayEnd whether an ejection is under way
   * @param endsAt nanoseconds by the pool's ticker at which the first one is over
   */
  @SuppressWarnings("ArrayRecordComponent") // read by every pick, never compared
  private record View(EndpointState[] endpoints, boolean mayEnd, long endsAt) {}

  /** Under the pool's lock. */
  UsableEndpoints(Owner owner, HealthCheck config, EndpointState[] ready) {
    this.owner = owner;
    this.ticker = owner.ticker();
    this.config = config;
    this.ready = ready;
    Passive passive = config.passive();
    this.mostEjected =
        passive == null || ready.length < 2
            ? 0
            : (int) ((long) ready.length * passive.maxEjectedPercent() / 100);
    this.view = work(ticker.nanoTime());
  }

  /** Those that new connections may go to; not to be changed. Any thread, without allocation. */
  EndpointState[] get() {
    View now = view;
    return now.mayEnd && ticker.nanoTime() - now.endsAt >= 0 ? refreshed() : now.endpoints;
  }

  private EndpointState[] refreshed() {
    owner.locked(this::refresh);
    return view.endpoints;
  }

  /** Looks at everybody's health again. Under the pool's lock. Cost: the size of the pool. */
  void refresh() {
    view = work(ticker.nanoTime());
  }

  /**
   * Leaves an endpoint out, unless it is out already, or too many are, or it is not among those
   * that are ready. Under the pool's lock.
   */
  void eject(EndpointState endpoint, Passive passive, String why) {
    long now = ticker.nanoTime();
    view = work(now);
    if (!endpoint.ejected()
        && ejected() < mostEjected
        && Arrays.stream(ready).anyMatch(each -> each == endpoint)) {
      endpoint.eject(now + passive.ejectFor().toNanos());
      owner.changed(endpoint, EndpointHealth.EJECTED, why);
      view = work(now);
    }
  }

  private int ejected() {
    int count = 0;
    for (EndpointState endpoint : ready) {
      count += endpoint.ejected() ? 1 : 0;
    }
    return count;
  }

  private View work(long now) {
    for (EndpointState endpoint : ready) {
      if (endpoint.ejected() && endpoint.ejectedUntil() - now <= 0) {
        readmit(endpoint, "its time is over");
      }
    }
    // Others may have left since they were ejected.
    for (int over = ejected() - mostEjected; over > 0; over--) {
      EndpointState first = firstToReturn();
      if (first != null) {
        readmit(first, "too few others are left");
      }
    }
    int healthy = 0;
    for (EndpointState endpoint : ready) {
      healthy += isOut(endpoint) ? 0 : 1;
    }
    EndpointState next = firstToReturn();
    boolean panic = (long) healthy * 100 < (long) ready.length * config.panicThresholdPercent();
    owner.panicking(panic);
    return new View(
        panic || healthy == ready.length ? ready : healthyOnes(healthy),
        next != null,
        next == null ? 0 : next.ejectedUntil());
  }

  /** As it was last found, whatever the time: so that two looks see the same. */
  private static boolean isOut(EndpointState endpoint) {
    return endpoint.ejected() || endpoint.unhealthy();
  }

  private EndpointState[] healthyOnes(int count) {
    EndpointState[] healthy = new EndpointState[count];
    int next = 0;
    for (EndpointState endpoint : ready) {
      if (!isOut(endpoint)) {
        healthy[next++] = endpoint;
      }
    }
    return healthy;
  }

  private @Nullable EndpointState firstToReturn() {
    EndpointState first = null;
    for (EndpointState endpoint : ready) {
      if (endpoint.ejected()
          && (first == null || endpoint.ejectedUntil() - first.ejectedUntil() < 0)) {
        first = endpoint;
      }
    }
    return first;
  }

  private void readmit(EndpointState endpoint, String why) {
    endpoint.readmit();
    owner.changed(
        endpoint, endpoint.unhealthy() ? EndpointHealth.UNHEALTHY : EndpointHealth.HEALTHY, why);
  }
}
