package dev.longshore.proxy.upstream;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Active;
import dev.longshore.contract.UpstreamPool.HealthCheck;
import dev.longshore.contract.UpstreamPool.Passive;
import dev.longshore.proxy.tls.ClientContext;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An upstream pool, and who of it takes the next connection. It stays the same object as long as
 * snapshots hold its key; rules refer to it, so a change of endpoints rebuilds none of them.
 *
 * <p>Any thread may acquire, without allocation, and without locks but for the first pick after a
 * change.
 */
public final class Pool {
  /** How often a choice that fell on a ramping endpoint is repeated before it is taken anyway. */
  private static final int REDRAWS = 8;

  private final PoolKey key;
  private final long hash;
  private final HealthListener healthListener;
  private final IntUnaryOperator share;
  private final AddressFamilies families;
  private final AtomicInteger turn = new AtomicInteger();
  private volatile PoolSource source;
  private volatile @Nullable PoolMembership members;
  private volatile boolean panicking;

  /**
   * A pool without members yet.
   *
   * @param healthListener hears how its endpoints are
   * @param share this data plane's part of a total over all of them
   * @param families of endpoints that can be dialled
   */
  Pool(
      PoolSource source,
      HealthListener healthListener,
      IntUnaryOperator share,
      AddressFamilies families) {
    this.families = families;
    this.key = source.config.key();
    this.hash =
        StableHash.of(
            String.join("\0", key.kind(), key.namespace(), key.resource(), key.upstream()));
    this.healthListener = healthListener;
    this.share = share;
    this.source = source;
  }

  /** Whether this node can dial it, however well it is. */
  public boolean canDial(EndpointState endpoint) {
    return families.speaks(endpoint.socketAddress().getAddress());
  }

  /** Its name. */
  public PoolKey key() {
    return key;
  }

  /** {@link StableHash} of its name, the same on every data plane. */
  public long hash() {
    return hash;
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
    PoolMembership now = members();
    return now.mayRamp() && now.ramping(nanoTime) ? now.share(endpoint, nanoTime) : 1;
  }

  /** How many endpoints take new connections. */
  public int readyCount() {
    return members().ready.length;
  }

  /**
   * Who takes the next connection, which is counted already: the caller {@linkplain
   * EndpointState#release releases} it. With a maximum of connections for each endpoint, this data
   * plane's share of it is never exceeded.
   *
   * <p>With health checks only healthy ones do, as long as there are enough of them; also when all
   * of those are among {@code tried}.
   *
   * <p>In this order: whom the client's affinity cookie means; who has the highest weight for the
   * hashed key; who the balancing finds. Of a request without the key {@link
   * UpstreamPool.Balancing#CONSISTENT_HASH} makes one of {@link
   * UpstreamPool.Balancing#LEAST_CONNECTIONS}. A cookie holds only if its endpoint is usable and
   * neither tried nor full; of a key then the next best endpoint is asked, which is the same on all
   * data planes too.
   *
   * <p>Rendezvous hashing, and neither a ring nor Maglev's table: when an endpoint comes or goes
   * exactly the keys move that have to (a table moves some others, and a ring needs hundreds of
   * points for each endpoint to be as even), there is nothing to build when endpoints change, and
   * every key has an order of all endpoints, so it is plain who is next when one is full. The price
   * is a look at each endpoint, of which a pool has a few, seldom a thousand. No bound on load is
   * built in, for a bound by counts would be another one on each data plane; a maximum of
   * connections is one.
   *
   * <p>Slow start doesn't apply to hashed keys: a key would go to and fro between an endpoint that
   * ramps and the one that had it before.
   *
   * <p>Whoever chooses keys can have them all lead to one endpoint: by repeating one, or by trying
   * which ones get there, of which one in as many as there are endpoints does. No hash prevents
   * that; a maximum of connections bounds what comes of it.
   *
   * @param tried are avoided, unless there is nobody else
   * @param hint what the request asks for
   * @return null when no endpoint is ready, or all are full
   */
  public @Nullable EndpointState acquire(AttemptedEndpoints tried, PickHint hint) {
    Integer total = source.config.maxConnectionsPerEndpoint();
    int most = total == null ? Integer.MAX_VALUE : share.applyAsInt(total);
    while (true) {
      EndpointState picked = pick(tried, hint, most);
      // Between the look and the count another loop may have taken the last place.
      if (picked == null || picked.tryAcquire(most)) {
        return picked;
      }
    }
  }

