package dev.longshore.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.api.v1alpha1.Condition;
import dev.longshore.api.v1alpha1.WebSocketRoute;
import dev.longshore.api.v1alpha1.WebSocketRouteStatus;
import dev.longshore.api.v1alpha1.WebSocketRouteStatus.Address;
import dev.longshore.api.v1alpha1.WebSocketRouteStatus.AddressType;
import dev.longshore.api.v1alpha1.WebSocketRouteStatus.DataPlanes;
import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleAction;
import dev.longshore.contract.Secret;
import dev.longshore.contract.UpstreamPool.Affinity;
import dev.longshore.contract.policy.RequestHeaders;
import dev.longshore.operator.pki.ServerIdentity;
import dev.longshore.operator.pki.TestAuthority;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.testing.Cluster;
import dev.longshore.operator.translate.secret.AffinityKey;
import dev.longshore.testkube.KubeApiServer;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A replica on a real API server, with data planes that only say what they are told to. */
class OperatorTest {
  private static final Address ADDRESS = new Address(AddressType.IP_ADDRESS, "192.0.2.7");

  private static KubeApiServer server;
  private static Cluster cluster;

  private final List<Operator> operators = new ArrayList<>();
  private FakePush push = new FakePush();
  private String system;
  private String namespace;

  @BeforeAll
  static void start() {
    server = KubeApiServer.shared();
    server.applyCrds();
    cluster = new Cluster(server);
    cluster.ingressClass("longshore", false);
  }

  @BeforeEach
  void namespaces() {
    system = server.createNamespace("system");
    namespace = server.createNamespace("demo");
    dataPlanes("dp-1", "dp-2");
    cluster.service(namespace, "chat");
    cluster.endpoints(namespace, "chat", "10.1.0.1");
  }

  @AfterEach
  void close() {
    operators.forEach(Operator::close);
  }

  @Test
  void aRouteIsServedProgrammedAndSaysSo() throws Exception {
    push.answer("dp-1", "dp-2");
    Operator operator = operator(push);
    cluster.apply(Cluster.route(namespace, "chat", host("chat"), "chat"));

    WebSocketRouteStatus status = awaitCondition("chat", "Programmed", "True", "Programmed");
    assertThat(status.observedGeneration()).isEqualTo(1);
    assertThat(types(status))
        .containsExactlyInAnyOrder("Accepted", "ResolvedRefs", "EndpointsReady", "Programmed");
    assertThat(status.conditions()).allMatch(condition -> "True".equals(condition.status()));
    assertThat(status.addresses()).containsExactly(ADDRESS);
    assertThat(status.dataPlanes()).isEqualTo(new DataPlanes(2, 2));
    assertThat(push.latest().rules().size()).isEqualTo(1);
    assertThat(get(operator, "/readyz")).isEqualTo("200 ok\n");
    assertThat(get(operator, "/livez")).isEqualTo("200 ok\n");
    awaitMetrics(
        operator, "longshore_operator_leader 1.0", "longshore_operator_status_writes_total 1.0");
  }

  @Test
  void pendingUntilEveryReadyDataPlaneAnsweredAndTrueForThatGenerationFromThenOn()
      throws Exception {
    push.answer("dp-1");
    operator(push);
    cluster.apply(Cluster.route(namespace, "chat", host("chat"), "chat"));

    awaitCondition("chat", "Programmed", "False", "Pending");
    // At first it may say that none has answered.
    WebSocketRouteStatus pending =
        patience()
            .until(() -> status("chat"), now -> new DataPlanes(2, 1).equals(now.dataPlanes()));
    assertThat(condition(pending, "Programmed").message()).contains("1 of 2", "dp-2");

    push.answer("dp-2");
    WebSocketRouteStatus done = awaitCondition("chat", "Programmed", "True", "Programmed");
    String since = condition(done, "Accepted").lastTransitionTime();

    // A third one that has nothing yet, and one that goes: no news for this generation.
    String version = route("chat").getMetadata().getResourceVersion();
    dataPlanes("dp-2", "dp-3", "dp-4");
    patience().until(() -> push.fleet == 3);
    cluster.apply(Cluster.route(namespace, "other", host("other"), "chat"));
    awaitCondition("other", "Programmed", "False", "Pending");
    assertThat(route("chat").getMetadata().getResourceVersion()).isEqualTo(version);

    // An edit is a new generation, which dp-3 doesn't have; the times of what holds on stay.
    cluster.apply(Cluster.route(namespace, "chat", host("chat2"), "chat"));
    WebSocketRouteStatus edited = awaitCondition("chat", "Programmed", "False", "Pending");
    assertThat(edited.observedGeneration()).isEqualTo(2);
    assertThat(condition(edited, "Accepted").lastTransitionTime()).isEqualTo(since);
    push.answer("dp-3", "dp-4");
    awaitCondition("chat", "Programmed", "True", "Programmed");
  }

