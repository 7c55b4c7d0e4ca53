package dev.longshore.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.api.v1alpha1.WebSocketRoute;
import dev.longshore.contract.EndpointSet;
import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.RuleAction;
import dev.longshore.contract.push.Origin;
import dev.longshore.operator.testing.Cluster;
import dev.longshore.testkube.EtcdSnapshot;
import dev.longshore.testkube.KubeApiServer;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What happens to the API server, and that nobody is served less for it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultsTest {
  private final KubeApiServer server = KubeApiServer.start();
  private final Cluster cluster = new Cluster(server);
  private FakePush push = new FakePush();
  private @Nullable Operator operator;

  @BeforeEach
  void namespaces() {
    push = new FakePush();
    server.ensureNamespace("system");
    server.ensureNamespace("demo");
    cluster.ingressClass("longshore", false);
    cluster.service("demo", "chat");
    cluster.endpoints("demo", "chat", addresses(100));
  }

  @AfterEach
  void close() {
    if (operator != null) {
      operator.close();
      operator = null;
    }
    forget();
  }

  @AfterAll
  void end() {
    server.close();
  }

  /** Leaves nothing that an operator, or a client, would know from the test before. */
  private void forget() {
    KubernetesClient client = cluster.client();
    server.removeCrds();
    client.network().v1().ingressClasses().delete();
    client.services().inNamespace("demo").delete();
    client.discovery().v1().endpointSlices().inNamespace("demo").delete();
    client.leases().inNamespace("system").delete();
    client.configMaps().inNamespace("system").delete();
    client.secrets().inNamespace("system").delete();
  }

  @Test
  void theCrdsMayComeLater() throws Exception {
    Operator started = start();
    patience().until(() -> started.missing().stream().anyMatch(m -> m.contains("apply the CRDs")));
    assertThat(push.published).as("nothing before everything was read").isEmpty();
    server.applyCrds();
    cluster.apply(Cluster.route("demo", "chat", "chat.example.com", "chat"));
    patience().until(() -> started.missing().isEmpty());
    patience().until(() -> push.latest().rules().size() == 1);
  }

  @Test
  void anOutageTakesNothingAway() throws Exception {
    server.applyCrds();
    cluster.apply(Cluster.route("demo", "chat", "chat.example.com", "chat"));
    Operator started = ready();
    patience().until(() -> endpoints() == 100);
    int before = push.published.size();

    server.kill();
    // By when watches were tried again in vain, a few times.
    patience().until(() -> !started.isLeader());
    assertThat(push.published).hasSize(before);
    server.restart();
    cluster.endpoints("demo", "chat", addresses(101));
    patience().until(() -> endpoints() == 101);
    assertThat(push.published.stream().skip(before).map(FaultsTest::endpoints).toList())
        .as("never fewer endpoints on the way")
        .allMatch(count -> count >= 100);

    // A route that came after the outage, and a status that is written after it.
    cluster.apply(Cluster.route("demo", "late", "late.example.com", "chat"));
    patience().until(() -> push.latest().rules().size() == 2);
    patience()
        .until(
            () -> {
              WebSocketRoute late =
                  cluster
                      .client()
                      .resources(WebSocketRoute.class)
                      .inNamespace("demo")
                      .withName("late")
                      .require();
              return late.getStatus() != null;
            });
  }

  @Test
  void anOlderStateIsTakenForWhatItIs() throws Exception {
    server.applyCrds();
    cluster.apply(Cluster.route("demo", "chat", "chat.example.com", "chat"));
    EtcdSnapshot backup = server.snapshot();
    ready();
    cluster.apply(Cluster.route("demo", "after", "after.example.com", "chat"));
    for (int i = 0; i < 20; i++) {
      cluster.endpoints("demo", "chat", addresses(101 + i));
    }
    patience().until(() -> push.latest().rules().size() == 2 && endpoints() == 120);
    Origin origin = push.published.getLast().origin();

    server.restore(backup);
    patience().until(() -> push.latest().rules().size() == 1 && endpoints() == 100);
    Origin restored = push.published.getLast().origin();
    assertThat(restored.epoch()).isGreaterThan(origin.epoch());
    assertThat(restored.comparedTo(origin)).isEqualTo(Origin.Order.NEWER);
    assertThat(push.published.stream().map(FaultsTest::endpoints).toList())
        .as("never fewer endpoints on the way")
        .allMatch(count -> count >= 100);

    // Followed from here on, and not only once the old revisions are reached again.
    cluster.apply(Cluster.route("demo", "next", "next.example.com", "chat"));
    patience().until(() -> push.latest().rules().size() == 2);
  }

  @Test
  void aFieldOfANewerCrdClosesThatRouteAlone() throws Exception {
    server.applyCrds();
    editCrd("websocketroutes.longshore.dev", FaultsTest::withUnknownPolicy);
    cluster.apply(Cluster.route("demo", "chat", "chat.example.com", "chat"));
    ready();
    String newer =
        Cluster.route("demo", "newer", "newer.example.com", "chat")
            + "  policy: {moon: \"full\"}\n";
    // The schema is compiled in the background.
    patience()
        .ignoreException(KubernetesClientException.class)
        .until(
            () -> {
              cluster.apply(newer);
              return newer().toString().contains("moon");
            });
    patience().until(() -> newer().toString().contains("spec.policy.moon"));
    assertThat(push.latest().rules().size()).as("the place is kept").isEqualTo(2);
  }

  /** The API server writes status beside it, so that an edit may come too late. */
  private void editCrd(String name, UnaryOperator<CustomResourceDefinition> edit) {
    patience()
        .ignoreException(KubernetesClientException.class)
        .until(
            () -> {
              cluster
                  .client()
                  .apiextensions()
                  .v1()
                  .customResourceDefinitions()
                  .withName(name)
                  .edit(edit);
              return true;
            });
  }

  @Test
  void aDefaultPolicyOfANewerCrdClosesTheRulesThatHaveIt() throws Exception {
    server.applyCrds();
    editCrd(
        "longshoreconfigs.longshore.dev",
        crd -> {
          addMoon(property(spec(crd), "defaults"));
          return crd;
        });
    cluster.apply(
        """
        apiVersion: networking.k8s.io/v1
        kind: IngressClass
        metadata: {name: longshore}
        spec:
          controller: longshore.dev/ingress-controller
          parameters: {apiGroup: longshore.dev, kind: LongshoreConfig, name: main}
        """);
    cluster.apply(Cluster.route("demo", "chat", "chat.example.com", "chat"));
    String config =
        """
        apiVersion: longshore.dev/v1alpha1
        kind: LongshoreConfig
        metadata: {name: main}
        spec: {defaults: {policy: {%s}}}
        """;
    cluster.apply(config.formatted("timeouts: {idle: 5m}"));
    ready();
    patience().until(() -> action() instanceof RuleAction.Forward);
    // The schema is compiled in the background.
    patience()
        .ignoreException(KubernetesClientException.class)
        .until(
            () -> {
              cluster.apply(config.formatted("timeouts: {idle: 5m}, moon: full"));
              return true;
            });
    patience().until(() -> action() instanceof RuleAction.Unavailable);
    cluster.apply(config.formatted("timeouts: {idle: 5m}"));
    patience().until(() -> action() instanceof RuleAction.Forward);
  }

  private @Nullable RuleAction action() {
    var rules = push.latest().rules().iterator();
    return rules.hasNext() ? rules.next().getValue().action() : null;
  }

  private static JSONSchemaProps spec(CustomResourceDefinition crd) {
    return property(
        crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema(), "spec");
  }

  private static JSONSchemaProps property(JSONSchemaProps of, String name) {
    return Objects.requireNonNull(of.getProperties().get(name));
  }

  private static void addMoon(JSONSchemaProps to) {
    JSONSchemaProps moon = new JSONSchemaProps();
    moon.setType("string");
    property(to, "policy").getProperties().put("moon", moon);
  }

  /** Untyped: it doesn't fit our types. */
  private GenericKubernetesResource newer() {
    return cluster
        .client()
        .genericKubernetesResources("longshore.dev/v1alpha1", "WebSocketRoute")
        .inNamespace("demo")
        .withName("newer")
        .require();
  }

  private static CustomResourceDefinition withUnknownPolicy(CustomResourceDefinition crd) {
    addMoon(spec(crd));
    return crd;
  }

  private Operator ready() throws IOException {
    Operator started = start();
    patience().until(() -> started.missing().isEmpty());
    patience().until(started::isLeader);
    return started;
  }

  private Operator start() throws IOException {
    push.answer("dp-1");
    Operator started =
        new Operator(
            new OperatorOptions(
                new InetSocketAddress("127.0.0.1", 0),
                new InetSocketAddress("127.0.0.1", 0),
                "system",
                "replica",
                Set.of(),
                Set.of(),
                false,
                false,
                List.of(),
                "longshore-dataplane",
                "longshore-dataplane",
                "longshore-operator-push"),
            server.configuration(server.adminToken()).build(),
            (options, client, leadership, meters) -> push);
    operator = started;
    started.start();
    return started;
  }

  private int endpoints() {
    return push.published.isEmpty() ? 0 : endpoints(push.published.getLast());
  }

  private static int endpoints(FakePush.Published published) {
    EndpointSet set =
        published.snapshot().endpointSets().get(new EndpointSetKey("demo", "chat", "80"));
    return set == null ? 0 : set.endpoints().size();
  }

  private static String[] addresses(int count) {
    return IntStream.rangeClosed(1, count).mapToObj(i -> "10.1.0." + i).toArray(String[]::new);
  }

  private static ConditionFactory patience() {
    return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(100));
  }
}
