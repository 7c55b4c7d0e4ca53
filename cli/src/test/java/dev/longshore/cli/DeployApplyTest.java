package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.testkube.KubeApiServer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The manifests of {@code deploy/} on an API server that had nothing before: what kubectl, the
 * schemas, Pod Security and RBAC say. In the order of a user who goes from one overlay to another.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DeployApplyTest {
  private static final String NAMESPACE = "longshore-system";

  @TempDir private Path folder = Path.of("");
  private final KubeApiServer server = KubeApiServer.start();

  @BeforeAll
  void needKubectl() {
    assertThat(Kustomization.kubectl()).isExecutable();
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @Test
  @Order(1)
  void theFirstApplyIsAll() throws Exception {
    String said = apply("default");
    assertThat(said)
        .contains("deployment.apps/longshore-operator created")
        .contains("deployment.apps/longshore-dataplane created")
        .contains("ingressclass.networking.k8s.io/longshore created")
        .doesNotContain("Warning");
    assertThat(apply("default")).doesNotContain("created");
    assertThat(server.admin().apps().deployments().inNamespace(NAMESPACE).list().getItems())
        .as("the second apply changes no pod")
        .hasSize(2)
        .allMatch(deployment -> deployment.getMetadata().getGeneration() == 1);
  }

  @Test
  @Order(2)
  void podSecurityAdmitsThePodsAtItsStrictestLevel() throws Exception {
    for (Kustomization.Template template : Kustomization.build("overlays/default").templates()) {
      assertThat(create(pod(template)).getMetadata().getUid()).isNotEmpty();
    }
    Pod loose = pod(Kustomization.build("overlays/host-network").template("longshore-dataplane"));
    assertThatThrownBy(() -> create(loose))
        .isInstanceOf(KubernetesClientException.class)
        .hasMessageContaining("violates PodSecurity")
        .hasMessageContaining("restricted");
  }

  @Test
  @Order(3)
  void theOperatorMayDoItsWorkAndNothingElse() {
    try (KubernetesClient operator = server.client(NAMESPACE, "longshore-operator")) {
      assertThat(may(operator, "list", "", "secrets", "", "anywhere")).isTrue();
      assertThat(may(operator, "watch", "longshore.dev", "websocketroutes", "", "anywhere"))
          .isTrue();
      assertThat(may(operator, "patch", "longshore.dev", "websocketroutes/status", "", "anywhere"))
          .isTrue();
      assertThat(may(operator, "patch", "longshore.dev", "websocketroutes", "", "anywhere"))
          .isFalse();
      assertThat(may(operator, "create", "", "secrets", "", "anywhere")).isFalse();
      assertThat(may(operator, "update", "", "secrets", "longshore-operator-ca", NAMESPACE))
          .isTrue();
      assertThat(may(operator, "update", "", "secrets", "longshore-affinity", NAMESPACE)).isTrue();
      assertThat(may(operator, "delete", "", "secrets", "longshore-affinity", NAMESPACE)).isFalse();
      assertThat(may(operator, "update", "", "secrets", "another", NAMESPACE)).isFalse();
      assertThat(may(operator, "delete", "", "secrets", "longshore-operator-ca", NAMESPACE))
          .isFalse();
      assertThat(may(operator, "update", "coordination.k8s.io", "leases", "another", NAMESPACE))
          .isFalse();
      assertThat(may(operator, "create", "", "pods", "", NAMESPACE)).isFalse();
      assertThat(may(operator, "create", "", "serviceaccounts/token", "", NAMESPACE)).isFalse();
      assertThat(may(operator, "*", "*", "*", "", "anywhere")).isFalse();
    }
  }

  @Test
  @Order(3)
  void aDataPlaneMayDoNothing() {
    try (KubernetesClient dataPlane = server.client(NAMESPACE, "longshore-dataplane")) {
      for (String verb : List.of("get", "list", "watch", "create", "patch", "delete")) {
        for (String resource : List.of("secrets", "configmaps", "services", "pods", "events")) {
          assertThat(may(dataPlane, verb, "", resource, "", NAMESPACE))
              .as(verb + " " + resource)
              .isFalse();
        }
      }
    }
  }

  @Test
  @Order(3)
  void theSamplesAreAccepted() throws Exception {
    Path samples = Kustomization.DEPLOY.resolve("samples-cluster");
    assertThat(kubectl("apply", "-f", samples.toString()))
        .contains("websocketroute.longshore.dev/echo created")
        .contains("ingress.networking.k8s.io/echo-tls created")
        .doesNotContain("Warning");
  }

  @Test
  @Order(4)
  void componentsAreAddedToWhatRuns() throws Exception {
    Path deploy = folder.toRealPath().relativize(Kustomization.DEPLOY.toRealPath());
    Files.writeString(
        folder.resolve("kustomization.yaml"),
        """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resources: [DEPLOY/overlays/default]
        components: [DEPLOY/components/longshoreconfig, DEPLOY/components/open-tunnels-hpa]
        """
            .replace("DEPLOY", deploy.toString()));
    assertThat(apply(folder))
        .contains("longshoreconfig.longshore.dev/longshore created")
        .contains("ingressclass.networking.k8s.io/longshore configured");
  }

  @ParameterizedTest
  @Order(5)
  @ValueSource(strings = {"nodeport", "host-network", "single-namespace", "default"})
  void everyOtherOverlayIsAccepted(String overlay) throws Exception {
    assertThat(apply(overlay)).contains("longshore").doesNotContain("Warning");
  }

  @Test
  @Order(6)
  void aSingleNamespaceIsAllThatIsRead() throws Exception {
    kubectl("delete", "clusterrolebinding", "longshore-operator-served");
    apply("single-namespace");
    try (KubernetesClient operator = server.client(NAMESPACE, "longshore-operator")) {
      for (String resource : List.of("secrets", "configmaps")) {
        assertThat(may(operator, "list", "", resource, "", "default")).isTrue();
        assertThat(may(operator, "list", "", resource, "", "anywhere")).isFalse();
        assertThat(may(operator, "list", "", resource, "", "")).isFalse();
      }
      assertThat(may(operator, "get", "longshore.dev", "longshoreconfigs", "", "")).isTrue();
    }
  }

  private String apply(String overlay) throws IOException, InterruptedException {
    return apply(Kustomization.DEPLOY.resolve("overlays").resolve(overlay));
  }

  private String apply(Path kustomization) throws IOException, InterruptedException {
    return kubectl("apply", "-k", kustomization.toString());
  }

  /** What kubectl prints on both streams; it must end with 0. */
  private String kubectl(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Kustomization.kubectl().toString(),
                "--kubeconfig",
                server.kubeconfig().toString(),
                "--cache-dir",
                folder.resolve("cache").toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  private Pod create(Pod pod) {
    return server.admin().resource(pod).create();
  }

  /** A pod as the Deployment's controller would create it. */
  private static Pod pod(Kustomization.Template template) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace(NAMESPACE)
        .withName(
            template.name() + "-" + template.owner().getKind().toLowerCase(java.util.Locale.ROOT))
        .withLabels(template.template().getMetadata().getLabels())
        .endMetadata()
        .withSpec(template.template().getSpec())
        .build();
  }

  private static boolean may(
      KubernetesClient who,
      String verb,
      String group,
      String resource,
      String name,
      String namespace) {
    String[] parts = resource.split("/");
    SelfSubjectAccessReview review =
        new SelfSubjectAccessReviewBuilder()
            .withNewSpec()
            .withNewResourceAttributes()
            .withVerb(verb)
            .withGroup(group)
            .withResource(parts[0])
            .withSubresource(parts.length > 1 ? parts[1] : null)
            .withName(name)
            .withNamespace(namespace)
            .endResourceAttributes()
            .endSpec()
            .build();
    return who.authorization()
        .v1()
        .selfSubjectAccessReview()
        .create(review)
        .getStatus()
        .getAllowed();
  }
}
