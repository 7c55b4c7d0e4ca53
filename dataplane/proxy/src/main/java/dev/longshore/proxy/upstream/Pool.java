package dev.longshore.proxy.upstream;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Active;
import dev.longshore.contract.UpstreamPool.EndpointLimit;
import dev.longshore.contract.UpstreamPool.HealthCheck;
import dev.longshore.contract.UpstreamPool.Passive;
import dev.longshore.proxy.tls.ClientContext;
import io.netty.util.concurrent.Ticker;
import java.util.List;
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
  private final PoolKey key;
  private final long hash;
  private final HealthListener healthListener;
  private final IntUnaryOperator share;
  private final AddressFamilies families;
  private final Ticker ticker;
  private final EndpointPicker picker;
  private final Owner owner = new Owner();
  private volatile PoolSource source;
  private volatile @Nullable PoolMembership members;
  private volatile boolean panicking;

  /**
   * A pool without members yet.
   *
   * @param healthListener hears how its endpoints are
   * @param share this data plane's part of a total over all of them
   * @param families of endpoints that can be dialled
   * @param ticker by which ejections end and slow start goes on
   */
  Pool(
      PoolSource source,
      HealthListener healthListener,
      IntUnaryOperator share,
      AddressFamilies families,
      Ticker ticker) {
    this.families = families;
    this.ticker = ticker;
    this.picker = new EndpointPicker(ticker);
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
   * The part of a full endpoint's traffic that an endpoint gets now, by slow start: above 0, at
   * most 1.
   */
  public double share(EndpointState endpoint) {
    PoolMembership now = members();
    if (!now.mayRamp()) {
      return 1;
    }
    long time = ticker.nanoTime();
    return now.ramping(time) ? now.share(endpoint, time) : 1;
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
    EndpointLimit limit = source.config.endpointLimit();
    int most = limit == null ? Integer.MAX_VALUE : share.applyAsInt(limit.connections());
    while (true) {
      EndpointState picked = picker.pick(members(), tried, hint, most);
      // Between the look and the count another loop may have taken the last place.
      if (picked == null || picked.tryAcquire(most)) {
        return picked;
      }
    }
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
      long counted = (long) failures + endpoint.witnessed(ticker.nanoTime());
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
    long now = ticker.nanoTime();
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
      owner.changed(endpoint, good ? endpoint.health() : EndpointHealth.UNHEALTHY, why);
      usable.refresh();
    }
  }

  /** Whether all ready endpoints are used because too few of them are healthy. Any thread. */
  public boolean panicking() {
    var _ = members().usable();
    return panicking;
  }

  /** This pool, for those who are in it. */
  private final class Owner implements UsableEndpoints.Owner {
    @Override
    public Ticker ticker() {
      return ticker;
    }

    @Override
    public boolean canDial(EndpointState endpoint) {
      return Pool.this.canDial(endpoint);
    }

    @Override
    public void locked(Runnable change) {
      synchronized (Pool.this) {
        change.run();
      }
    }

    @Override
    public void changed(EndpointState endpoint, EndpointHealth now, String why) {
      healthListener.changed(Pool.this, endpoint, now, why);
    }

    @Override
    public void panicking(boolean now) {
      if (panicking != now) {
        panicking = now;
        healthListener.panic(Pool.this, now);
      }
    }
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
        now == null ? PoolMembership.first(owner, current) : now.next(owner, current);
    if (next.byHealth() == null) {
      owner.panicking(false);
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
