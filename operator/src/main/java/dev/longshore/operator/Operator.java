package dev.longshore.operator;

import dev.longshore.operator.election.Leadership;
import dev.longshore.operator.pki.AffinityKeyKeeper;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.cluster.ClusterHistory;
import dev.longshore.operator.source.cluster.DataPlaneService;
import dev.longshore.operator.source.cluster.Scope;
import dev.longshore.operator.status.EventReporter;
import dev.longshore.operator.status.EventWriter;
import dev.longshore.operator.status.StatusBoard;
import dev.longshore.operator.status.StatusWriter;
import dev.longshore.operator.tenure.TenureKeeper;
import dev.longshore.operator.tenure.TenureStore;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.operator.translate.secret.AffinityKey;
import dev.longshore.process.admin.ContainedMeters;
import dev.longshore.process.watch.Watch;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replica of the operator: follows the cluster, serves what it means to data planes, and, while
 * it leads, writes what became of it into the cluster.
 *
 * <p>Nothing of it needs the leader but the writing, and serving needs the API server only for what
 * changes: without either, data planes are served what is known.
 */
public final class Operator implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Operator.class);
  private static final Duration EXPIRY_CHECK = Duration.ofHours(1);

  /** Beside those of their Service: metrics and admin. */
  private static final Set<Integer> DATA_PLANE_PORTS = Set.of(9090, 9091);

  private final OperatorOptions options;
  private final ClusterClients clients;
  private final Watch watch = new Watch();
  private final ContainedMeters meters = new ContainedMeters();
  private final PushSide push;
  private final Leadership leadership;
  private final EventWriter events;
  private final EventReporter reporter;
  private final StatusWriter statuses;
  private final AffinityKeyKeeper affinityKeys;
  private final TenureKeeper tenures;
  private final ControlLoop loop;
  private final ClusterHistory history;
  private final DataPlaneTracker tracker;
  private final DataPlaneService service;
  private final DataPlaneService pushService;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("operator-timer").daemon().factory());
  private final Opening opening;
  private volatile @Nullable HttpPages pages;

  /**
   * A replica that doesn't run yet.
   *
   * @param cluster how to reach the API server, and as whom
   */
  public Operator(OperatorOptions options, Config cluster) {
    this(options, cluster, DataPlanePush::new);
  }

  Operator(OperatorOptions options, Config cluster, PushFactory pushes) {
    this.options = options;
    this.clients = ClusterClients.of(cluster);
    KubernetesClient client = clients.main();
    this.leadership =
        new Leadership(
            clients.election(), options.namespace(), OperatorOptions.LEASE, options.identity());
    this.push = pushes.create(options, client, leadership, meters);
    this.events = new EventWriter(client, options.identity(), meters);
    this.reporter = new EventReporter(events, leadership::isLeader);
    StatusBoard board = new StatusBoard(this::look);
    this.statuses =
        new StatusWriter(client, options.watchNamespaces(), board, leadership::isLeader, meters);
    this.history =
        new ClusterHistory(
            client,
            options.namespace(),
            OperatorOptions.LEASE,
            this::delivered,
            this::listAnew,
            watch.part("cluster-history"));
    AffinityKey.InCluster affinityKey = new AffinityKey.InCluster(options.namespace());
    this.affinityKeys = new AffinityKeyKeeper(client, options.namespace(), leadership::isLeader);
    leadership.addListener(affinityKeys::lead);
    this.tenures =
        new TenureKeeper(
            new TenureStore(client, options.namespace()),
            leadership::isLeader,
            reporter::ownerChanged,
            meters);
    leadership.addListener(tenures::lead);
    this.loop =
        new ControlLoop(
            client,
            new Scope(options.watchNamespaces(), Set.of(affinityKey.secret()), options.namespace()),
            new TranslatorOptions(
                TranslatorOptions.CONTROLLER,
                options.ingressClasses(),
                options.staticEndpoints(),
                options.externalNames(),
                false,
                affinityKey),
            history::epoch,
            push,
            board,
            reporter,
            tenures,
            affinityKeys::missed,
            meters,
            watch);
    push.watch(watch);
    leadership.watch(watch.part("leader-election"));
    events.watch(watch.part("events"));
    statuses.watch(watch.part("status"));
    affinityKeys.watch(watch.part("master-key"));
    tenures.watch(watch.part("host-tenures"));
    this.tracker =
        new DataPlaneTracker(
            push,
            options.statusAddresses(),
            now -> {
              board.dataPlanes(now);
              reporter.dataPlanes(now);
            });
    tracker.watch(watch.part("data-planes"));
    this.opening = new Opening(push, tracker::refresh, statuses, timer, watch.part("timer"));
    this.service =
        new DataPlaneService(
            client,
            options.namespace(),
            options.dataPlaneService(),
            DATA_PLANE_PORTS,
            state -> {
              tracker.service(state);
              own();
            },
            watch.part("informers"));
    this.pushService =
        new DataPlaneService(
            client,
            options.namespace(),
            options.pushService(),
            Set.copyOf(List.of(options.push().getPort(), options.metrics().getPort())),
            state -> own(),
            watch.part("informers"));
    leadership.addListener(new Leads(board));
    meters();
  }

  /** Makes the push side. */
  @FunctionalInterface
  interface PushFactory {
    PushSide create(
        OperatorOptions options,
        KubernetesClient client,
        Leadership leadership,
        MeterRegistry meters);
  }

  /**
   * Starts everything; returns at once. What the cluster is missing is waited for.
   *
   * @throws IOException if the address of the pages can't be bound; that for data planes is taken
   *     when there is something to serve, and tried again
   */
  public void start() throws IOException {
    HttpPages started = new HttpPages(options.metrics(), meters, this::missing, watch);
    pages = started;
    log.info("serves {}; pages at {}", new Scope(options.watchNamespaces()), started.address());
    history.start();
    push.prepare();
    affinityKeys.start();
    service.start();
    pushService.start();
    service.synced().thenRun(tracker::listed);
    loop.start();
    leadership.start();
    loop.published()
        .thenRunAsync(
            watch.part("timer").guarded("data planes can't be served", opening::serve), timer);
    timer.scheduleWithFixedDelay(
        watch.part("timer").guarded("certificates can't be looked through", reporter::expiry),
        EXPIRY_CHECK.toMinutes(),
        EXPIRY_CHECK.toMinutes(),
        TimeUnit.MINUTES);
  }

  /** What keeps this replica from being ready; empty: nothing. */
  public List<String> missing() {
    List<String> missing = new ArrayList<>(loop.source().waitingFor());
    if (missing.isEmpty() && loop.sequence() == 0) {
      missing.add("the first snapshot");
    }
    if (missing.isEmpty() && !opening.isListening()) {
      missing.add("the push channel");
    }
    missing.addAll(push.missing());
    return missing;
  }

  /** What liveness asks; for what else runs in this process. */
  public Watch watch() {
    return watch;
  }

  /** Whether this replica writes, now. */
  public boolean isLeader() {
    return leadership.isLeader();
  }

  /** Where data planes are served, once nothing is {@link #missing()}. */
  public InetSocketAddress pushAddress() {
    return push.address();
  }

  /** Where /metrics, /livez and /readyz are. */
  public InetSocketAddress metricsAddress() {
    HttpPages started = pages;
    if (started == null) {
      throw new IllegalStateException("not started");
    }
    return started.address();
  }

  /** Gives up the Lease, and ends everything. */
  @Override
  public void close() {
    watch.close();
    leadership.close();
    timer.shutdownNow();
    history.close();
    statuses.close();
    events.close();
    loop.close();
    service.close();
    pushService.close();
    tenures.close();
    tracker.close();
    affinityKeys.close();
    push.close();
    HttpPages started = pages;
    if (started != null) {
      started.close();
    }
    clients.close();
  }

  private void look(Collection<ResourceRef> refs) {
    statuses.look(refs);
  }

  private long delivered() {
    return loop.source().resourceVersions().values().stream()
        .mapToLong(Long::longValue)
        .max()
        .orElse(0);
  }

  private void listAnew() {
    loop.source().restart();
    service.restart();
    pushService.restart();
  }

  private void own() {
    loop.source().own(service.state().own().and(pushService.state().own()));
  }

  private void meters() {
    watch.bindTo(meters);
    Gauge.builder("longshore.operator.leader", this, operator -> operator.isLeader() ? 1 : 0)
        .description("1 while this replica writes status and Events")
        .register(meters);
    Gauge.builder("longshore.operator.publications", loop, ControlLoop::sequence)
        .description("Snapshots published since the start")
        .register(meters);
    Gauge.builder("longshore.operator.epoch", history, ClusterHistory::epoch)
        .description("Grows when the cluster's state was set back")
        .register(meters);
    Gauge.builder("longshore.operator.resources", loop, l -> l.source().view().size())
        .description("Resources that are held")
        .register(meters);
  }

  private final class Leads implements Leadership.Listener {
    private final StatusBoard board;

    Leads(StatusBoard board) {
      this.board = board;
    }

    @Override
    public void gained() {
      timer.execute(
          watch
              .part("timer")
              .guarded(
                  "what a new leader has to say can't be said",
                  () -> {
                    reporter.gained();
                    statuses.look(board.all());
                  }));
    }

    @Override
    public void lost() {
      reporter.lost();
    }
  }
}
