package dev.longshore.proxy.upstream;

import io.netty.util.concurrent.Ticker;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Chooses among those who are in a pool at one moment, as {@link Pool#acquire} says. Any thread,
 * without allocation and without locks.
 */
final class EndpointPicker {
  /** How often a choice that fell on a ramping endpoint is repeated before it is taken anyway. */
  private static final int REDRAWS = 8;

  private final Ticker ticker;
  private final AtomicInteger turn = new AtomicInteger();

  /**
   * For one pool.
   *
   * @param ticker by which endpoints ramp
   */
  EndpointPicker(Ticker ticker) {
    this.ticker = ticker;
  }

  /**
   * Somebody who may take the next connection, not counted yet.
   *
   * @param tried are avoided, unless there is nobody else
   * @param most connections that an endpoint may have
   * @return null when no endpoint is ready, or all are full
   */
  @Nullable EndpointState pick(
      PoolMembership now, AttemptedEndpoints tried, PickHint hint, int most) {
    EndpointState[] ready = now.usable();
    if (ready.length == 0) {
      return null;
    }
    String cookie = hint.cookie();
    EndpointState kept = cookie == null ? null : kept(now, ready, cookie);
    if (kept != null && takes(kept, tried, most)) {
      return kept;
    }
    Long key = hint.key();
    if (key != null) {
      return heaviest(ready, key, tried, most);
    }
    EndpointState chosen = ready.length == 1 ? ready[0] : balanced(now, ready);
    return takes(chosen, tried, most) ? chosen : another(now, ready, tried, most);
  }

  private static boolean takes(EndpointState endpoint, AttemptedEndpoints tried, int most) {
    return !tried.contains(endpoint) && endpoint.open() < most;
  }

  private static @Nullable EndpointState kept(
      PoolMembership now, EndpointState[] ready, String cookie) {
    EndpointState meant = now.affinity == null ? null : now.affinity.endpoint(cookie);
    if (meant != null) {
      for (EndpointState endpoint : ready) {
        if (endpoint == meant) {
          return meant;
        }
      }
    }
    return null;
  }

  private static @Nullable EndpointState heaviest(
      EndpointState[] ready, long key, AttemptedEndpoints tried, int most) {
    EndpointState best = null;
    long bestWeight = 0;
    EndpointState bestTried = null;
    long bestTriedWeight = 0;
    for (EndpointState endpoint : ready) {
      long weight = StableHash.weight(key, endpoint.hash());
      if (best != null && weight <= bestWeight || endpoint.open() >= most) {
        continue;
      }
      if (!tried.contains(endpoint)) {
        best = endpoint;
        bestWeight = weight;
      } else if (bestTried == null || weight > bestTriedWeight) {
        bestTried = endpoint;
        bestTriedWeight = weight;
      }
    }
    return best != null ? best : bestTried;
  }

  private EndpointState balanced(PoolMembership now, EndpointState[] ready) {
    long time = now.mayRamp() ? ticker.nanoTime() : 0;
    boolean ramping = now.mayRamp() && now.ramping(time);
    return switch (now.source.config.balancing()) {
      case LEAST_CONNECTIONS, CONSISTENT_HASH -> {
        if (now.source.config.rebalance() != null) {
          yield leastLoaded(now, ready, ramping, time);
        }
        yield ramping ? lessLoadedRamping(now, ready, time) : lessLoaded(ready);
      }
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
  private static EndpointState lessLoadedRamping(
      PoolMembership now, EndpointState[] ready, long time) {
    EndpointState first = anyRamping(now, ready, time);
    EndpointState second = anyRamping(now, ready, time);
    double firstLoad = (first.open() + 1) / now.share(first, time);
    double secondLoad = (second.open() + 1) / now.share(second, time);
    return secondLoad < firstLoad ? second : first;
  }

  /**
   * Of all, not of two, where tunnels are moved to even the endpoints out: a client that was sent
   * away would now and then draw two crowded ones, and be sent away again. A ramping endpoint
   * counts as loaded as it would be with a full share. Who has as much as another takes turns.
   */
  private EndpointState leastLoaded(
      PoolMembership now, EndpointState[] ready, boolean ramping, long time) {
    int first = Integer.remainderUnsigned(turn.getAndIncrement(), ready.length);
    EndpointState least = ready[first];
    double leastLoad = Double.MAX_VALUE;
    for (int i = 0; i < ready.length; i++) {
      EndpointState endpoint = ready[(first + i) % ready.length];
      double load = (endpoint.open() + 1) / (ramping ? now.share(endpoint, time) : 1);
      if (load < leastLoad) {
        least = endpoint;
        leastLoad = load;
      }
    }
    return least;
  }

  private EndpointState inTurn(EndpointState[] ready) {
    return ready[Integer.remainderUnsigned(turn.getAndIncrement(), ready.length)];
  }

  private EndpointState inTurnRamping(PoolMembership now, EndpointState[] ready, long time) {
    EndpointState next = inTurn(ready);
    for (int redraw = 0; redraw < REDRAWS && refused(now, next, time); redraw++) {
      next = inTurn(ready);
    }
    return next;
  }

  private static EndpointState any(EndpointState[] ready) {
    return ready[ThreadLocalRandom.current().nextInt(ready.length)];
  }

  private static EndpointState anyRamping(PoolMembership now, EndpointState[] ready, long time) {
    EndpointState next = any(ready);
    for (int redraw = 0; redraw < REDRAWS && refused(now, next, time); redraw++) {
      next = any(ready);
    }
    return next;
  }

  private static boolean refused(PoolMembership now, EndpointState endpoint, long time) {
    double share = now.share(endpoint, time);
    return share < 1 && ThreadLocalRandom.current().nextDouble() >= share;
  }

  /** After a choice that can't be: among those that are left, shares don't matter. */
  private @Nullable EndpointState another(
      PoolMembership now, EndpointState[] ready, AttemptedEndpoints tried, int most) {
    AttemptedEndpoints avoided = tried;
    int left = left(ready, avoided, most);
    if (left == 0 && tried != AttemptedEndpoints.NONE) {
      avoided = AttemptedEndpoints.NONE;
      left = left(ready, avoided, most);
    }
    if (left == 0) {
      return null;
    }
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return switch (now.source.config.balancing()) {
      case RANDOM -> left(ready, avoided, most, random.nextInt(left));
      case ROUND_ROBIN ->
          left(ready, avoided, most, Integer.remainderUnsigned(turn.getAndIncrement(), left));
      case LEAST_CONNECTIONS, CONSISTENT_HASH -> {
        EndpointState first = left(ready, avoided, most, random.nextInt(left));
        EndpointState second = left(ready, avoided, most, random.nextInt(left));
        yield first == null || second == null || first.open() <= second.open() ? first : second;
      }
    };
  }

  private static int left(EndpointState[] ready, AttemptedEndpoints tried, int most) {
    int left = 0;
    for (EndpointState endpoint : ready) {
      left += takes(endpoint, tried, most) ? 1 : 0;
    }
    return left;
  }

  /** One of those counted; as some may have become full since, the last before it. */
  private static @Nullable EndpointState left(
      EndpointState[] ready, AttemptedEndpoints tried, int most, int index) {
    EndpointState last = null;
    int skip = index;
    for (EndpointState endpoint : ready) {
      if (takes(endpoint, tried, most)) {
        last = endpoint;
        if (skip-- == 0) {
          break;
        }
      }
    }
    return last;
  }
}