  /** Its Secret is in a namespace that is not served. */
  @Test
  void replicasMakeTheKeysOfAffinityFromOneSecret() throws Exception {
    FakePush another = new FakePush();
    operator(push);
    operator(another);
    cluster.apply(
        Cluster.route(namespace, "chat", host("chat"), "chat")
            .replace("port: {number: 80}}", "port: {number: 80}}, affinity: {cookie: {}}"));
    patience().until(() -> affinityKey(push) != null && affinityKey(another) != null);
    Secret key = affinityKey(push);
    assertThat(affinityKey(another)).isEqualTo(key);

    cluster
        .client()
        .secrets()
        .inNamespace(system)
        .withName(AffinityKey.NAME)
        .withGracePeriod(0)
        .delete();
    patience()
        .until(
            () -> {
              Secret now = affinityKey(push);
              return now != null && !now.equals(key) && now.equals(affinityKey(another));
            });
  }

  private static @Nullable Secret affinityKey(FakePush side) {
    List<Secret> keys = new ArrayList<>();
    side.latest()
        .pools()
        .forEach(
            (name, pool) -> {
              Affinity affinity = pool.affinity();
              Secret key = affinity == null ? null : affinity.key();
              if (key != null) {
                keys.add(key);
              }
            });
    return keys.isEmpty() ? null : keys.getFirst();
  }

  @Test
  void dataPlanesAreToldHowManyOfThemAreReady() throws Exception {
    push.answer("dp-1", "dp-2", "goes-away");
    operator(push);
    patience().until(() -> push.fleet == 2);
    dataPlanes("dp-1", "dp-2", "dp-3", "dp-4");
    patience().until(() -> push.fleet == 4);
    dataPlanes("dp-1");
    patience().until(() -> push.fleet == 1);
    // Where the Service has none, those that have a channel.
    cluster.apply(Cluster.route(namespace, "chat", host("chat"), "chat"));
    patience().until(() -> push.applied().size() == 3);
    dataPlanes();
    patience().until(() -> push.fleet == 3);
  }

  @Test
  void noDataPlane() throws Exception {
    dataPlanes();
    operator(push);
    cluster.apply(Cluster.route(namespace, "chat", host("chat"), "chat"));
    awaitCondition("chat", "Programmed", "False", "NoDataPlane");
  }

  @Test
  void whatADataPlaneRefusesIsSaidWithTheReason() throws Exception {
    push.answer("dp-1", "dp-2");
    operator(push);
    cluster.apply(Cluster.route(namespace, "chat", host("chat"), "chat"));
    awaitCondition("chat", "Programmed", "True", "Programmed");
    ResourceRef ref = new ResourceRef(Kind.WEB_SOCKET_ROUTE, namespace, "chat");
    push.rejected.put(ref, "spec.locations[0]: too strange");
    push.news();
    WebSocketRouteStatus status = awaitCondition("chat", "Programmed", "False", "Rejected");
    assertThat(condition(status, "Programmed").message()).contains("too strange");
    awaitEvent("chat", "Rejected", "too strange");
    push.rejected.clear();
    push.news();
    awaitCondition("chat", "Programmed", "True", "Programmed");
  }

