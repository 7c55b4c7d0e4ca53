package dev.longshore.operator;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleSource;
import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.push.Fleet;
import dev.longshore.contract.push.Origin;
import dev.longshore.operator.election.Leadership;
import dev.longshore.operator.pki.Trust;
import dev.longshore.operator.push.DataPlaneListener;
import dev.longshore.operator.push.DataPlaneState;
import dev.longshore.operator.push.KubernetesTokenReviewer;
import dev.longshore.operator.push.Publication;
import dev.longshore.operator.push.PushServer;
import dev.longshore.operator.push.PushServerOptions;
import dev.longshore.operator.push.Rejection;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.status.DataPlanes.Applied;
import dev.longshore.process.watch.Watch;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The push server with what it proves itself by and whom it lets in. */
final class DataPlanePush implements PushSide {
  private final PushServer server;
  private final Trust trust;
  private final KubernetesTokenReviewer reviewer;
  private volatile boolean listening;

  DataPlanePush(
      OperatorOptions options,
      KubernetesClient client,
      Leadership leadership,
      MeterRegistry meters) {
    this.trust = new Trust(client, options.namespace(), names(options), leadership::isLeader);
    leadership.addListener(trust::lead);
    this.reviewer =
        new KubernetesTokenReviewer(client, options.namespace(), options.dataPlaneServiceAccount());
    this.server = new PushServer(PushServerOptions.at(options.push()), trust, reviewer, meters);
  }

  /** What data planes may dial: the Service's name, short and in full. */
  private static List<String> names(OperatorOptions options) {
    String name = options.pushService();
    String inNamespace = name + "." + options.namespace();
    return List.of(name, inNamespace, inNamespace + ".svc", inNamespace + ".svc.cluster.local");
  }

  @Override
  public void watch(Watch watch) {
    server.watch(watch);
    trust.watch(watch.part("trust"));
  }

  @Override
  public void prepare() {
    trust.start();
  }

  @Override
  public void start(Runnable onNews) throws IOException {
    server.addListener(new News(onNews));
    server.start();
    listening = true;
  }

  @Override
  public InetSocketAddress address() {
    return server.bound();
  }

  @Override
  public void publish(long sequence, RoutingSnapshot snapshot, Origin origin) {
    server.publish(new Publication(sequence, snapshot, origin));
  }

  @Override
  public void fleet(int dataPlanes) {
    server.fleet(Math.min(dataPlanes, Fleet.MAX));
  }

  @Override
  public Map<String, Applied> applied() {
    Map<String, Applied> applied = new HashMap<>();
    server
        .dataPlanes()
        .forEach(
            (node, state) -> {
              Versions versions = state.applied();
              applied.put(
                  node,
                  new Applied(
                      versions == null ? null : versions.version(), state.appliedSequence()));
            });
    return applied;
  }

  @Override
  public Map<ResourceRef, String> rejected() {
    Map<ResourceRef, String> rejected = new HashMap<>();
    server
        .held()
        .values()
        .forEach(
            held -> {
              RuleSource source = held.source();
              rejected.merge(
                  ResourceRef.of(source.kind(), source.namespace(), source.name()),
                  source.location() + ": " + held.why(),
                  // Always the same one of several, whatever the order.
                  (one, other) -> one.compareTo(other) <= 0 ? one : other);
            });
    return rejected;
  }

  @Override
  public List<String> missing() {
    return !listening || trust.get() != null
        ? List.of()
        : List.of("the serving certificate, which the leader's authority signs");
  }

  @Override
  public void close() {
    server.close();
    reviewer.close();
    trust.close();
  }

  private record News(Runnable onNews) implements DataPlaneListener {
    @Override
    public void connected(DataPlaneState dataPlane) {
      onNews.run();
    }

    @Override
    public void acknowledged(DataPlaneState dataPlane) {
      onNews.run();
    }

    @Override
    public void rejected(DataPlaneState dataPlane, Rejection rejection) {
      onNews.run();
    }

    @Override
    public void disconnected(DataPlaneState dataPlane) {
      onNews.run();
    }
  }
}
