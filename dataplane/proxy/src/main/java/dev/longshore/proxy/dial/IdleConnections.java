package dev.longshore.proxy.dial;

import dev.longshore.contract.UpstreamPool.Keepalive;
import dev.longshore.proxy.loop.Deadline;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.tls.TlsTarget;
import dev.longshore.proxy.upstream.EndpointState;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The idle keep-alive connections of one event loop, per endpoint and what they are secured with,
 * the last used first. A connection gets in only after a complete exchange of plain HTTP; one that
 * carried an upgrade never does.
 */
public final class IdleConnections {
  private final DeadlineSweep deadlines;
  private final Map<Line, ArrayDeque<Idle>> idle = new HashMap<>();

  /** An empty pool whose time-outs run on the sweep of its loop. */
  public IdleConnections(DeadlineSweep deadlines) {
    this.deadlines = deadlines;
  }

  /**
   * Takes a connection out for a request, or null when there is none.
   *
   * @param tls what it has to be secured with; null: in the clear
   */
  public @Nullable UpstreamConnection take(
      EndpointState endpoint, @Nullable TlsTarget tls, UpstreamListener listener) {
    Line line = new Line(endpoint, tls);
    ArrayDeque<Idle> connections = idle.get(line);
    if (connections == null) {
      return null;
    }
    for (Idle newest = connections.pollFirst(); newest != null; newest = connections.pollFirst()) {
      deadlines.disarm(newest);
      if (newest.connection.isClean()) {
        forgetIfEmpty(line, connections);
        newest.connection.wake(listener);
        return newest.connection;
      }
      newest.connection.abandon();
    }
    forgetIfEmpty(line, connections);
    return null;
  }

  /** Keeps a connection for the next request, or closes it when it can't or may not be kept. */
  public void give(UpstreamConnection connection, Keepalive keepalive) {
    if (keepalive.idleConnections() == 0 || !connection.isClean()) {
      connection.abandon();
      return;
    }
    Line line = new Line(connection.endpoint(), connection.tls());
    ArrayDeque<Idle> connections = idle.computeIfAbsent(line, _ -> new ArrayDeque<>(4));
    Idle added = new Idle(line, connection);
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

  private void forgetIfEmpty(Line line, ArrayDeque<Idle> connections) {
    if (connections.isEmpty()) {
      idle.remove(line);
    }
  }

  /** What connections have in common that may stand in for each other. */
  private record Line(EndpointState endpoint, @Nullable TlsTarget tls) {}

  /** One idle connection and the time at which it is closed. */
  private final class Idle extends Deadline {
    private final Line line;
    private final UpstreamConnection connection;

    Idle(Line line, UpstreamConnection connection) {
      this.line = line;
      this.connection = connection;
    }

    @Override
    protected void expired() {
      ended();
      connection.abandon();
    }

    void ended() {
      deadlines.disarm(this);
      ArrayDeque<Idle> connections = idle.get(line);
      if (connections != null && connections.remove(this)) {
        forgetIfEmpty(line, connections);
      }
    }
  }
}
