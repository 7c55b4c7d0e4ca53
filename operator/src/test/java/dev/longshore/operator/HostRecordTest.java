package dev.longshore.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.api.v1alpha1.LongshoreConfig;
import dev.longshore.api.v1alpha1.WebSocketRoute;
import dev.longshore.contract.Endpoint;
import dev.longshore.contract.EndpointSet;
import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.LocationRule;
import dev.longshore.operator.source.HostTenure;
import dev.longshore.operator.source.TenureRecord;
import dev.longshore.operator.testing.Cluster;
import dev.longshore.testkube.KubeApiServer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whom a host belongs to is written down in the cluster, and outlives who wrote it. */
class HostRecordTest {
  private static KubeApiServer server;
  private static Cluster cluster;

  private final List<Operator> operators = new ArrayList<>();
  private String system;
  private String old;
  private String young;
  private String host;

  @BeforeAll
  static void start() {
    server = KubeApiServer.shared();
    server.applyCrds();
    cluster = new Cluster(server);
  }

  @BeforeEach
  void namespaces() {
    system = server.createNamespace("system");
    old = server.createNamespace("old");
    young = server.createNamespace("young");
    host = "chat." + young + ".example.com";
    cluster.ingressClass(system, false);
    for (String namespace : List.of(old, young)) {
      cluster.service(namespace, "chat");
      cluster.endpoints(namespace, "chat", "10.1.0.1");
    }
    cluster.apply(
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          name: longshore-dataplane-1
          namespace: %1$s
          labels: {kubernetes.io/service-name: longshore-dataplane}
        addressType: IPv4
        ports: [{port: 8080, protocol: TCP}]
        endpoints:
        - {addresses: [10.2.0.1], conditions: {ready: false}, targetRef: {kind: Pod, name: dp-1, namespace: %1$s}}
        - {addresses: [10.2.0.2], targetRef: {kind: Pod, name: dp-2, namespace: %1$s}}
        """
            .formatted(system));
  }

  @AfterEach
  void close() {
    operators.forEach(Operator::close);
    // Other tests' operators would say of it that nobody uses it.
    cluster.client().resources(LongshoreConfig.class).withName(system).delete();
  }

  private String route(String namespace, String name, String ofHost) {
    return Cluster.route(namespace, name, ofHost, "chat")
        .replace("ingressClassName: longshore", "ingressClassName: " + system);
  }

  /** A class of one's own, with a configuration: the tests share a cluster. */
  private void configuration(String spec) {
    cluster.apply(
        """
        apiVersion: longshore.dev/v1alpha1
        kind: LongshoreConfig
        metadata: {name: %1$s}
        spec: {%2$s}
        ---
        apiVersion: networking.k8s.io/v1
        kind: IngressClass
        metadata: {name: %1$s}
        spec:
          controller: longshore.dev/ingress-controller
          parameters: {apiGroup: longshore.dev, kind: LongshoreConfig, name: %1$s}
        """
            .formatted(system, spec));
  }

  @Test
  void anOlderObjectTakesNothingWhoeverLeadsAndAfterARestart() throws Exception {
    cluster.apply(route(old, "older", "other." + old + ".example.com"));
    // Timestamps are to the second.
    await().pollDelay(Duration.ofMillis(1100)).until(() -> true);
    cluster.apply(route(young, "younger", host));
    FakePush push = new FakePush();
    push.answer("dp-2");
    Operator first = operator(push);
    patience().until(() -> tenure(host) != null);
    HostTenure recorded = Objects.requireNonNull(tenure(host));
    assertThat(recorded.namespace()).isEqualTo(young);

    cluster.apply(route(old, "older", host));
    awaitRefusal("older", young);
    assertThat(namespaces(push)).containsExactly(young);
    patience().until(() -> young.equals(hostOwner(old, "older")));
    patience().until(() -> young.equals(hostOwner(young, "younger")));

    // Another one leads.
    FakePush another = new FakePush();
    another.answer("dp-2");
    Operator second = operator(another);
    assertThat(another.latest().version()).isEqualTo(push.latest().version());
    first.close();
    patience().until(second::isLeader);
    cluster.apply(route(old, "older2", host));
    awaitRefusal("older2", young);
    assertThat(namespaces(another)).containsExactly(young);
    second.close();

    // Nobody did, for a while; what is recorded holds before anything is published.
    FakePush afterwards = new FakePush();
    afterwards.answer("dp-2");
    operator(afterwards);
    assertThat(afterwards.published)
        .allSatisfy(
            published ->
                assertThat(published.snapshot().version()).isEqualTo(another.latest().version()));
    assertThat(tenure(host)).isEqualTo(recorded);
  }

  @Test
  void aHostIsKeptWhileItIsDeployedAnewAndThenGoesToWhoWaits() throws Exception {
    configuration("hostGracePeriod: 1h");
    FakePush push = new FakePush();
    push.answer("dp-2");
    Operator operator = operator(push);
    cluster.apply(route(young, "chat", host));
    patience().until(() -> tenure(host) != null);
    cluster.apply(route(old, "waits", host));
    awaitRefusal("waits", young);

    cluster.delete(route(young, "chat", host));
    patience().until(() -> Objects.requireNonNull(tenure(host)).until() != null);
    awaitRefusal("waits", "is kept for namespace " + young);
    assertThat(namespaces(push)).isEmpty();
    cluster.apply(route(young, "chat", host));
    patience().until(() -> Objects.requireNonNull(tenure(host)).until() == null);
    assertThat(namespaces(push)).containsExactly(young);

    configuration("hostGracePeriod: 1s");
    cluster.delete(route(young, "chat", host));
    patience().until(() -> namespaces(push).contains(old));
    patience()
        .until(
            () -> {
              HostTenure now = tenure(host);
              return now != null && now.namespace().equals(old);
            });
    patience()
        .until(
            () ->
                cluster.client().resources(Event.class).inNamespace(old).list().getItems().stream()
                    .anyMatch(
                        event ->
                            "HostOwnerChanged".equals(event.getReason())
                                && event.getNote().contains("before to namespace " + young)));
    patience()
        .until(() -> metrics(operator).contains("longshore_operator_host_owner_changes_total 1.0"));
    // And back it goes no sooner than from anybody else.
    cluster.apply(route(young, "chat", host));
    patience().until(() -> old.equals(hostOwner(young, "chat")));
  }

  @Test
  void aRouteToADataPlaneIsRefusedAlone() throws Exception {
    FakePush push = new FakePush();
    push.answer("dp-2");
    operator(push);
    cluster.endpoints(old, "chat", "10.2.0.1", "10.1.0.9");
    cluster.apply(route(old, "loop", "loop." + old + ".example.com"));
    cluster.apply(route(young, "chat", host));
    patience()
        .until(
            () ->
                accepted(old, "loop").contains("endpoint 10.2.0.1 port 8080 is Longshore itself"));
    EndpointSet set = push.latest().endpointSets().get(new EndpointSetKey(old, "chat", "80"));
    assertThat(Objects.requireNonNull(set).endpoints())
        .extracting(Endpoint::address)
        .containsExactly("10.1.0.9");
    patience().until(() -> accepted(young, "chat").contains("understood"));
  }

  /** The rights that deploy gives are enough, and name what may be written. */
  @Test
  void theRoleOfTheDeploymentNamesEveryPartOfTheRecord() throws IOException {
    String rbac = Files.readString(Path.of("../deploy/base/operator/rbac.yaml"));
    assertThat(TenureRecord.names())
        .allSatisfy(name -> assertThat(rbac).contains("- " + name + "\n"));
  }

  private Operator operator(FakePush push) throws IOException {
    Operator operator =
        new Operator(
            new OperatorOptions(
                new InetSocketAddress("127.0.0.1", 0),
                new InetSocketAddress("127.0.0.1", 0),
                system,
                "replica-" + operators.size(),
                Set.of(old, young),
                Set.of(system),
                false,
                false,
                List.of("192.0.2.7"),
                "longshore-dataplane",
                "longshore-dataplane",
                "longshore-operator-push"),
            server.configuration(server.adminToken()).build(),
            (options, client, leadership, meters) -> push);
    operators.add(operator);
    operator.start();
    patience().until(() -> operator.missing().isEmpty());
    return operator;
  }

  private @Nullable HostTenure tenure(String of) {
    ConfigMap part =
        cluster.client().configMaps().inNamespace(system).withName(TenureRecord.name(of)).get();
    return part == null ? null : TenureRecord.read(TenureRecord.name(of), part.getData()).get(of);
  }

  private static Set<String> namespaces(FakePush push) {
    Set<String> namespaces = new TreeSet<>();
    for (Map.Entry<?, LocationRule> rule : push.latest().rules()) {
      namespaces.add(rule.getValue().source().namespace());
    }
    return namespaces;
  }

  private void awaitRefusal(String name, String text) {
    patience().until(() -> accepted(old, name).contains(text));
  }

  private static String accepted(String namespace, String name) {
    WebSocketRoute route = find(namespace, name);
    return route.getStatus() == null || route.getStatus().conditions() == null
        ? ""
        : route.getStatus().conditions().stream()
            .filter(condition -> "Accepted".equals(condition.type()))
            .map(condition -> "" + condition.message())
            .findFirst()
            .orElse("");
  }

  private static @Nullable String hostOwner(String namespace, String name) {
    WebSocketRoute route = find(namespace, name);
    return route.getStatus() == null ? null : route.getStatus().hostOwner();
  }

  private static WebSocketRoute find(String namespace, String name) {
    return cluster
        .client()
        .resources(WebSocketRoute.class)
        .inNamespace(namespace)
        .withName(name)
        .require();
  }

  private static String metrics(Operator operator) throws IOException {
    URI page = URI.create("http://127.0.0.1:" + operator.metricsAddress().getPort() + "/metrics");
    try (InputStream body = page.toURL().openStream()) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static ConditionFactory patience() {
    return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(50));
  }
}
