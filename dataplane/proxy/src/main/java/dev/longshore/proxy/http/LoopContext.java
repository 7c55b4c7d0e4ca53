package dev.longshore.proxy.http;

import dev.longshore.contract.Cidr;
import dev.longshore.contract.Settings;
import dev.longshore.proxy.basic.PasswordChecks;
import dev.longshore.proxy.filter.ExternalAuthorizer;
import dev.longshore.proxy.limit.Limiter;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.memory.HeadMemory;
import dev.longshore.proxy.memory.Holder;
import dev.longshore.proxy.net.CidrSet;
import dev.longshore.proxy.table.RoutingState;
import dev.longshore.proxy.tls.Certificates;
import dev.longshore.proxy.tunnel.CallRegistry;
import java.net.InetAddress;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the client connections of one event loop share. Used on that loop only, but where said. */
public final class LoopContext {
  private final Supplier<RoutingState> routing;
  private final DeadlineSweep deadlines;
  private final Limiter limiter;
  private final ExchangeContext shared;
  private final HeadMemory heads;
  private final RequestIds ids = new RequestIds();
  private final Exchanges exchanges;
  private final Set<ServedConnection> connections =
      Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<ServedConnection> entering = Collections.newSetFromMap(new IdentityHashMap<>());
  private boolean draining;
  private boolean closed;
  private volatile int open;
  private @Nullable Ranges trusted;
  private @Nullable Ranges balancers;

  /**
   * The parts of one event loop.
   *
   * @param routing that applies at the moment; any thread
   */
  public LoopContext(
      Supplier<RoutingState> routing,
      DeadlineSweep deadlines,
      Upstreams upstreams,
      Upgrades upgrades,
      CallRegistry calls,
      Limiter limiter,
      ExternalAuthorizer authorizer,
      PasswordChecks passwords,
      RequestRecorder recorder,
      HeadMemory heads) {
    this.routing = routing;
    this.deadlines = deadlines;
    this.limiter = limiter;
    this.shared = new ExchangeContext(routing, upstreams, recorder, deadlines, calls);
    this.exchanges =
        new Exchanges(new Admission(limiter, authorizer, passwords), upgrades, routing, shared);
    this.heads = heads;
  }

  /** The routing that applies to a request that starts now. */
  public RoutingState state() {
    return routing.get();
  }

  /** What all listeners share at the moment. */
  public Settings settings() {
    return state().settings();
  }

  /** The certificates that a handshake is offered that starts now. Any thread. */
  public Certificates certificates() {
    return state().certificates();
  }

  /** The deadlines of this loop. */
  public DeadlineSweep deadlines() {
    return deadlines;
  }

  /** What request heads take of the heap. */
  public HeadMemory heads() {
    return heads;
  }

  /** Whether connections of this address carry those of many clients. */
  public boolean trustsProxy(InetAddress address) {
    return trustedProxies(state()).test(address);
  }

  /** Compiled once per setting, not per request. */
  public Predicate<InetAddress> trustedProxies(RoutingState state) {
    Ranges ranges = Ranges.of(state.settings().trustedProxies(), trusted);
    trusted = ranges;
    return ranges.set::contains;
  }

  /** Whether a PROXY header is believed of who is connected, by the settings of the moment. */
  public boolean believesProxyHeaderOf(InetAddress peer) {
    List<Cidr> setting = settings().proxyProtocolFrom();
    if (setting == null) {
      return true;
    }
    Ranges ranges = Ranges.of(setting, balancers);
    balancers = ranges;
    return ranges.set.contains(peer);
  }

  /** Metrics and access log. */
  public RequestRecorder recorder() {
    return shared.recorder();
  }

  /** Counts what clients have under way, and how often they come. */
  public Limiter limiter() {
    return limiter;
  }

  /** The Strict-Transport-Security of answers to a client; null: none. */
  public @Nullable String strictTransportSecurity(ClientPeer peer) {
    return shared.strictTransportSecurity(peer);
  }

  /** Ids of requests that bring none. */
  public RequestIds ids() {
    return ids;
  }

  /** Begins the exchanges of requests. */
  public Exchanges exchanges() {
    return exchanges;
  }

  /** Whether every answer to a client is the last on its connection. */
  public boolean draining(ClientPeer peer) {
    return draining || peer.listener().isRemoved();
  }

  /** Client connections of this loop that speak HTTP, idle ones too. Any thread. */
  public int open() {
    return open;
  }

  /** A connection that doesn't speak HTTP yet, so that it doesn't outlive this. */
  public void entering(ServedConnection connection) {
    if (closed) {
      connection.closeNow();
    } else {
      entering.add(connection);
    }
  }

  /** It does now, or is gone. */
  public void entered(ServedConnection connection) {
    entering.remove(connection);
  }

  /** A connection speaks HTTP from now on. */
  public void opened(ServedConnection connection) {
    if (closed) {
      connection.closeNow();
      return;
    }
    if (connections.add(connection)) {
      open = connections.size();
    }
  }

  /** It is gone, or speaks HTTP no more. */
  public void left(ServedConnection connection) {
    if (connections.remove(connection)) {
      open = connections.size();
    }
  }

  /** Shows all client connections of this loop for which buffers may be held. */
  public void forEachHolder(Consumer<Holder> consumer) {
    connections.forEach(consumer);
    entering.forEach(consumer);
  }

  /** From now on every answer is the last on its connection; idle connections are closed. */
  public void drain() {
    draining = true;
    for (ServedConnection connection : List.copyOf(connections)) {
      connection.drain();
    }
    shared.upstreams().closeIdle();
  }

  /** A listener was removed: connections that came by it are closed, if nothing is going on. */
  public void drain(ClientListener listener) {
    for (ServedConnection connection : List.copyOf(connections)) {
      if (connection.cameBy(listener)) {
        connection.drain();
      }
    }
  }

  /** Cuts every connection that speaks HTTP, those that still come too. */
  public void closeAll() {
    closed = true;
    for (ServedConnection connection : List.copyOf(connections)) {
      connection.closeNow();
    }
    List.copyOf(entering).forEach(ServedConnection::closeNow);
    shared.upstreams().closeIdle();
  }

  private record Ranges(List<Cidr> setting, CidrSet set) {
    @SuppressWarnings("ReferenceEquality") // Another list of the same ranges costs a compilation.
    static Ranges of(List<Cidr> setting, @Nullable Ranges known) {
      return known != null && known.setting == setting
          ? known
          : new Ranges(setting, CidrSet.of(setting));
    }
  }
}
