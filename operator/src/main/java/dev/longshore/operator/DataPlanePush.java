package dev.longshore.operator;

import dev.longshore.contract.EntryRef;
import dev.longshore.contract.LocationRule;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleSource;
import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.push.Nack.Wrong;
import dev.longshore.contract.push.Origin;
import dev.longshore.operator.lead.Leadership;
import dev.longshore.operator.push.DataPlaneListener;
import dev.longshore.operator.push.DataPlaneState;
import dev.longshore.operator.push.KubernetesTokenReviewer;
import dev.longshore.operator.push.Publication;
import dev.longshore.operator.push.PushServer;
import dev.longshore.operator.push.PushServerOptions;
import dev.longshore.operator.push.Rejection;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.status.DataPlanes.Applied;
import dev.longshore.operator.trust.Trust;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The push server with what it proves itself by and whom it lets in. */
final class DataPlanePush implements PushSide {
  private final PushServer server;
  private final Trust trust;
  private final KubernetesTokenReviewer reviewer;
  private volatile RoutingSnapshot published = RoutingSnapshot.EMPTY;
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
    published = snapshot;
    server.publish(new Publication(sequence, snapshot, origin));
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
    for (DataPlaneState state : server.dataPlanes().values()) {
      Rejection nack = state.lastNack();
      if (nack != null) {
        for (Wrong wrong : nack.errors()) {
          ResourceRef ref = resource(wrong.entry());
          if (ref != null) {
            rejected.putIfAbsent(
                ref, "data plane " + state.node() + ": " + wrong.path() + ": " + wrong.problem());
          }
        }
      }
    }
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

  /** Whose manifest an entry comes from; null for what several share. */
  private @Nullable ResourceRef resource(EntryRef entry) {
    return switch (entry) {
      case EntryRef.Rule(var key) -> {
        LocationRule rule = published.rules().get(key);
        RuleSource source = rule == null ? null : rule.source();
        yield source == null ? null : ref(source.kind(), source.namespace(), source.name());
      }
      case EntryRef.Pool(var key) -> ref(key.kind(), key.namespace(), key.resource());
      case EntryRef.Endpoints _, EntryRef.Tls _, EntryRef.PolicyId _, EntryRef.AllSettings _ ->
          null;
    };
  }

  private static ResourceRef ref(String kind, String namespace, String name) {
    return new ResourceRef(
        kind.equals(Kind.INGRESS.label()) ? Kind.INGRESS : Kind.WEB_SOCKET_ROUTE, namespace, name);
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
