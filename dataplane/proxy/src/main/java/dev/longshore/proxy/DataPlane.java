package dev.longshore.proxy;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.Settings.ProcessDrain;
import dev.longshore.contract.SnapshotError;
import dev.longshore.process.admin.AdminPage;
import dev.longshore.process.watch.Watch;
import dev.longshore.proxy.basic.PasswordChecks;
import dev.longshore.proxy.dial.http2.SharedMeters;
import dev.longshore.proxy.drain.Drains;
import dev.longshore.proxy.drain.RebalanceMeters;
import dev.longshore.proxy.extauth.AuthMeters;
import dev.longshore.proxy.health.EndpointsPage;
import dev.longshore.proxy.health.HealthChecks;
import dev.longshore.proxy.health.HealthReports;
import dev.longshore.proxy.http.RequestRecorder;
import dev.longshore.proxy.limit.ConnectionMeters;
import dev.longshore.proxy.limit.Connections;
import dev.longshore.proxy.limit.Limiter;
import dev.longshore.proxy.listen.ListenerMeters;
import dev.longshore.proxy.listen.Listeners;
import dev.longshore.proxy.listen.SocketTransport;
import dev.longshore.proxy.memory.MemoryBudgets;
import dev.longshore.proxy.observe.AccessLog;
import dev.longshore.proxy.observe.Endpoints;
import dev.longshore.proxy.observe.Metrics;
import dev.longshore.proxy.observe.TunnelReports;
import dev.longshore.proxy.subscribe.FleetSize;
import dev.longshore.proxy.subscribe.Subscription;
import dev.longshore.proxy.subscribe.SubscriptionOptions;
import dev.longshore.proxy.table.ApplyResult;
import dev.longshore.proxy.table.SnapshotHolder;
import dev.longshore.proxy.tunnel.Tunnels;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running proxy: listeners, routing, tunnels and the admin servers behind one door. All methods
 * may be called from any thread except an event loop.
 *
 * <p>It puts the parts together and does nothing itself; what makes it long is what those who run
 * it have to know.
 */