  @Test
  void aServiceThatGoesAndComes() throws Exception {
    push.answer("dp-1", "dp-2");
    operator(push);
    cluster.apply(Cluster.route(namespace, "chat", host("chat"), "chat"));
    awaitCondition("chat", "ResolvedRefs", "True", "ResolvedRefs");

    cluster.client().services().inNamespace(namespace).withName("chat").delete();
    WebSocketRouteStatus status =
        awaitCondition("chat", "ResolvedRefs", "False", "ServiceNotFound");
    assertThat(condition(status, "ResolvedRefs").message()).contains("spec.upstreams[0]");
    awaitEvent("chat", "ServiceNotFound", "spec.upstreams[0]");
    assertThat(action()).isInstanceOf(RuleAction.Unavailable.class);

    cluster.service(namespace, "chat");
    awaitCondition("chat", "ResolvedRefs", "True", "ResolvedRefs");
    awaitCondition("chat", "EndpointsReady", "True", "EndpointsReady");
    await().until(() -> !(action() instanceof RuleAction.Unavailable));
  }

  @Test
  void aCertificateThatComesLateAndEndsSoon() throws Exception {
    push.answer("dp-1", "dp-2");
    operator(push);
    cluster.apply(
        Cluster.route(namespace, "chat", "localhost", "chat")
            + "  tls: [{hosts: [localhost], secretName: late}]\n");
    awaitCondition("chat", "ResolvedRefs", "False", "SecretNotFound");
    assertThat(action()).isInstanceOf(RuleAction.Unavailable.class);

    cluster.client().resource(tlsSecret(namespace, "late")).create();
    awaitCondition("chat", "ResolvedRefs", "True", "ResolvedRefs");
    assertThat(push.latest().certificates().size()).isEqualTo(1);
    awaitEvent("late", "CertificateExpiresSoon", "localhost");
  }

  @Test
  void aHeaderFollowsItsSecret() throws Exception {
    push.answer("dp-1", "dp-2");
    operator(push);
    cluster.apply(
        Cluster.route(namespace, "chat", host("chat"), "chat")
            + """
              policy: {headers: {request: {set: [{name: Authorization, valueFrom: {secretKeyRef: {name: backend, key: token}}}]}}}
            """);
    awaitCondition("chat", "ResolvedRefs", "False", "SecretNotFound");
    assertThat(action()).isInstanceOf(RuleAction.Unavailable.class);

    token("other", "hush-0");
    patience().until(() -> resolvedRefs().contains("'token'"));
    token("token", "hush-1\n");
    patience().until(() -> "hush-1".equals(headerSet()));
    token("token", "hush-2");
    patience().until(() -> "hush-2".equals(headerSet()));
    token("token", "hush\r\nX-Admin: 1");
    awaitCondition("chat", "ResolvedRefs", "False", "InvalidSecret");
    assertThat(action()).isInstanceOf(RuleAction.Unavailable.class);
    assertThat(resolvedRefs()).contains("'token'").doesNotContain("hush");
  }

  private String resolvedRefs() {
    return String.valueOf(
        condition(Objects.requireNonNull(route("chat").getStatus()), "ResolvedRefs").message());
  }

