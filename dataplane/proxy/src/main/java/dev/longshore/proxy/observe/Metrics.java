package dev.longshore.proxy.observe;

import dev.longshore.process.admin.AdminServer;
import dev.longshore.process.admin.ContainedMeters;
import dev.longshore.process.watch.Watch;
import dev.longshore.proxy.limit.Connections;
import dev.longshore.proxy.limit.Limit;
import dev.longshore.proxy.limit.Limiter;
import dev.longshore.proxy.memory.HeadMemory;
import dev.longshore.proxy.memory.Holder;
import dev.longshore.proxy.memory.MemoryBudget;
import dev.longshore.proxy.subscribe.FleetSize;
import dev.longshore.proxy.subscribe.SubscriptionStatus;
import dev.longshore.proxy.tunnel.CloseCause;
import dev.longshore.proxy.tunnel.Tunnel;
import dev.longshore.proxy.tunnel.Tunnels;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.util.Version;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every metric of the data plane, by Prometheus conventions and under {@code longshore_}; docs/ has
 * the list. Counting is per handshake, request or tunnel and may be done on any thread; what is
 * counted per message lies with {@link Tunnels} and is summed when it is asked for.
 */
public final class Metrics implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Metrics.class);
  private static final String HTTP_CLASSES = "12345";

  /** A series for each; more than anybody looks at. */
  private static final int MOST_CERTIFICATES = 1000;

  private static final Duration[] LATENCY_BUCKETS = {
    Duration.ofNanos(500_000),
    Duration.ofMillis(1),
    Duration.ofNanos(2_500_000),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofMillis(2500),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10),
    Duration.ofSeconds(60)
  };

  private final ContainedMeters registry = new ContainedMeters();
  private final Map<HandshakeOutcome, Counter> handshakes;
  private final Map<UpstreamFailure, Counter> upstreamFailures;
  private final Map<Reason, Counter> refusals;
  private final Map<TlsOutcome, Counter> tlsHandshakes;
  private final Map<ProbeOutcome, Counter> probes;
  private final Counter probesDelayed;
  private final Map<ProxyHeaderOutcome, Counter> proxyHeaders;
  private final Map<CloseCause, Counter> ends;
  private final Counter stalledClients;
  private final Timer handshakeDuration;
  private final Timer[] requests;
  private final JvmGcMetrics gc = new JvmGcMetrics();
  private final MultiGauge config;
  private final MultiGauge certificates;
  private volatile Supplier<ConfigStatus> configStatus = () -> ConfigStatus.NONE;
  private volatile @Nullable SubscriptionMetrics subscription;
  private volatile @Nullable HealthMetrics health;
  private volatile Supplier<List<CertificateExpiry>> expiries = List::of;
  private volatile LongSupplier rebalanced = () -> 0;

  /** Has the metrics of the process; the others come as {@code watch} is called. */
  public Metrics() {
    handshakes =
        counters(
            HandshakeOutcome.class,
            outcome ->
                Counter.builder("longshore.handshakes")
                    .description("Upgrade requests by how they ended")
                    .tag("outcome", outcome.label())
                    .register(registry));
    tlsHandshakes =
        counters(
            TlsOutcome.class,
            outcome ->
                Counter.builder("longshore.tls.handshakes")
                    .description("TLS handshakes with clients by how they ended")
                    .tag("outcome", outcome.label())
                    .register(registry));
    upstreamFailures =
        counters(
            UpstreamFailure.class,
            kind ->
                Counter.builder("longshore.upstream.failures")
                    .description("Failed attempts on endpoints, retried ones included")
                    .tag("kind", kind.label())
                    .register(registry));
    refusals =
        counters(
            Reason.class,
            reason ->
                Counter.builder("longshore.requests.refused")
                    .description(
                        "Requests that got no complete answer of an upstream, by the check")
                    .tag("reason", reason.label())
                    .register(registry));
    probes =
        counters(
            ProbeOutcome.class,
            outcome ->
                Counter.builder("longshore.health.probes")
                    .description("Probes of endpoints by how they ended")
                    .tag("outcome", outcome.label())
                    .register(registry));
    probesDelayed =
        Counter.builder("longshore.health.probes.delayed")
            .description("Probes that came late because of how many there are")
            .register(registry);
    proxyHeaders =
        counters(
            ProxyHeaderOutcome.class,
            outcome ->
                Counter.builder("longshore.proxy.protocol.headers")
                    .description("Connections that had to begin with a PROXY header, by outcome")
                    .tag("outcome", outcome.label())
                    .register(registry));
    ends =
        counters(
            CloseCause.class,
            cause ->
                Counter.builder("longshore.tunnels.ended")
                    .description("Tunnels that ended, by cause")
                    .tag("reason", cause.reason())
                    .register(registry));
    stalledClients =
        Counter.builder("longshore.http.stalled")
            .description(
                "HTTP connections that were cut because they took nothing of their answers")
            .register(registry);
    handshakeDuration =
        Timer.builder("longshore.handshake.duration")
            .description("From an upgrade request to its verified 101")
            .serviceLevelObjectives(LATENCY_BUCKETS)
            .register(registry);
    requests = new Timer[HTTP_CLASSES.length()];
    for (int i = 0; i < requests.length; i++) {
      requests[i] =
          Timer.builder("longshore.request.duration")
              .description("Plain HTTP requests, from their head to the end of the answer")
              .tag("code", HTTP_CLASSES.charAt(i) + "xx")
              .serviceLevelObjectives(LATENCY_BUCKETS)
              .register(registry);
    }
    config =
        MultiGauge.builder("longshore.config.info")
            .description("The applied versions, as labels; always 1")
            .register(registry);
    certificates =
        MultiGauge.builder("longshore.certificate.expiry.timestamp")
            .description("When a server certificate expires, in seconds since the epoch")
            .baseUnit("seconds")
            .register(registry);
    bindConfig();
    bindProcess();
  }

  private void bindConfig() {
    Gauge.builder("longshore.config.last.change.timestamp", this, Metrics::lastChange)
        .description("When the last change was applied, in seconds since the epoch; 0: never")
        .baseUnit("seconds")
        .register(registry);
    FunctionCounter.builder(
            "longshore.config.rejected", this, m -> m.configStatus.get().rejections())
        .description("Snapshots rejected whole")
        .register(registry);
  }

  private void bindProcess() {
    Package own = Metrics.class.getPackage();
    String version = own == null ? null : own.getImplementationVersion();
    Version netty = Version.identify().get("netty-common");
    Gauge.builder("longshore.build.info", () -> 1)
        .description("Versions, as labels; always 1")
        .tag("version", version == null ? "unknown" : version)
        .tag("java", Runtime.version().toString())
        .tag("netty", netty == null ? "unknown" : netty.artifactVersion())
        .register(registry);
    new JvmMemoryMetrics().bindTo(registry);
    gc.bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  private double lastChange() {
    ConfigStatus.Applied applied = configStatus.get().applied();
    return applied == null ? 0 : applied.at().toEpochMilli() / 1000.0;
  }

  private static <E extends Enum<E>> Map<E, Counter> counters(
      Class<E> type, Function<E, Counter> counter) {
    Map<E, Counter> counters = new EnumMap<>(type);
    for (E value : type.getEnumConstants()) {
      counters.put(value, counter.apply(value));
    }
    return counters;
  }

  /** Shows the tunnels' figures. Once. */
  public void watch(Tunnels tunnels) {
    Gauge.builder("longshore.tunnels.open", tunnels, Tunnels::open)
        .description("Open tunnels")
        .strongReference(true)
        .register(registry);
    Gauge.builder("longshore.draining", tunnels, t -> t.draining() ? 1 : 0)
        .description("1 while a shutdown closes the tunnels")
        .strongReference(true)
        .register(registry);
    Gauge.builder("longshore.drain.pending", tunnels, Tunnels::pending)
        .description("Tunnels that are to be closed within a window, and have not been told yet")
        .strongReference(true)
        .register(registry);
    traffic("client", tunnels, Tunnels::bytesFromClients, Tunnels::messagesFromClients);
    traffic("upstream", tunnels, Tunnels::bytesFromUpstreams, Tunnels::messagesFromUpstreams);
    pings("client", tunnels, Tunnels::pingsToClients);
    pings("upstream", tunnels, Tunnels::pingsToUpstreams);
  }

  private void pings(String towards, Tunnels tunnels, Function<Tunnels, Long> pings) {
    FunctionCounter.builder("longshore.pings", tunnels, pings::apply)
        .description("Pings of the proxy's own; those that are relayed are none")
        .tag("towards", towards)
        .register(registry);
  }

  private void traffic(
      String from,
      Tunnels tunnels,
      Function<Tunnels, Long> bytes,
      Function<Tunnels, Long> messages) {
    FunctionCounter.builder("longshore.tunnel", tunnels, bytes::apply)
        .description("Bytes read from tunnels, frame headers included")
        .baseUnit("bytes")
        .tag("from", from)
        .register(registry);
    FunctionCounter.builder("longshore.tunnel.messages", tunnels, messages::apply)
        .description("Messages read from tunnels; control frames are none")
        .tag("from", from)
        .register(registry);
  }

  /** Shows what limits kept out. Once. */
  public void watch(Limiter limiter) {
    for (Limit limit : Limit.values()) {
      FunctionCounter.builder("longshore.limited", limiter, l -> l.limited(limit))
          .description("Handshakes answered with 429, by the limit that they would exceed")
          .tag("limit", limit.label())
          .register(registry);
    }
    Gauge.builder("longshore.limit.clients.tracked", limiter, Limiter::clientsTracked)
        .description("Clients that limits tell apart now; without room for more, others share")
        .strongReference(true)
        .register(registry);
  }

  /** Shows how many clients are connected, and who was kept out for that. Once. */
  public void watch(Connections connections) {
    Gauge.builder("longshore.connections.open", connections, Connections::open)
        .description("Client connections, whatever they are doing")
        .strongReference(true)
        .register(registry);
    Gauge.builder("longshore.connections.most", connections, Connections::most)
        .description("How many client connections there may be; 0: any number")
        .strongReference(true)
        .register(registry);
    refused("process", connections, Connections::refused);
    refused("client", connections, Connections::refusedOfClient);
    FunctionCounter.builder("longshore.connections.displaced", connections, Connections::displaced)
        .description("Connections closed while they waited for a request, to make room")
        .register(registry);
    FunctionCounter.builder("longshore.accept.failures", connections, Connections::acceptFailures)
        .description("Times at which no connection could be accepted, for want of a descriptor")
        .register(registry);
  }

  private void refused(String bound, Connections connections, ToDoubleFunction<Connections> count) {
    FunctionCounter.builder("longshore.connections.refused", connections, count)
        .description("Connections closed as they came, because there were too many")
        .tag("bound", bound)
        .register(registry);
  }

  /** Shows how many share what is limited over all data planes. Once. */
  public void watch(FleetSize fleet) {
    Gauge.builder("longshore.fleet.data.planes", fleet, FleetSize::dataPlanes)
        .description("Data planes that share what is limited over all of them")
        .strongReference(true)
        .register(registry);
  }

  /**
   * Shows what rebalancing does. Once.
   *
   * @param moved tunnels that were told to move, ever
   * @param moving pools in which tunnels move now
   */
  public void watchRebalance(LongSupplier moved, IntSupplier moving) {
    rebalanced = moved;
    FunctionCounter.builder("longshore.rebalance.moved", this, m -> m.rebalanced.getAsLong())
        .description("Tunnels that were told to move to another endpoint")
        .register(registry);
    Gauge.builder("longshore.rebalance.pools", moving::getAsInt)
        .description("Pools in which tunnels move to other endpoints now")
        .register(registry);
  }

  /** Shows what of the process is dead or stuck, and what failed and was caught. Once. */
  public void watch(Watch watch) {
    watch.bindTo(registry);
  }

  /** Shows what the admin server refuses. Once. */
  public void watch(AdminServer server) {
    server.bindTo(registry);
  }

  /** Shows how many lines the access log has dropped. Once. */
  public void watch(AccessLog accessLog) {
    FunctionCounter.builder("longshore.access.log.dropped", accessLog, AccessLog::dropped)
        .description("Access log lines dropped because their reader is too slow")
        .register(registry);
  }

  /** Shows the memory that an allocator holds outside the heap. Once. */
  public void watch(ByteBufAllocator allocator) {
    if (allocator instanceof ByteBufAllocatorMetricProvider provider) {
      Gauge.builder("longshore.buffer.direct", provider, p -> p.metric().usedDirectMemory())
          .description("Memory of network buffers outside the heap, free ones in the pool included")
          .baseUnit("bytes")
          .strongReference(true)
          .register(registry);
    }
  }

  /** Shows the budget of network buffers, and who was cut because of it. Once. */
  public void watch(MemoryBudget budget) {
    Gauge.builder("longshore.buffer.budget", budget, MemoryBudget::bytes)
        .description(
            "What connections may hold in network buffers; beyond it the greediest are cut")
        .baseUnit("bytes")
        .strongReference(true)
        .register(registry);
    for (Holder.Kind kind : Holder.Kind.values()) {
      FunctionCounter.builder("longshore.memory.cuts", budget, b -> b.cut(kind))
          .description("Connections cut because they held most when buffers were beyond the budget")
          .tag("kind", kind.label())
          .register(registry);
    }
    FunctionCounter.builder("longshore.memory.cut", budget, MemoryBudget::cutBytes)
        .description("What those that were cut held in network buffers")
        .baseUnit("bytes")
        .register(registry);
  }

  /** Shows what request heads take of the heap, and who was cut because of it. Once. */
  public void watch(HeadMemory heads, MemoryBudget budget) {
    Gauge.builder("longshore.head", heads, HeadMemory::bytes)
        .description("Heap that long request heads take, beyond what each may have uncounted")
        .baseUnit("bytes")
        .strongReference(true)
        .register(registry);
    for (Holder.Kind kind : Holder.Kind.values()) {
      FunctionCounter.builder("longshore.head.cuts", budget, b -> b.cut(kind))
          .description("Connections cut because their heads took most of what heads may have")
          .tag("kind", kind.label())
          .register(registry);
    }
  }

  /** Shows the applied configuration. {@code status} is asked at every scrape. */
  public void watch(Supplier<ConfigStatus> status) {
    configStatus = status;
  }

  /** Shows the operators and how old the configuration is. Once. */
  public void watchSubscription(Supplier<SubscriptionStatus> status) {
    subscription = new SubscriptionMetrics(registry, status);
  }

  /** Shows how the endpoints of pools with health checks are. Once. */
  public void watchHealth(Supplier<HealthFigures> figures) {
    health = new HealthMetrics(registry, figures);
  }

  /**
   * Shows when certificates expire: of the {@value #MOST_CERTIFICATES} that do so first. {@code
   * expiries} is asked at every scrape.
   */
  public void watchCertificates(Supplier<List<CertificateExpiry>> expiries) {
    this.expiries = expiries;
  }

  private List<Row<?>> expiryRows() {
    return expiries.get().stream()
        .sorted(Comparator.comparing(CertificateExpiry::notAfter))
        .limit(MOST_CERTIFICATES)
        .<Row<?>>map(
            each ->
                Row.of(
                    Tags.of("namespace", each.namespace(), "secret", each.secret()),
                    each.notAfter().getEpochSecond()))
        .toList();
  }

  /** Counts an upgrade request that opened a tunnel. */
  public void handshakeEstablished(long nanos) {
    handshake(HandshakeOutcome.ESTABLISHED);
    handshakeDuration.record(nanos, TimeUnit.NANOSECONDS);
  }

  /** Counts an upgrade request by its outcome. */
  public void handshake(HandshakeOutcome outcome) {
    increment(handshakes.get(outcome));
  }

  /**
   * Counts a plain request.
   *
   * @param status that the client got, 100 to 599
   */
  public void request(int status, long nanos) {
    requests[Math.clamp(status / 100, 1, requests.length) - 1].record(nanos, TimeUnit.NANOSECONDS);
  }

  /** Counts a request, of either kind, that got no complete answer of an upstream. */
  public void refused(Reason reason) {
    increment(refusals.get(reason));
  }

  /** Counts a TLS handshake with a client by its outcome. */
  public void tlsHandshake(TlsOutcome outcome) {
    increment(tlsHandshakes.get(outcome));
  }

  /** A connection's PROXY header was read, or refused. */
  public void proxyHeader(ProxyHeaderOutcome outcome) {
    increment(proxyHeaders.get(outcome));
  }

  /** Counts a probe of an endpoint. */
  public void probe(ProbeOutcome outcome) {
    increment(probes.get(outcome));
  }

  /** A probe came late, or was ended early, because of how many there are. */
  public void probeDelayed() {
    probesDelayed.increment();
  }

  /** Counts a failed attempt on an endpoint. */
  public void upstreamFailure(UpstreamFailure failure) {
    increment(upstreamFailures.get(failure));
  }

  /** Counts an HTTP connection that was cut because it took nothing of its answers. */
  public void clientStalled() {
    stalledClients.increment();
  }

  void tunnelEnded(Tunnel tunnel) {
    CloseCause cause = tunnel.cause();
    increment(ends.get(cause == null ? CloseCause.INTERNAL : cause));
    closeCode("client", tunnel.clientCloseCode());
    closeCode("upstream", tunnel.upstreamCloseCode());
    closeCode("proxy", tunnel.injectedCloseCode());
  }

  private void closeCode(String from, int code) {
    if (code != 0) {
      registry
          .counter(
              "longshore.tunnel.close.codes", Tags.of("from", from, "code", CloseCodes.label(code)))
          .increment();
    }
  }

  private static void increment(@Nullable Counter counter) {
    if (counter != null) {
      counter.increment();
    }
  }

  /**
   * All metrics in an exposition format.
   *
   * @param accept value of the Accept header; text format unless it asks for OpenMetrics
   */
  String scrape(String accept) {
    ConfigStatus.Applied applied = configStatus.get().applied();
    List<Row<?>> rows =
        applied == null
            ? List.of()
            : List.of(
                Row.of(
                    Tags.of(
                        "version",
                        applied.version().brief(),
                        "endpoints_version",
                        applied.endpointsVersion().brief()),
                    1));
    contained(() -> config.register(rows, true));
    SubscriptionMetrics operators = subscription;
    if (operators != null) {
      contained(operators::refresh);
    }
    HealthMetrics endpoints = health;
    if (endpoints != null) {
      contained(endpoints::refresh);
    }
    contained(() -> certificates.register(expiryRows(), true));
    return registry.scrape(accept);
  }

  /** What can't be made anew is shown as it was, and all else too. */
  private static void contained(Runnable refresh) {
    try {
      refresh.run();
    } catch (RuntimeException | Error e) {
      LOG.error("some metrics can't be made anew, and stay as they were", e);
    }
  }

  @Override
  public void close() {
    gc.close();
    registry.close();
  }
}
