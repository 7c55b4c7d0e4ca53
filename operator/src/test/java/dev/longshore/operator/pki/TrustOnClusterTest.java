package dev.longshore.operator.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.testkube.KubeApiServer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The Secret and the ConfigMap on a real API server. */
class TrustOnClusterTest {
  private static final Duration WAIT = Duration.ofSeconds(60);

  @Test
  void twoThatLeadAtOnceMakeOneAuthorityAndRepairWhatIsDeleted() throws Exception {
    KubeApiServer server = KubeApiServer.shared();
    String namespace = server.createNamespace("trust");
    List<Trust> replicas = new ArrayList<>();
    KubernetesClient client = server.admin();
    try {
      for (int i = 0; i < 4; i++) {
        replicas.add(new Trust(client, namespace, List.of("localhost"), () -> true));
      }
      replicas.forEach(Trust::start);
      await().atMost(WAIT).until(() -> replicas.stream().allMatch(one -> one.get() != null));
      var issuers =
          replicas.stream()
              .map(TrustOnClusterTest::leaf)
              .map(X509Certificate::getIssuerX500Principal);
      assertThat(issuers.distinct()).hasSize(1);
      String bundle = bundle(client, namespace);
      leaf(replicas.getFirst()).verify(AuthorityPem.certificate(bundle).getPublicKey());
      assertThat(secret(client, namespace).getData()).hasSize(2);
      assertThat(secret(client, namespace).getData().keySet())
          .allMatch(name -> name.matches("ca-[0-9]+\\.(crt|key)"));
      // Somebody takes both away: the next look makes others.
      client.secrets().inNamespace(namespace).withName(KubernetesAuthorityStore.NAME).delete();
      client.configMaps().inNamespace(namespace).withName(KubernetesAuthorityStore.NAME).delete();
      X509Certificate before = leaf(replicas.getFirst());
      replicas.getFirst().lead();
      await().atMost(WAIT).until(() -> !leaf(replicas.getFirst()).equals(before));
      assertThat(bundle(client, namespace)).isNotEqualTo(bundle);
    } finally {
      replicas.forEach(Trust::close);
    }
  }

  private static String bundle(KubernetesClient client, String namespace) {
    ConfigMap map =
        client.configMaps().inNamespace(namespace).withName(KubernetesAuthorityStore.NAME).get();
    return Objects.requireNonNull(map.getData().get(KubernetesAuthorityStore.BUNDLE));
  }

  private static Secret secret(KubernetesClient client, String namespace) {
    return client.secrets().inNamespace(namespace).withName(KubernetesAuthorityStore.NAME).get();
  }

  private static X509Certificate leaf(Trust trust) {
    return Objects.requireNonNull(trust.get()).chain().getFirst();
  }
}
