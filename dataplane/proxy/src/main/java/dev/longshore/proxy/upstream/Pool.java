package dev.longshore.proxy.upstream;

import dev.longshore.contract.PoolKey;
import dev.longshore.contract.UpstreamPool;
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
  private final AtomicInteger turn = new AtomicInteger();
  private volatile PoolSource source;
  private volatile @Nullable Members members;

  Pool(PoolSource source) {
    this.key = source.config.key();
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

  /**
   * The part of a full endpoint's traffic that an endpoint gets, by slow start: above 0, at most 1.
   *
   * @param nanoTime by {@link System#nanoTime()}
   */
  public double share(EndpointState endpoint, long nanoTime) {
    Members now = members();
    return now.mayRamp() && now.ramping(nanoTime) ? now.share(endpoint, nanoTime) : 1;
  }

  /** How many endpoints take new connections. */
  public int readyCount() {
    return members().ready.length;
  }

  /**
   * Who takes the next connection. The caller then calls {@link EndpointState#acquire()}.
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
        return pickAnother(now, tried, left);
      }
    }
    long time = now.mayRamp() ? System.nanoTime() : 0;
    boolean ramping = now.mayRamp() && now.ramping(time);
    return switch (now.source.config.balancing()) {
      case LEAST_CONNECTIONS, CONSISTENT_HASH ->
          ramping ? lessLoadedRamping(now, time) : lessLoaded(ready);
      case ROUND_ROBIN -> ramping ? inTurnRamping(now, time) : inTurn(ready);
      case RANDOM -> ramping ? anyRamping(now, time) : any(ready);
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
  private static EndpointState lessLoadedRamping(Members now, long time) {
    EndpointState first = anyRamping(now, time);
    EndpointState second = anyRamping(now, time);
    double firstLoad = (first.open() + 1) / now.share(first, time);
    double secondLoad = (second.open() + 1) / now.share(second, time);
    return secondLoad < firstLoad ? second : first;
  }

  private EndpointState inTurn(EndpointState[] ready) {
    return ready[Integer.remainderUnsigned(turn.getAndIncrement(), ready.length)];
  }

  private EndpointState inTurnRamping(Members now, long time) {
    EndpointState next = inTurn(now.usable());
    for (int redraw = 0; redraw < REDRAWS && refused(now, next, time); redraw++) {
      next = inTurn(now.usable());
    }
    return next;
  }

  private static EndpointState any(EndpointState[] ready) {
    return ready[ThreadLocalRandom.current().nextInt(ready.length)];
  }

  private static EndpointState anyRamping(Members now, long time) {
    EndpointState next = any(now.usable());
    for (int redraw = 0; redraw < REDRAWS && refused(now, next, time); redraw++) {
      next = any(now.usable());
    }
    return next;
  }

  private static boolean refused(Members now, EndpointState endpoint, long time) {
    double share = now.share(endpoint, time);
    return share < 1 && ThreadLocalRandom.current().nextDouble() >= share;
  }

  /** The rare further attempt: among those that are left, shares don't matter. */
  private EndpointState pickAnother(Members now, Tried tried, int left) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    EndpointState first = untried(now.usable(), tried, random.nextInt(left));
    return switch (now.source.config.balancing()) {
      case RANDOM -> first;
      case ROUND_ROBIN ->
          untried(now.usable(), tried, Integer.remainderUnsigned(turn.getAndIncrement(), left));
      case LEAST_CONNECTIONS, CONSISTENT_HASH -> {
        EndpointState second = untried(now.usable(), tried, random.nextInt(left));
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
    Members next = now == null ? Members.first(current) : now.next(current);
    members = next;
    return next;
  }

  /** {@code WebSocketRoute demo/chat:stable}: the resource and the upstream's name in it. */
  @Override
  public String toString() {
    return key.kind() + " " + key.namespace() + "/" + key.resource() + ":" + key.upstream();
  }
}
