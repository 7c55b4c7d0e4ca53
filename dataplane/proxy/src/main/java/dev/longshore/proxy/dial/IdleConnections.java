package dev.longshore.proxy.dial;

import dev.longshore.contract.UpstreamPool.Keepalive;
import dev.longshore.proxy.http.UpstreamListener;
import dev.longshore.proxy.loop.Deadline;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.tls.TlsTarget;
import dev.longshore.proxy.upstream.EndpointState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The idle keep-alive connections of one event loop, per endpoint, the last used first. A
 * connection gets in only after a complete exchange of plain HTTP; one that carried an upgrade
 * never does. They are bounded per endpoint, whatever they are secured with, and in all: the one
 * that was used longest ago goes.
 */
public final class IdleConnections {
  /**
   * How long one may have rested that carries a request which can't be sent again. Servers close
   * idle connections after 2 s at least; who uses one just then gets a reset for an answer.
   */
  private static final Duration FRESH = Duration.ofSeconds(1);

  private final DeadlineSweep deadlines;
  private final int most;
  private final Map<EndpointState, ArrayDeque<Idle>> idle = new HashMap<>();
  private final Set<Idle> byAge = new LinkedHashSet<>();

  /**
   * An empty pool whose time-outs run on the sweep of its loop.
   *
   * @param most connections that it keeps, of all endpoints
   */
  public IdleConnections(DeadlineSweep deadlines, int most) {
    this.deadlines = deadlines;
    this.most = most;
  }

  /**
   * Takes a connection out for a request, or null when there is none.
   *
   * @param tls what it has to be secured with; null: in the clear
   * @param repeatable whether the request can be sent again if the connection ends just then
   */
  public @Nullable UpstreamConnection take(
      EndpointState endpoint,
      @Nullable TlsTarget tls,
      boolean repeatable,
      UpstreamListener listener) {
    ArrayDeque<Idle> connections = idle.get(endpoint);
    if (connections == null) {
      return null;
    }
    UpstreamConnection found = null;
    long now = repeatable ? 0 : deadlines.ticker().nanoTime();
    for (Iterator<Idle> each = connections.iterator(); found == null && each.hasNext(); ) {
      Idle newest = each.next();
      if (!repeatable && now - newest.since > FRESH.toNanos()) {
        break;
      }
      if (Objects.equals(newest.connection.tls(), tls)) {
        each.remove();
        leave(newest);
        if (newest.connection.isClean()) {
          found = newest.connection;
        } else {
          newest.connection.abandon();
        }
      }
    }
    forgetIfEmpty(endpoint, connections);
    if (found != null) {
      found.wake(listener);
    }
    return found;
  }

  /**
   * Keeps a connection for the next request, or closes it when it can't or may not be kept.
   *
   * @param most how long the server says that it keeps it; null: it doesn't say
   */
  public void give(UpstreamConnection connection, Keepalive keepalive, @Nullable Duration most) {
    Duration time = time(keepalive.idleTimeout(), most);
    if (keepalive.idleConnections() == 0 || time.isNegative() || !connection.isClean()) {
      connection.abandon();
      return;
    }
    EndpointState endpoint = connection.endpoint();
    ArrayDeque<Idle> connections = idle.computeIfAbsent(endpoint, _ -> new ArrayDeque<>(4));
    Idle added = new Idle(connection);
    connections.addFirst(added);
    byAge.add(added);
    connection.rest(added::ended);
    deadlines.arm(added, time);
    if (connections.size() > keepalive.idleConnections()) {
      connections.getLast().expired();
    }
    if (byAge.size() > this.most) {
      byAge.iterator().next().expired();
    }
  }

  /** As configured, but well before the server's own time is over. Negative: not at all. */
  private static Duration time(Duration configured, @Nullable Duration server) {
    if (server == null) {
      return configured;
    }
    Duration second = Duration.ofSeconds(1);
    Duration usable =
        server.isZero()
            ? Duration.ofNanos(-1)
            : server.compareTo(second) > 0 ? server.minus(second) : server.dividedBy(2);
    return configured.isZero() || usable.compareTo(configured) < 0 ? usable : configured;
  }

  /** Closes all of them. */
  public void closeAll() {
    for (Idle each : List.copyOf(byAge)) {
      each.expired();
    }
  }

  private void leave(Idle connection) {
    deadlines.disarm(connection);
    byAge.remove(connection);
  }

  private void forgetIfEmpty(EndpointState endpoint, ArrayDeque<Idle> connections) {
    if (connections.isEmpty()) {
      idle.remove(endpoint);
    }
  }

  /** One idle connection and the time at which it is closed. */
  private final class Idle extends Deadline {
    private final UpstreamConnection connection;
    private final long since = deadlines.ticker().nanoTime();

    Idle(UpstreamConnection connection) {
      this.connection = connection;
    }

    @Override
    protected void expired() {
      ended();
      connection.abandon();
    }

    void ended() {
      leave(this);
      ArrayDeque<Idle> connections = idle.get(connection.endpoint());
      if (connections != null && connections.remove(this)) {
        forgetIfEmpty(connection.endpoint(), connections);
      }
    }
  }
}
