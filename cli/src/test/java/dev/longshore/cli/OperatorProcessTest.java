package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.testkube.KubeApiServer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Operator and data plane as processes of their own, with the rights that {@code deploy/} gives
 * them, and what people see with kubectl.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OperatorProcessTest {
  private static final String NAMESPACE = "longshore-system";

  @TempDir private Path folder = Path.of("");
  private final KubeApiServer server = KubeApiServer.start();
  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeAll
  void install() throws IOException {
    server.applyCrds();
    server.ensureNamespace(NAMESPACE, "longshore-operator", "longshore-dataplane");
    server.ensureNamespace("demo");
    try (InputStream rbac =
        Files.newInputStream(Kustomization.DEPLOY.resolve("base/operator/rbac.yaml"))) {
      server.admin().load(rbac).items().forEach(this::apply);
    }
    apply(
        """
        apiVersion: networking.k8s.io/v1
        kind: IngressClass
        metadata: {name: longshore}
        spec:
          controller: longshore.dev/ingress-controller
          parameters: {apiGroup: longshore.dev, kind: LongshoreConfig, name: longshore}
        ---
        apiVersion: longshore.dev/v1alpha1
        kind: LongshoreConfig
        metadata: {name: longshore}
        spec: {}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          name: longshore-dataplane-1
          namespace: longshore-system
          labels: {kubernetes.io/service-name: longshore-dataplane}
        addressType: IPv4
        ports: [{port: 8080, protocol: TCP}]
        endpoints:
        - {addresses: [10.2.0.1], conditions: {ready: true}, targetRef: {kind: Pod, name: node-1, namespace: longshore-system}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: chat, namespace: demo}
        spec: {ports: [{port: 80}]}
        """);
  }

  @BeforeEach
  void giveAToken() throws IOException {
    Files.writeString(
        folder.resolve("token"),
        server.podToken(NAMESPACE, "longshore-dataplane", "node-1", "longshore-push"));
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable closeable : open.reversed()) {
      closeable.close();
    }
    open.clear();
    // Nobody waits for a leader that was killed.
    server.admin().leases().inNamespace(NAMESPACE).delete();
  }

  @AfterAll
  void end() {
    server.close();
  }

  @Test
  void fromApplyToProgrammedAsPeopleSeeIt() throws Exception {
    OperatorProcess operator = operator("operator-1");
    int port = operator.pushPort();
    patience().until(() -> operator.get("/readyz"), "200 ok\n"::equals);
    patience()
        .until(
            () -> {
              var map =
                  server
                      .admin()
                      .configMaps()
                      .inNamespace(NAMESPACE)
                      .withName("longshore-operator-ca")
                      .get();
              if (map == null) {
                return false;
              }
              Files.writeString(folder.resolve("ca.crt"), map.getData().get("ca.crt"));
              return true;
            });
    DataPlaneProcess dataPlane = new DataPlaneProcess(folder, port);
    open.add(dataPlane);
    patience().until(() -> dataPlane.status("/"), status -> status == 404);

    apply(route("chat", "chat"));
    assertThat(
            kubectl(
                "wait", "--for=condition=Programmed", "--timeout=90s", "-n", "demo", "wsr/chat"))
        .contains("condition met");
    assertThat(kubectl("get", "wsr", "-n", "demo"))
        .containsPattern("NAME +HOSTS +OWNER +ACCEPTED +PROGRAMMED +ENDPOINTS +AGE")
        .containsPattern("chat +\\[\"chat.example.com\"\\] +demo +True +True +False");
    assertThat(kubectl("get", "wsr/chat", "-n", "demo", "-o", "jsonpath={.status.addresses}"))
        .contains("\"IPAddress\",\"value\":\"192.0.2.7\"")
        .contains("\"Hostname\",\"value\":\"edge.example.com\"");
    assertThat(kubectl("wait", "--for=condition=Programmed", "longshoreconfig/longshore"))
        .contains("condition met");

    apply(route("lost", "missing"));
    patience()
        .until(
            () -> kubectl("describe", "wsr/lost", "-n", "demo"),
            text ->
                text.contains("Warning  ServiceNotFound")
                    && text.contains("there is no Service demo/missing"));
    assertThat(kubectl("get", "events", "-n", "demo")).contains("websocketroute/lost");

    // Status writes are counted, and nothing else was refused to the operator.
    assertThat(operator.get("/metrics"))
        .as(operator::log)
        .contains("longshore_operator_leader 1.0")
        .contains("longshore_operator_status_failures_total 0.0")
        .contains("longshore_operator_events_dropped_total 0.0");
    assertThat(operator.log()).doesNotContain("not permitted").doesNotContain("Forbidden");

    assertThat(operator.terminate()).isZero();
    Lease lease =
        server.admin().leases().inNamespace(NAMESPACE).withName("longshore-operator").require();
    assertThat(lease.getSpec().getLeaseDurationSeconds()).as("given up").isEqualTo(1);
    assertThat(dataPlane.readiness()).isNotEmpty();
  }

  @Test
  void aKilledLeaderIsReplacedWithinSeconds() throws Exception {
    OperatorProcess first = operator("operator-1");
    patience().until(() -> first.get("/metrics").contains("longshore_operator_leader 1.0"));
    OperatorProcess second = operator("operator-2");
    patience().until(() -> second.get("/readyz"), "200 ok\n"::equals);
    assertThat(second.get("/metrics")).contains("longshore_operator_leader 0.0");
    first.close();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> second.get("/metrics").contains("longshore_operator_leader 1.0"));
    apply(route("later", "chat"));
    assertThat(
            kubectl(
                "wait",
                "--for=jsonpath={.status.observedGeneration}=1",
                "--timeout=60s",
                "-n",
                "demo",
                "wsr/later"))
        .contains("condition met");
  }

  private OperatorProcess operator(String name) throws IOException {
    Path kubeconfig = folder.resolve(name + ".kubeconfig");
    Files.writeString(
        kubeconfig,
        Files.readString(server.kubeconfig())
            .replace(server.adminToken(), server.token(NAMESPACE, "longshore-operator")));
    OperatorProcess operator = new OperatorProcess(kubeconfig, name);
    open.add(operator);
    return operator;
  }

  private static String route(String name, String service) {
    return """
    apiVersion: longshore.dev/v1alpha1
    kind: WebSocketRoute
    metadata: {name: %s, namespace: demo}
    spec:
      ingressClassName: longshore
      hosts: [%s.example.com]
      upstreams:
      - {name: main, service: {name: %s, port: {number: 80}}}
      locations:
      - {path: /, pathType: Prefix, upstream: main}
    """
        .formatted(name, name, service);
  }

  private void apply(String yaml) {
    server
        .admin()
        .load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
        .items()
        .forEach(this::apply);
  }

  private void apply(HasMetadata resource) {
    server.admin().resource(resource).forceConflicts().serverSideApply();
  }

  private String kubectl(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(Kustomization.kubectl().toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(Map.of("KUBECONFIG", server.kubeconfig().toString()));
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }

  private static ConditionFactory patience() {
    return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(200));
  }
}