  private void token(String key, String value) {
    cluster
        .client()
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName("backend")
                .withNamespace(namespace)
                .endMetadata()
                .withType("Opaque")
                .addToStringData(key, value)
                .build())
        .forceConflicts()
        .serverSideApply();
  }

  /** What the one header is set to that the route sets. */
  private @Nullable String headerSet() {
    return action() instanceof RuleAction.Forward forward
        ? Objects.requireNonNull(push.latest().policies().get(forward.policy()))
            .get(RequestHeaders.class)
            .edits()
            .set()
            .getFirst()
            .reveal()
        : null;
  }

  /** With a certificate for localhost that is valid for an hour. */
  private static io.fabric8.kubernetes.api.model.Secret tlsSecret(String namespace, String name)
      throws Exception {
    ServerIdentity hour = new TestAuthority().identity();
    return new SecretBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(namespace)
        .endMetadata()
        .withType("kubernetes.io/tls")
        .addToStringData("tls.crt", pem("CERTIFICATE", hour.chain().getFirst().getEncoded()))
        .addToStringData("tls.key", pem("PRIVATE KEY", hour.key().getEncoded()))
        .build();
  }

  private static String pem(String label, byte[] der) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(label, Base64.getMimeEncoder().encodeToString(der), label);
  }

  @Test
  void endpointsAreUpdatesOfTheirOwn() throws Exception {
    push.answer("dp-1", "dp-2");
    operator(push);
    cluster.apply(Cluster.route(namespace, "chat", host("chat"), "chat"));
    awaitCondition("chat", "Programmed", "True", "Programmed");
    RoutingSnapshot before = push.latest();
    String version = route("chat").getMetadata().getResourceVersion();

    cluster.endpoints(namespace, "chat", "10.1.0.1", "10.1.0.2");
    patience()
        .until(
            () ->
                Objects.requireNonNull(
                            push.latest()
                                .endpointSets()
                                .get(new EndpointSetKey(namespace, "chat", "80")))
                        .endpoints()
                        .size()
                    == 2);
    assertThat(push.latest().version()).as("rules").isEqualTo(before.version());
    assertThat(push.latest().rules()).isSameAs(before.rules());
    assertThat(push.published).last().satisfies(last -> assertThat(last.sequence()).isPositive());

    cluster.endpoints(namespace, "chat");
    awaitCondition("chat", "EndpointsReady", "False", "NoEndpoints");
    assertThat(route("chat").getMetadata().getResourceVersion()).isNotEqualTo(version);
  }

  @Test
  void endpointsThatTheManifestListsAreProgrammedWhenDataPlanesHaveThem() throws Exception {
    push.answer("dp-1", "dp-2");
    operator(push, server.adminToken(), true, namespace);
    String fixed =
        Cluster.route(namespace, "fixed", host("fixed"), "chat")
            .replace(
                "service: {name: chat, port: {number: 80}}",
                "endpoints: [{address: 10.1.0.1, port: 80}]");
    cluster.apply(fixed);
    awaitCondition("fixed", "Programmed", "True", "Programmed");

    RoutingSnapshot before = push.latest();
    push.answering.remove("dp-2");
    cluster.apply(fixed.replace("10.1.0.1", "10.1.0.2"));
    WebSocketRouteStatus pending = awaitCondition("fixed", "Programmed", "False", "Pending");
    assertThat(condition(pending, "Programmed").message()).contains("dp-2");
    assertThat(push.latest().version()).as("rules").isEqualTo(before.version());
    push.answer("dp-2");
    awaitCondition("fixed", "Programmed", "True", "Programmed");
  }

  @Test
  void twoNamespacesAreAllThatIsReadAndBothAreServed() throws Exception {
    String second = server.createNamespace("second");
    String third = server.createNamespace("third");
    mayDoEverythingIn(system, namespace, second);
    push.answer("dp-1", "dp-2");
    cluster.apply(Cluster.route(third, "chat", "chat." + third + ".example.com", "chat"));
    cluster.apply(Cluster.route(namespace, "chat", host("chat"), "chat"));
    operator(push, server.token(system, "operator"), false, namespace, second);
    awaitCondition("chat", "Programmed", "True", "Programmed");

    // The second one is followed as the first is: what comes, what changes and what it refers to.
    cluster.service(second, "chat");
    String inSecond =
        Cluster.route(second, "chat", "localhost", "chat")
            + "  tls: [{hosts: [localhost], secretName: late}]\n";
    cluster.apply(inSecond);
    awaitCondition(second, "chat", "ResolvedRefs", "False", "SecretNotFound");
    cluster.client().resource(tlsSecret(second, "late")).create();
    awaitCondition(second, "chat", "ResolvedRefs", "True", "ResolvedRefs");
    cluster.endpoints(second, "chat", "10.1.0.9");
    awaitCondition(second, "chat", "EndpointsReady", "True", "EndpointsReady");
    awaitCondition(second, "chat", "Programmed", "True", "Programmed");
    cluster.apply(inSecond.replace("path: /", "path: /other"));
    patience().until(() -> Objects.equals(status(second, "chat").observedGeneration(), 2L));

    assertThat(push.latest().rules().size()).as("the third is nobody's").isEqualTo(2);
    assertThat(status(third, "chat").observedGeneration()).isNull();
    cluster.delete(inSecond);
    patience().until(() -> push.latest().rules().size() == 1);
  }

  /** For the service account {@code operator}: nothing beyond namespaces but kinds without one. */
  private void mayDoEverythingIn(String... namespaces) {
    cluster.apply(
        """
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: operator, namespace: %1$s}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: %1$s-everywhere}
        rules:
        - {apiGroups: [networking.k8s.io], resources: [ingressclasses], verbs: ["*"]}
        - {apiGroups: [longshore.dev], resources: [longshoreconfigs, longshoreconfigs/status], verbs: ["*"]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: %1$s-everywhere}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %1$s-everywhere}
        subjects: [{kind: ServiceAccount, name: operator, namespace: %1$s}]
        """
            .formatted(system));
    for (String one : namespaces) {
      cluster.apply(
          """
          apiVersion: rbac.authorization.k8s.io/v1
          kind: Role
          metadata: {name: operator, namespace: %1$s}
          rules:
          - {apiGroups: ["*"], resources: ["*"], verbs: ["*"]}
          ---
          apiVersion: rbac.authorization.k8s.io/v1
          kind: RoleBinding
          metadata: {name: operator, namespace: %1$s}
          roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: operator}
          subjects: [{kind: ServiceAccount, name: operator, namespace: %2$s}]
          """
              .formatted(one, system));
    }
  }

  @Test
  void aRouteThatChangesItsClassIsLetGo() throws Exception {
    push.answer("dp-1", "dp-2");
    operator(push);
    String mine = Cluster.route(namespace, "chat", host("chat"), "chat");
    cluster.apply(mine);
    awaitCondition("chat", "Programmed", "True", "Programmed");
    cluster.apply(mine.replace("ingressClassName: longshore", "ingressClassName: other"));
    patience().until(() -> push.latest().rules().size() == 0);
    patience().until(() -> types(status("chat")).isEmpty());
    cluster.apply(mine);
    awaitCondition("chat", "Programmed", "True", "Programmed");
    assertThat(push.latest().rules().size()).isEqualTo(1);
  }

  @Test
  void anIngressGetsAddressesAndItsAnnotationsAreFollowed() throws Exception {
    push.answer("dp-1", "dp-2");
    operator(push);
    cluster.apply(ingress("web", "longshore", ""));
    patience().until(() -> addresses("web").equals(List.of("192.0.2.7")));
    RoutingSnapshot before = push.latest();

    cluster.apply(ingress("web", "longshore", "longshore.dev/idle-timeout: 5m"));
    patience().until(() -> !push.latest().version().equals(before.version()));
    cluster.apply(ingress("web", "longshore", "longshore.dev/idle-timeot: 5m"));
    awaitEvent("web", "UnknownAnnotation", "idle-timeot");

    cluster.apply(ingress("web", "other", ""));
    patience().until(() -> push.latest().rules().size() == 0);
    patience().until(() -> addresses("web").isEmpty());
  }

  @Test
  void oneBadRouteAmongMany() throws Exception {
    push.answer("dp-1", "dp-2");
    operator(push);
    StringBuilder many = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      many.append(Cluster.route(namespace, "good-" + i, host("good-" + i), "chat")).append("---\n");
    }
    cluster.apply(many.toString());
    cluster.apply(
        Cluster.route(namespace, "bad", host("bad"), "chat")
            .replace("pathType: Prefix", "pathType: Regex")
            .replace("path: /", "path: \"/(unclosed\""));
    WebSocketRouteStatus bad = awaitCondition("bad", "Accepted", "False", "Invalid");
    assertThat(condition(bad, "Accepted").message()).contains("spec.locations[0].path");
    assertThat(condition(bad, "Programmed").reason()).isEqualTo("Rejected");
    awaitEvent("bad", "Invalid", "spec.locations[0].path");
    for (int i = 0; i < 50; i++) {
      awaitCondition("good-" + i, "Programmed", "True", "Programmed");
    }
  }

  @Test
  void aRestartWritesNothingThatIsRightAlready() throws Exception {
    push.answer("dp-1", "dp-2");
    Operator first = operator(push);
    cluster.apply(Cluster.route(namespace, "chat", host("chat"), "chat"));
    cluster.apply(Cluster.route(namespace, "lost", host("lost"), "missing"));
    cluster.apply(ingress("web", "longshore", ""));
    awaitCondition("chat", "Programmed", "True", "Programmed");
    awaitCondition("lost", "ResolvedRefs", "False", "ServiceNotFound");
    awaitCondition("lost", "Programmed", "True", "Programmed");
    awaitEvent("lost", "ServiceNotFound", "missing");
    patience().until(() -> !addresses("web").isEmpty());
    List<String> versions = versions();
    int events = events("lost").size();
    first.close();

    // Data planes come one by one, as they do: nothing is taken back meanwhile.
    push = new FakePush();
    Operator second = operator(push);
    patience().until(second::isLeader);
    push.answer("dp-1");
    push.answer("dp-2");
    cluster.apply(Cluster.route(namespace, "last", host("last"), "chat"));
    awaitCondition("last", "Programmed", "True", "Programmed");
    awaitMetrics(second, "longshore_operator_status_writes_total 1.0");
    assertThat(versions()).containsAll(versions);
    assertThat(events("lost")).hasSize(events);
  }

  @Test
  void aReplicaTakesOverFromOneThatEnds() throws Exception {
    push.answer("dp-1", "dp-2");
    Operator first = operator(push);
    patience().until(first::isLeader);
    FakePush standby = new FakePush();
    standby.answer("dp-1", "dp-2");
    Operator second = operator(standby);
    cluster.apply(Cluster.route(namespace, "chat", host("chat"), "chat"));
    awaitCondition("chat", "Programmed", "True", "Programmed");
    patience().until(() -> standby.latest().rules().size() == 1);
    assertThat(standby.latest().version()).isEqualTo(push.latest().version());
    assertThat(second.isLeader()).isFalse();
    assertThat(get(second, "/readyz")).isEqualTo("200 ok\n");
    assertThat(get(second, "/metrics")).contains("longshore_operator_status_writes_total 0.0");

    first.close();
    await().atMost(Duration.ofSeconds(10)).until(second::isLeader);
    cluster.apply(Cluster.route(namespace, "chat", host("chat2"), "chat"));
    patience().until(() -> Objects.equals(status("chat").observedGeneration(), 2L));
  }

  private Operator operator(FakePush side) throws IOException {
    return operator(side, server.adminToken(), false, namespace);
  }

  private Operator operator(
      FakePush side, String token, boolean staticEndpoints, String... namespaces)
      throws IOException {
    Operator operator =
        new Operator(
            new OperatorOptions(
                new InetSocketAddress("127.0.0.1", 0),
                new InetSocketAddress("127.0.0.1", 0),
                system,
                "replica-" + operators.size(),
                Set.of(namespaces),
                Set.of("longshore"),
                staticEndpoints,
                false,
                List.of("192.0.2.7"),
                "longshore-dataplane",
                "longshore-dataplane",
                "longshore-operator-push"),
            server.configuration(token).build(),
            (options, client, leadership, meters) -> side);
    operators.add(operator);
    operator.start();
    patience().until(() -> operator.missing().isEmpty());
    return operator;
  }

  /**
   * Waits until the metrics say so, and a while longer, for what comes behind. A write is counted
   * when its answer is there, a moment after everybody can see it.
   */
  private static void awaitMetrics(Operator operator, String... lines) {
    patience()
        .during(Duration.ofSeconds(1))
        .untilAsserted(() -> assertThat(get(operator, "/metrics")).contains(lines));
  }

  /** The EndpointSlice that the data plane's Service would have. */
  private void dataPlanes(String... pods) {
    StringBuilder endpoints = new StringBuilder();
    for (int i = 0; i < pods.length; i++) {
      endpoints.append(
          """
          - {addresses: [10.2.0.%d], conditions: {ready: true}, targetRef: {kind: Pod, name: %s, namespace: %s}}
          """
              .formatted(i + 1, pods[i], system));
    }
    cluster.apply(
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          name: longshore-dataplane-1
          namespace: %s
          labels: {kubernetes.io/service-name: longshore-dataplane}
        addressType: IPv4
        ports: [{port: 8080, protocol: TCP}]
        endpoints:%s
        """
            .formatted(system, pods.length == 0 ? " []" : "\n" + endpoints));
  }

  private String ingress(String name, String className, String annotation) {
    return """
    apiVersion: networking.k8s.io/v1
    kind: Ingress
    metadata:
      name: %s
      namespace: %s
      annotations: {%s}
    spec:
      ingressClassName: %s
      rules:
      - host: %s
        http:
          paths:
          - {path: /, pathType: Prefix, backend: {service: {name: chat, port: {number: 80}}}}
    """
        .formatted(name, namespace, annotation, className, host(name));
  }

  /** Hosts belong to one namespace, and the tests share a cluster. */
  private String host(String name) {
    return name + "." + namespace + ".example.com";
  }

  private RuleAction action() {
    return push.latest().rules().iterator().next().getValue().action();
  }

  private WebSocketRoute route(String name) {
    return route(namespace, name);
  }

  private static WebSocketRoute route(String in, String name) {
    return cluster
        .client()
        .resources(WebSocketRoute.class)
        .inNamespace(in)
        .withName(name)
        .require();
  }

  private WebSocketRouteStatus status(String name) {
    return status(namespace, name);
  }

  private static WebSocketRouteStatus status(String in, String name) {
    return Objects.requireNonNullElse(
        route(in, name).getStatus(),
        new WebSocketRouteStatus(null, List.of(), List.of(), null, null));
  }

  private WebSocketRouteStatus awaitCondition(
      String name, String type, String status, String reason) {
    return awaitCondition(namespace, name, type, status, reason);
  }

  private static WebSocketRouteStatus awaitCondition(
      String in, String name, String type, String status, String reason) {
    return patience()
        .until(
            () -> status(in, name),
            found -> {
              Condition condition = find(found, type);
              return condition != null
                  && status.equals(condition.status())
                  && reason.equals(condition.reason())
                  && Objects.equals(
                      condition.observedGeneration(),
                      route(in, name).getMetadata().getGeneration());
            });
  }

  private static Condition condition(WebSocketRouteStatus status, String type) {
    return Objects.requireNonNull(find(status, type));
  }

  private static @Nullable Condition find(WebSocketRouteStatus status, String type) {
    return status.conditions() == null
        ? null
        : status.conditions().stream()
            .filter(condition -> type.equals(condition.type()))
            .findFirst()
            .orElse(null);
  }

  private static List<String> types(WebSocketRouteStatus status) {
    return status.conditions() == null
        ? List.of()
        : status.conditions().stream().map(condition -> "" + condition.type()).toList();
  }

  private List<String> addresses(String ingress) {
    Ingress found =
        cluster
            .client()
            .network()
            .v1()
            .ingresses()
            .inNamespace(namespace)
            .withName(ingress)
            .require();
    return found.getStatus() == null || found.getStatus().getLoadBalancer() == null
        ? List.of()
        : found.getStatus().getLoadBalancer().getIngress().stream()
            .map(address -> "" + address.getIp())
            .toList();
  }

  private List<Event> events(String name) {
    return cluster.client().resources(Event.class).inNamespace(namespace).list().getItems().stream()
        .filter(event -> name.equals(event.getRegarding().getName()))
        .toList();
  }

  private void awaitEvent(String name, String reason, String text) {
    patience()
        .until(
            () ->
                events(name).stream()
                    .anyMatch(
                        event ->
                            reason.equals(event.getReason()) && event.getNote().contains(text)));
  }

  private List<String> versions() {
    List<String> versions = new ArrayList<>();
    cluster
        .client()
        .resources(WebSocketRoute.class)
        .inNamespace(namespace)
        .list()
        .getItems()
        .forEach(
            route ->
                versions.add(
                    route.getMetadata().getName()
                        + "@"
                        + route.getMetadata().getResourceVersion()));
    cluster
        .client()
        .network()
        .v1()
        .ingresses()
        .inNamespace(namespace)
        .list()
        .getItems()
        .forEach(
            ingress ->
                versions.add(
                    ingress.getMetadata().getName()
                        + "@"
                        + ingress.getMetadata().getResourceVersion()));
    return versions;
  }

  private static String get(Operator operator, String path)
      throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + operator.metricsAddress().getPort() + path))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() + " " + answer.body();
    }
  }

  private static ConditionFactory patience() {
    return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(50));
  }
}
