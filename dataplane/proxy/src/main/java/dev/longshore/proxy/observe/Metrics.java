package dev.longshore.proxy.observe;

import dev.longshore.process.admin.ContainedMeters;
import dev.longshore.proxy.answer.HandshakeOutcome;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.subscribe.SubscriptionStatus;
import dev.longshore.proxy.tunnel.CloseCause;
import dev.longshore.proxy.tunnel.Tunnel;
import dev.longshore.proxy.tunnel.Tunnels;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
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
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every metric of the data plane, by Prometheus conventions and under {@code longshore_}; docs/ has
 * the list. Counting is per handshake, request or tunnel and may be done on any thread; what is
 * counted per message lies with {@link Tunnels} and is summed when it is asked for. Longer than
 * most, for every meter has its name and its description here.
 */
public final class Metrics implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Metrics.class);
  private static final String HTTP_CLASSES = "12345";

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
  private final CallMeters calls = new CallMeters(registry);
  private final ConfigMetrics config = new ConfigMetrics(registry);
  private volatile @Nullable SubscriptionMetrics subscription;
  private volatile @Nullable HealthMetrics health;

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
    bindProcess();
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

  private static <E extends Enum<E>> Map<E, Counter> counters(
      Class<E> type, Function<E, Counter> counter) {
    Map<E, Counter> counters = new EnumMap<>(type);
    for (E value : type.getEnumConstants()) {
      counters.put(value, counter.apply(value));
    }
    return counters;
  }

  /** Shows what its owner has to show. Once for each. */
  public void bind(MeterBinder meters) {
    meters.bindTo(registry);
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

  /** Shows the applied configuration. {@code status} is asked at every scrape. */
  public void watch(Supplier<ConfigStatus> status) {
    config.watch(status);
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
   * Shows when certificates expire: of the {@value ConfigMetrics#MOST_CERTIFICATES} that do so
   * first. {@code expiries} is asked at every scrape.
   */
  public void watchCertificates(Supplier<List<CertificateExpiry>> expiries) {
    config.watchCertificates(expiries);
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

  /**
   * Counts a call of gRPC that went to an endpoint and is over.
   *
   * @param code its status, 0 to 16
   */
  public void called(int code, long messagesFromClient, long messagesFromUpstream) {
    calls.ended(code, messagesFromClient, messagesFromUpstream);
  }

  /** Counts a call that was listed, and is over, if it was ended by us. */
  void callClosed(@Nullable CloseCause cause) {
    calls.closed(cause);
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

  /**
   * Counts a stream or a connection of HTTP/2 that was ended for what its client did.
   *
   * @param code one of those that RFC 9113 §7 has
   */
  public void http2Broken(boolean connection, String code) {
    registry
        .counter(
            "longshore.http2.errors",
            Tags.of(
                "scope",
                connection ? "connection" : "stream",
                "code",
                code.toLowerCase(Locale.ROOT)))
        .increment();
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
    contained(config::refresh);
    SubscriptionMetrics operators = subscription;
    if (operators != null) {
      contained(operators::refresh);
    }
    HealthMetrics endpoints = health;
    if (endpoints != null) {
      contained(endpoints::refresh);
    }
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
