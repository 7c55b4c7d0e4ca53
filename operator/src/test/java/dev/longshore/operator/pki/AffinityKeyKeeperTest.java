package dev.longshore.operator.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.operator.translate.secret.AffinityKey;
import dev.longshore.testkube.KubeApiServer;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The Secret on a real API server. */
class AffinityKeyKeeperTest {
  private static final Duration WAIT = Duration.ofSeconds(60);

  @Test
  void leadersMakeOneKeepItAndRepairIt() throws Exception {
    KubeApiServer server = KubeApiServer.shared();
    String namespace = server.createNamespace("affinity");
    Resource<Secret> secret =
        server.admin().secrets().inNamespace(namespace).withName(AffinityKey.NAME);
    List<AffinityKeyKeeper> keepers = new ArrayList<>();
    try (AffinityKeyKeeper follower =
        new AffinityKeyKeeper(server.admin(), namespace, () -> false)) {
      follower.start();
      follower.missed();
      for (int i = 0; i < 4; i++) {
        keepers.add(new AffinityKeyKeeper(server.admin(), namespace, () -> true));
      }
      keepers.forEach(AffinityKeyKeeper::start);
      await().atMost(WAIT).until(() -> secret.get() != null);
      Object made = Objects.requireNonNull(AffinityKey.read(secret.get()));
      // Whoever comes later takes it as it is.
      keepers.getFirst().lead();
      keepers.getFirst().missed();
      await()
          .during(Duration.ofSeconds(1))
          .until(() -> made.equals(AffinityKey.read(secret.get())));

      secret.delete();
      keepers.getFirst().missed();
      await().atMost(WAIT).until(() -> secret.get() != null);
      assertThat(AffinityKey.read(secret.get())).isNotNull().isNotEqualTo(made);

      secret.edit(
          s -> new SecretBuilder(s).withData(Map.of(AffinityKey.ENTRY, "c2hvcnQ=")).build());
      assertThat(AffinityKey.read(secret.get())).isNull();
      keepers.getLast().lead();
      await().atMost(WAIT).until(() -> AffinityKey.read(secret.get()) != null);
    } finally {
      keepers.forEach(AffinityKeyKeeper::close);
    }
  }
}
