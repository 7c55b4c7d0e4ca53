package dev.longshore.proxy.limit;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.RuleSource;
import dev.longshore.contract.policy.Limits;
import dev.longshore.contract.policy.RequestRate;
import io.netty.util.concurrent.Ticker;
import java.net.InetAddress;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Lets handshakes in as far as the limits of their location allow. Counts go on across snapshots; a
 * limit that is lowered closes nothing. Any thread may use it, event loops too: what it does takes
 * no longer the more clients or locations there are.
 *
 * <p>Every tunnel counts for its location, whether or not that is limited, so that a limit that is
 * set later finds those that are there. Clients are counted only where they are limited.
 */
public final class Limiter {
  /** About 25 MB, if ever so many come. */
  private static final int MOST_CLIENTS = 262_144;

  /** There is no telling when a tunnel ends; spread, so that not all come back at once. */
  private static final int SOONEST_SECONDS = 5;

  private static final int LATEST_SECONDS = 10;

  private static final PerClient REQUESTS = new PerClient(HardLimits.REQUESTS_PER_CLIENT, 0, 0);

  private final IntUnaryOperator share;
  private final Scopes scopes = new Scopes();
  private final Clients clients;

  /** Apart, so that none crowds another out. */
  private final Clients requesters;

  /** Of plain requests, those at locations that limit how often they come. */
  private final Clients askers;

  private final Clients handshakers;
  private final PerClient handshakes;

  private final Scope everywhere = new Scope();
  private final Map<Limit, LongAdder> limited = new EnumMap<>(Limit.class);

  /**
   * Has let nobody in.
   *
   * @param share this data plane's part of what all data planes take; at least 1 of what is above 0
   * @param handshakesPerClient TLS handshakes of one client in a second; above 0
   * @param ticker by which rates are
   */
  public Limiter(IntUnaryOperator share, int handshakesPerClient, Ticker ticker) {
    this(share, handshakesPerClient, MOST_CLIENTS, ticker);
  }

  Limiter(IntUnaryOperator share, int handshakesPerClient, int mostClients, Ticker ticker) {
    this.share = share;
    this.clients = new Clients(mostClients, ticker);
    this.requesters = new Clients(mostClients, ticker);
    this.askers = new Clients(mostClients, ticker);
    this.handshakers = new Clients(mostClients, ticker);
    int burst =
        (int)
            Math.min(
                Integer.MAX_VALUE,
                (long) handshakesPerClient * HardLimits.TLS_HANDSHAKES_BURST_SECONDS);
    this.handshakes = new PerClient(0, handshakesPerClient, burst);
    for (Limit limit : Limit.values()) {
      limited.put(limit, new LongAdder());
    }
  }

  /**
   * Lets a handshake in or not. It counts for the client's rate even if another limit then keeps it
   * out; beyond that, nothing is held for one that is kept out.
   *
   * @param location whose limits they are; its hosts and its place among others don't matter
   * @param limits as they are now
   * @param client behind trusted proxies
   */
  public LimitVerdict admit(RuleSource location, Limits limits, InetAddress client) {
    Scope scope = scopes.of(location);
    Permit permit = scope;
    PerClient ofClient = PerClient.of(limits);
    if (ofClient.isOn()) {
      Clients.Attempt attempt = clients.admit(scope, client, ofClient);
      Limit exceeded = attempt.exceeded;
      if (exceeded != null) {
        return limited(exceeded, exceeded == Limit.HANDSHAKES ? attempt.seconds : afterAWhile());
      }
      Client counted = attempt.counted;
      if (counted != null) {
        permit = new OfClient(clients, counted);
      }
    }
    int most =
        limits.connections() == 0 ? Integer.MAX_VALUE : share.applyAsInt(limits.connections());
    if (!scope.acquire(most)) {
      if (permit instanceof OfClient(Clients all, Client counted)) {
        all.release(counted);
      }
      return limited(Limit.CONNECTIONS, afterAWhile());
    }
    return new LimitVerdict.Permitted(permit);
  }

  /**
   * Counts a plain request for its client's rate at a location.
   *
   * @param location whose rate it is; its hosts and its place among others don't matter
   * @param rate as it is now; above 0
   * @param client behind trusted proxies
   * @return null: it may be made, and nothing is held for it
   */
  public LimitVerdict.@Nullable Limited exceeded(
      RuleSource location, RequestRate rate, InetAddress client) {
    Clients.Attempt asked = askers.admit(scopes.of(location), client, PerClient.of(rate));
    return asked.exceeded == null ? null : limited(Limit.REQUESTS, asked.seconds);
  }

  /**
   * Lets a plain request in or not: a client has at most {@link HardLimits#REQUESTS_PER_CLIENT}
   * under way at all locations, each of which may hold an upstream connection.
   *
   * @param client behind trusted proxies
   */
  public LimitVerdict admitRequest(InetAddress client) {
    Clients.Attempt attempt = requesters.admit(everywhere, client, REQUESTS);
    Client counted = attempt.counted;
    return counted == null
        ? limited(Limit.REQUESTS_PER_CLIENT, afterAWhile())
        : new LimitVerdict.Permitted(new OfRequest(requesters, counted));
  }

  /**
   * Lets a client begin a TLS handshake or not, which costs more than most requests.
   *
   * @param client that is connected, or that a PROXY header names
   */
  public boolean admitTlsHandshake(InetAddress client) {
    return handshakers.admit(everywhere, client, handshakes).exceeded == null;
  }

  private LimitVerdict.Limited limited(Limit limit, int retryAfterSeconds) {
    counter(limit).increment();
    return new LimitVerdict.Limited(limit, retryAfterSeconds);
  }

  private static int afterAWhile() {
    return ThreadLocalRandom.current().nextInt(SOONEST_SECONDS, LATEST_SECONDS + 1);
  }

  private LongAdder counter(Limit limit) {
    return Objects.requireNonNull(limited.get(limit), "a counter for each");
  }

  /** Handshakes, or requests, that this limit kept out, ever. */
  public long limited(Limit limit) {
    return counter(limit).sum();
  }

  /** Clients that are told apart now, of all locations: 0 to 262,144. */
  public int clientsTracked() {
    return clients.tracked();
  }

  /** Locations that something is counted for, and some that are about to be forgotten. */
  int scopes() {
    return scopes.size();
  }

  /** Counted for the client. */
  private record OfRequest(Clients clients, Client client) implements Permit {
    @Override
    public void release() {
      clients.release(client);
    }
  }

  /** Counted for the location and for the client. */
  private record OfClient(Clients clients, Client client) implements Permit {
    @Override
    public void release() {
      client.scope.release();
      clients.release(client);
    }
  }
}