public final class DataPlane implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DataPlane.class);

  private final DataPlaneOptions options;
  private final Ticker ticker;
  private final FleetSize fleet = new FleetSize();
  private final HealthReports healthReports;
  private final HealthChecks healthChecks;
  private final SnapshotHolder snapshots;
  private final Limiter limiter;
  private final ConfigLog config;
  private final Watch watch = new Watch();
  private final Metrics metrics = new Metrics();
  private final RequestRecorder recorder;
  private final Tunnels tunnels;
  private final Drains drains;
  private final MemoryBudgets memory;
  private final SharedMeters http2 = new SharedMeters();
  private final AuthMeters auth = new AuthMeters();
  private final PasswordChecks passwords = new PasswordChecks();
  private final Listeners listeners;
  private final Observation observation;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private volatile boolean goingAway;
  private @Nullable Running running;
  private @Nullable Shutdown shutdown;
  private @Nullable Subscription subscription;

  /** Prepares a data plane; nothing is bound before {@link #start()}. The access log is stdout. */
  public DataPlane(DataPlaneOptions options) {
    this(options, System.out);
  }

  /**
   * Prepares a data plane; nothing is bound before {@link #start()}.
   *
   * @param accessLog where the lines of the access log go; never closed
   */
  public DataPlane(DataPlaneOptions options, OutputStream accessLog) {
    this(options, accessLog, Ticker.systemTicker());
  }

  /**
   * Prepares a data plane; nothing is bound before {@link #start()}.
   *
   * @param accessLog where the lines of the access log go; never closed
   * @param ticker by which tunnels, deadlines, probes, limits and ejections are timed; how often is
   *     looked at it, and what a shutdown waits for, is by the system's clock
   */
  public DataPlane(DataPlaneOptions options, OutputStream accessLog, Ticker ticker) {
    this(options, accessLog, ticker, Drains.timer());
  }

  /**
   * As the other; what is to be closed because something changed is timed by {@code drainTimer},
   * which ends with this.
   */
  public DataPlane(
      DataPlaneOptions options,
      OutputStream accessLog,
      Ticker ticker,
      ScheduledThreadPoolExecutor drainTimer) {
    this.options = options;
    this.ticker = ticker;
    this.healthReports = new HealthReports(ticker);
    this.healthChecks = new HealthChecks(healthReports);
    this.snapshots = new SnapshotHolder(Clock.systemUTC(), healthReports, fleet, ticker);
    this.config = new ConfigLog(snapshots);
    this.limiter = new Limiter(fleet, options.bounds().handshakesPerClient(), ticker);
    AccessLog log =
        new AccessLog(
            accessLog, options.accessLog(), () -> snapshots.current().settings().accessLog());
    log.watch(watch.part("access-log"));
    this.recorder = new RequestRecorder(metrics, log);
    this.memory = new MemoryBudgets(options.bounds().memoryBytes(), watch.part("memory"), ticker);
    this.tunnels =
        new Tunnels(new TunnelReports(metrics, log, watch.part("tunnels"), memory.heads()), ticker);
    this.drains =
        new Drains(
            tunnels, snapshots::current, fleet, Drains.GRACE, watch.part("drains"), drainTimer);
    snapshots.addListener(drains);
    metrics.bind(new RebalanceMeters(drains));
    metrics.bind(auth);
    Connections connections =
        new Connections(options.bounds().connections(), options.bounds().connectionsPerClient());
    metrics.bind(new ConnectionMeters(connections));
    this.listeners = new Listeners(connections);
    metrics.bind(new ListenerMeters(listeners));
    this.observation =
        new Observation(
            metrics,
            log,
            snapshots,
            config,
            tunnels,
            limiter,
            fleet,
            listeners::areOpen,
            listeners::troubles,
            () -> goingAway,
            watch);
    memory.meters().forEach(metrics::bind);
    metrics.bind(http2);
    metrics.watchHealth(healthChecks::figures);
    observation.adminPages().put("/endpoints", new EndpointsPage(snapshots));
    snapshots.addListener(healthChecks);
  }

  /**
   * Takes every address and serves. Until a snapshot is applied readiness fails and connections are
   * refused; the admin servers answer at once.
   *
   * @throws IOException if an address can't be bound or the transport is not there; the message
   *     says which and why, and nothing stays bound
   * @throws IllegalStateException if it was started or closed before
   */
  public synchronized void start() throws IOException {
    if (running != null || ended.isDone()) {
      throw new IllegalStateException("a data plane is started once");
    }
    SocketTransport transport = options.transport().open();
    EventLoops loops = new EventLoops(options.threads(), transport, tunnels, ticker);
    try {
      InetSocketAddress metrics = observation.listenForMetrics(options.metrics());
      InetSocketAddress admin = observation.listenForAdmin(options.admin());
      healthChecks.start(
          loops.equip(
              watch,
              this.metrics,
              snapshots::current,
              limiter,
              recorder,
              memory.heads(),
              http2,
              auth,
              passwords));
      listeners.start(options.http(), options.https(), transport, loops.group(), loops.contexts());
      running = new Running(loops, metrics, admin);
      memory.start(loops.holders());
    } catch (IOException e) {
      stop(loops);
      end();
      throw e;
    }
    LOG.info(
        "connections are taken at {} once there is a table; metrics at {}, admin at {}; {} event"
            + " loops by {}",
        listeners.urls(),
        Endpoints.url("http", boundMetrics()),
        Endpoints.url("http", boundAdmin()),
        options.threads(),
        transport.name());
    listen();
  }

  /** Has listened to what the flags and the table name, once there is something to serve. */
  private void listen() {
    if (!goingAway && snapshots.current().applied()) {
      listeners.follow(snapshots.current().snapshot().listeners());
    }
  }

  /**
   * Replaces the routing; the first one opens the listeners. Open tunnels and running requests go
   * on under the rule that admitted them.
   *
   * @return what is wrong with the snapshot, each error naming its entry; empty: it is applied. A
   *     snapshot with an error is rejected whole, and the old one stays
   */
  public List<String> apply(RoutingSnapshot snapshot) {
    return offer(snapshot).stream().map(Object::toString).toList();
  }

  /** Does as {@link #apply}, and says which entry each error is about. */
  public List<SnapshotError> offer(RoutingSnapshot snapshot) {
    return switch (take(snapshot)) {
      case ApplyResult.Rejected rejected -> rejected.errors();
      case ApplyResult.Applied _, ApplyResult.Unchanged _ -> List.of();
    };
  }

  private synchronized ApplyResult take(RoutingSnapshot snapshot) {
    ApplyResult result = snapshots.apply(snapshot);
    switch (result) {
      case ApplyResult.Rejected rejected -> config.rejected(snapshot, rejected.errors());
      case ApplyResult.Applied _, ApplyResult.Unchanged _ -> listen();
    }
    return result;
  }

  /**
   * Follows an operator from now on, until the end: starts from the last known good table, if one
   * was kept, and applies what the operator pushes. Whatever goes wrong is in the log, in readiness
   * and in the metrics, and tried again.
   *
   * @throws IllegalStateException if it follows one already
   */
  public synchronized void subscribe(SubscriptionOptions options) {
    if (subscription != null || ended.isDone()) {
      throw new IllegalStateException("a data plane follows one operator");
    }
    Subscription following = new Subscription(options, this::take, fleet);
    subscription = following;
    observation.watch(following::status);
    following.watch(watch);
    following.start();
  }

  /**
   * Says in the log, now and whenever settings change that, if the end takes longer than whoever
   * runs this process waits. Nothing else depends on it.
   *
   * @param termination from the wish that it ends until it is killed; above zero
   * @param preStop how much of that is over before {@link #shutdown()} is called
   */
  public void checkGrace(Duration termination, Duration preStop) {
    GracePeriod check = new GracePeriod(termination, preStop);
    snapshots.addListener(check);
    check.check(snapshots.current().settings().processDrain());
  }

  /**
   * Addresses of the listeners in the clear, in the order of the options, with the ports picked.
   * They are known before anything listens there.
   */
  public List<InetSocketAddress> boundHttp() {
    running();
    return listeners.http();
  }

  /** Addresses of the TLS listeners, likewise. */
  public List<InetSocketAddress> boundHttps() {
    running();
    return listeners.https();
  }

  /**
   * Addresses that the table names beside those, in no particular order; the log and {@code
   * /readyz?verbose} say if connections can't be taken there.
   */
  public List<InetSocketAddress> boundByTable() {
    running();
    return listeners.ofTable();
  }

  /** Address of the metrics server, with the port picked. */
  public InetSocketAddress boundMetrics() {
    return running().metrics;
  }

  /** Address of the admin server, with the port picked. */
  public InetSocketAddress boundAdmin() {
    return running().admin;
  }

  /** What liveness asks; for what else runs in this process. */
  public Watch watch() {
    return watch;
  }

  /** Pages of the admin server by path, to add others to. Thread-safe. */
  public Map<String, AdminPage> adminPages() {
    return observation.adminPages();
  }

  private synchronized Running running() {
    Running current = running;
    if (current == null) {
      throw new IllegalStateException("not started");
    }
    return current;
  }

  /**
   * Goes away politely, as {@code Settings.processDrain} says: readiness fails, after the delay the
   * listeners stop, requests finish, tunnels are closed spread over the window, and at the deadline
   * whatever is left is cut. A second call hurries: no delay, no window.
   *
   * @return completes when nothing is open any more; the same future for every call
   */
  public CompletableFuture<Void> shutdown() {
    goingAway = true;
    if (!goAway()) {
      end();
    }
    return ended;
  }

  /** False if nothing was ever started. */
  private synchronized boolean goAway() {
    Running current = running;
    Shutdown present = shutdown;
    if (present != null) {
      present.hurry();
    } else if (current != null) {
      ProcessDrain drain = snapshots.current().settings().processDrain();
      Shutdown started =
          new Shutdown(listeners, List.copyOf(current.loops.contexts().entrySet()), tunnels, drain);
      shutdown = started;
      started.start(
          () -> {
            stop(current.loops);
            end();
          });
    }
    return current != null;
  }

  /** Ends at once, cutting what is open, and waits until nothing runs any more. */
  @Override
  public void close() {
    goingAway = true;
    Running current;
    synchronized (this) {
      current = running;
    }
    if (current != null) {
      listeners.close();
      stop(current.loops);
    }
    end();
  }

  private void end() {
    Subscription following;
    synchronized (this) {
      following = subscription;
    }
    // Not under the lock, which a table that is being applied needs.
    if (following != null) {
      following.close();
    }
    watch.close();
    if (ended.complete(null)) {
      passwords.close();
      memory.close();
      drains.close();
      snapshots.close();
      observation.close();
    }
  }

  private void stop(EventLoops loops) {
    watch.close();
    healthChecks.close();
    loops.stop();
  }

  private record Running(EventLoops loops, InetSocketAddress metrics, InetSocketAddress admin) {}
}