  private @Nullable EndpointState pick(AttemptedEndpoints tried, PickHint hint, int most) {
    PoolMembership now = members();
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
    long time = now.mayRamp() ? System.nanoTime() : 0;
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

  /** Whether a value is of an affinity cookie of this pool, of whatever endpoint. */
  public boolean issued(String cookie) {
    AffinityValues affinity = members().affinity;
    return affinity != null && affinity.isOfPool(cookie);
  }

  /** Whether a value is of an affinity cookie of one of the endpoints, be it draining. */
  public boolean keeps(String cookie) {
    AffinityValues affinity = members().affinity;
    return affinity != null && affinity.endpoint(cookie) != null;
  }

  /**
   * The value by which a client comes back to an endpoint; null: there is none, or not any more.
   */
  public @Nullable String cookieOf(EndpointState endpoint) {
    AffinityValues affinity = members().affinity;
    return affinity == null ? null : affinity.value(endpoint);
  }

  /**
   * Counts a failure of an endpoint that nobody but itself can have caused, which may eject it. Any
   * thread, without a lock but for an ejection.
   *
   * @param why in words of the proxy's own
   */
  public void failed(EndpointState endpoint, String why) {
    endpoint.failed(why);
    Passive passive = passive();
    if (passive != null) {
      int failures = endpoint.countFailure();
      long counted = (long) failures + endpoint.witnessed(System.nanoTime());
      if (counted >= passive.consecutiveFailures()) {
        eject(endpoint, "failures in a row: " + counted + ", the last: " + why);
      }
    }
  }

  /**
   * Counts a failure that the request may have caused, such as one that is answered by the end of
   * the connection. One client counts once, until the endpoint has answered somebody, and it takes
   * two at least to eject an endpoint so: whoever asks for what fails by itself, as often as it
   * may, does nothing to others. Any thread, with a lock of the endpoint's own.
   *
   * @param why in words of the proxy's own
   * @param client the network that it belongs to
   */
  public void doubted(EndpointState endpoint, String why, long client) {
    endpoint.failed(why);
    Passive passive = passive();
    if (passive == null) {
      return;
    }
    long now = System.nanoTime();
    Witnesses witnesses = endpoint.witnesses();
    if (!witnesses.add(client, now)) {
      return;
    }
    int clients = witnesses.count(now);
    long failures = (long) endpoint.failures() + clients;
    boolean enough =
        failures >= passive.consecutiveFailures() || clients == HardLimits.WITNESSES_PER_ENDPOINT;
    if (clients > 1 && enough) {
      eject(endpoint, "failures in a row: " + failures + ", the last: " + why);
    }
  }

  private @Nullable Passive passive() {
    HealthCheck health = source.config.health();
    return health == null ? null : health.passive();
  }

  /** An endpoint has answered: what failed before counts no more. Any thread, without a lock. */
  public void succeeded(EndpointState endpoint) {
    endpoint.forgetFailures();
  }

  private synchronized void eject(EndpointState endpoint, String why) {
    PoolMembership now = members();
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
    PoolMembership now = members();
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

  private PoolMembership members() {
    PoolMembership now = members;
    PoolSource current = source;
    return now != null && isCurrent(now, current) ? now : follow();
  }

  private static boolean isCurrent(PoolMembership members, PoolSource source) {
    return members.source == source && members.published == source.cell.published();
  }

  /** Under a lock, so that one address never gets two states. Cost: the size of this pool. */
  private synchronized PoolMembership follow() {
    PoolMembership now = members;
    PoolSource current = source;
    if (now != null && isCurrent(now, current)) {
      return now;
    }
    PoolMembership next =
        now == null ? PoolMembership.first(this, current) : now.next(this, current);
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
