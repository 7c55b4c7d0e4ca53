package dev.longshore.testkube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.api.v1alpha1.WebSocketRoute;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class KubeApiServerTest {
  private static KubeApiServer server;

  @BeforeAll
  static void start() {
    server = KubeApiServer.start();
    server.applyCrds();
  }

  @AfterAll
  static void close() {
    Path kubeconfig = server.kubeconfig();
    server.close();

    assertThat(kubeconfig.getParent()).doesNotExist();
  }

  @Test
  void theCrdsAreServedAndTheirRulesEnforced() throws IOException {
    String namespace = server.createNamespace("crds");
    GenericKubernetesResource route = manifest("route.yaml");
    route.getMetadata().setNamespace(namespace);

    server.admin().resource(route).create();
    server.admin().resource(manifest("config.yaml")).create();

    WebSocketRoute stored =
        server
            .admin()
            .resources(WebSocketRoute.class)
            .inNamespace(namespace)
            .withName("chat")
            .get();
    assertThat(Objects.requireNonNull(stored.getSpec()).hosts()).contains("chat.example.com");

    route.getMetadata().setName("broken");
    Map<String, Object> location = route.get("spec", "locations", 0);
    location.put("upstream", "stabel");
    assertThatThrownBy(() -> server.admin().resource(route).create())
        .isInstanceOf(KubernetesClientException.class)
        .hasMessageContaining("upstream must be the name of one");
  }

  @Test
  void aTokenIsGoodForItsAudienceAlone() {
    String namespace = server.createNamespace("tokens", "pod");
    String token = server.token(namespace, "pod", "push");

    TokenReviewStatus good = review(token, "push");
    assertThat(good.getAuthenticated()).isTrue();
    assertThat(good.getAudiences()).containsExactly("push");
    assertThat(good.getUser().getUsername())
        .isEqualTo("system:serviceaccount:" + namespace + ":pod");
    assertThat(review(token, "other").getAuthenticated()).isNotEqualTo(true);
    assertThat(review(server.token(namespace, "pod"), "push").getAuthenticated())
        .isNotEqualTo(true);
  }

  @Test
  void aServiceAccountMayDoNothingByItself() {
    String namespace = server.createNamespace("rbac", "nobody");

    try (KubernetesClient client = server.client(namespace, "nobody")) {
      assertThatThrownBy(() -> client.configMaps().inNamespace(namespace).list())
          .isInstanceOf(KubernetesClientException.class)
          .hasMessageContaining("forbidden")
          .hasMessageContaining("system:serviceaccount:" + namespace + ":nobody");
    }
  }

  @Test
  void theKubeconfigWorks() throws IOException {
    Config config = Config.fromKubeconfig(Files.readString(server.kubeconfig()));

    try (KubernetesClient client = new KubernetesClientBuilder().withConfig(config).build()) {
      assertThat(client.getKubernetesVersion().getGitVersion()).startsWith("v1.");
    }
  }

  @Test
  void killedAndRestartedItHasItsData() {
    String namespace = server.createNamespace("kept");

    server.kill();
    assertThat(Ports.listens(server.url().getPort())).isFalse();
    server.restart();

    assertThat(server.admin().namespaces().withName(namespace).get()).isNotNull();
  }

  @Test
  void aWatchFromBeforeARestartIsExpired() {
    String namespace = server.createNamespace("expired");
    String old =
        server
            .admin()
            .resource(configMap(namespace, "a"))
            .create()
            .getMetadata()
            .getResourceVersion();
    server.admin().resource(configMap(namespace, "b")).create();

    server.restart();

    String watch =
        "/api/v1/namespaces/%s/configmaps?watch=true&timeoutSeconds=1&resourceVersion=%s"
            .formatted(namespace, old);
    assertThat(server.admin().raw(watch)).contains("\"code\":410");
  }

  @Test
  void restoredItHasOlderData() {
    String namespace = server.createNamespace("restored");
    server.admin().resource(configMap(namespace, "before")).create();
    EtcdSnapshot snapshot = server.snapshot();
    server.admin().resource(configMap(namespace, "after")).create();

    server.restore(snapshot);

    assertThat(server.admin().configMaps().inNamespace(namespace).list().getItems())
        .extracting(configMap -> configMap.getMetadata().getName())
        .containsExactly("before");
  }

  private static ConfigMap configMap(String namespace, String name) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withName(name)
        .endMetadata()
        .build();
  }

  private static TokenReviewStatus review(String token, String audience) {
    TokenReview review =
        new TokenReviewBuilder()
            .withNewSpec()
            .withToken(token)
            .withAudiences(audience)
            .endSpec()
            .build();
    return server.admin().resource(review).create().getStatus();
  }

  /** A manifest that the CRDs' own tests hold for right. */
  private static GenericKubernetesResource manifest(String name) throws IOException {
    try (var in = Files.newInputStream(Checkout.resolve("crds/src/test/resources/" + name))) {
      return server
          .admin()
          .getKubernetesSerialization()
          .unmarshal(in, GenericKubernetesResource.class);
    }
  }
}
