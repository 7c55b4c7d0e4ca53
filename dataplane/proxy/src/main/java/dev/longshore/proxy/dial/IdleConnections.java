package dev.longshore.proxy.dial;

import dev.longshore.contract.UpstreamPool.Keepalive;
import dev.longshore.proxy.loop.Deadline;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.upstream.EndpointState;
import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The idle keep-alive connections of one event loop, per endpoint, the last used first. A
 * connection gets in only after a complete exchange of plain HTTP; one that carried an upgrade
 * never does.
 */
public final class IdleConnections {
  private final DeadlineSweep deadlines;
  private final IdentityHashMap<EndpointState, ArrayDeque<Idle>> idle = new IdentityHashMap<>();

  /** An empty pool whose time-outs run on the sweep of its loop. */
  public IdleConnections(DeadlineSweep deadlines) {
    this.deadlines = deadlines;
  }

  /** Takes a connection out for a request, or null when there is none. */
  public @Nullable UpstreamConnection take(EndpointState endpoint, UpstreamListener listener) {
    ArrayDeque<Idle> connections = idle.get(endpoint);
    if (connections == null) {
      return null;
    }
    for (Idle newest = connections.pollFirst(); newest != null; newest = connections.pollFirst()) {
      deadlines.disarm(newest);
      if (newest.connection.isClean()) {
        forgetIfEmpty(endpoint, connections);
        newest.connection.wake(listener);
        return newest.connection;
      }
      newest.connection.abandon();
    }
    forgetIfEmpty(endpoint, connections);
    return null;
  }

  /** Keeps a connection for the next request, or closes it when it can't or may not be kept. */
  public void give(UpstreamConnection connection, Keepalive keepalive) {
    if (keepalive.idleConnections() == 0 || !connection.isClean()) {
      connection.abandon();
      return;
    }
    ArrayDeque<Idle> connections =
        idle.computeIfAbsent(connection.endpoint(), _ -> new ArrayDeque<>(4));
    Idle added = new Idle(connection);
    connections.addFirst(added);
    connection.rest(added::ended);
    deadlines.arm(added, keepalive.idleTimeout());
    if (connections.size() > keepalive.idleConnections()) {
      connections.getLast().expired();
    }
  }

  /** Closes all of them. */
  public void closeAll() {
    for (ArrayDeque<Idle> connections : List.copyOf(idle.values())) {
      for (Idle each : List.copyOf(connections)) {
        each.expired();
      }
    }
  }

  private void forgetIfEmpty(EndpointState endpoint, ArrayDeque<Idle> connections) {
    if (connections.isEmpty()) {
      idle.remove(endpoint);
    }
  }

  /** One idle connection and the time at which it is closed. */
  private final class Idle extends Deadline {
    private final UpstreamConnection connection;

    Idle(UpstreamConnection connection) {
      this.connection = connection;
    }

    @Override
    protected void expired() {
      ended();
      connection.abandon();
    }

    void ended() {
      deadlines.disarm(this);
      ArrayDeque<Idle> connections = idle.get(connection.endpoint());
      if (connections != null && connections.remove(this)) {
        forgetIfEmpty(connection.endpoint(), connections);
      }
    }
  }
}
