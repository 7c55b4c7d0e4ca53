package dev.longshore.proxy;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.process.admin.AdminPage;
import dev.longshore.process.admin.AdminServer;
import dev.longshore.process.admin.Hosts;
import dev.longshore.process.watch.Watch;
import dev.longshore.proxy.limit.LimitMeters;
import dev.longshore.proxy.limit.Limiter;
import dev.longshore.proxy.observe.AccessLog;
import dev.longshore.proxy.observe.CertificateExpiry;
import dev.longshore.proxy.observe.ConfigPage;
import dev.longshore.proxy.observe.ConnectionsPage;
import dev.longshore.proxy.observe.Health;
import dev.longshore.proxy.observe.Metrics;
import dev.longshore.proxy.observe.MetricsPage;
import dev.longshore.proxy.subscribe.FleetSize;
import dev.longshore.proxy.subscribe.SubscriptionStatus;
import dev.longshore.proxy.table.RoutingState;
import dev.longshore.proxy.table.SnapshotHolder;
import dev.longshore.proxy.tunnel.TunnelMeters;
import dev.longshore.proxy.tunnel.Tunnels;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The admin servers and their pages, for as long as a data plane runs. */
final class Observation implements AutoCloseable {
  private final Metrics metrics;
  private final AccessLog accessLog;
  private final Health health;
  private final AdminServer server;
  private final Map<String, AdminPage> adminPages = AdminServer.pages();
  private final Map<String, AdminPage> metricsPages = AdminServer.pages();

  Observation(
      Metrics metrics,
      AccessLog accessLog,
      SnapshotHolder snapshots,
      ConfigLog config,
      Tunnels tunnels,
      Limiter limiter,
      FleetSize fleet,
      BooleanSupplier listening,
      Supplier<List<String>> listenerTroubles,
      BooleanSupplier goingAway,
      Watch watch) {
    this.metrics = metrics;
    this.accessLog = accessLog;
    this.health =
        new Health(config::status, listening, listenerTroubles, goingAway, watch::troubles);
    this.server = new AdminServer(health, watch);
    metrics.bind(watch::bindTo);
    metrics.bind(server::bindTo);
    metrics.bind(new TunnelMeters(tunnels));
    metrics.bind(new LimitMeters(limiter));
    metrics.bind(fleet);
    metrics.bind(accessLog);
    metrics.watch(ByteBufAllocator.DEFAULT);
    metrics.watch(config::status);
    metrics.watchCertificates(() -> expiries(snapshots.current()));
    MetricsPage metricsPage = new MetricsPage(metrics);
    metricsPages.put("/metrics", metricsPage);
    adminPages.put("/metrics", metricsPage);
    adminPages.put("/connections", new ConnectionsPage(tunnels));
    adminPages.put("/config", new ConfigPage(() -> applied(snapshots.current())));
  }

  private static List<CertificateExpiry> expiries(RoutingState state) {
    List<CertificateExpiry> expiries = new ArrayList<>();
    state
        .certificates()
        .forEachExpiry(
            (key, notAfter) ->
                expiries.add(new CertificateExpiry(key.namespace(), key.secret(), notAfter)));
    return expiries;
  }

  private static Optional<RoutingSnapshot> applied(RoutingState state) {
    return state.applied() ? Optional.of(state.snapshot()) : Optional.empty();
  }

  /** Pages of the admin server; may be added to at any time. */
  Map<String, AdminPage> adminPages() {
    return adminPages;
  }

  /** Shows what is known of the operators. Once. */
  void watch(Supplier<SubscriptionStatus> subscription) {
    health.watch(subscription);
    metrics.watchSubscription(subscription);
  }

  /** Binds one of the two servers. */
  InetSocketAddress listenForMetrics(InetSocketAddress address) throws IOException {
    return server.listen(address, metricsPages, Hosts.ANY);
  }

  /** Binds the other. */
  InetSocketAddress listenForAdmin(InetSocketAddress address) throws IOException {
    return server.listen(address, adminPages, Hosts.UNRESOLVED);
  }

  @Override
  public void close() {
    server.close();
    accessLog.close();
    metrics.close();
  }
}
