package dev.longshore.operator.election;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.testkube.KubeApiServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeadershipTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final KubeApiServer server = KubeApiServer.shared();
  private final List<AutoCloseable> open = new ArrayList<>();
  private String namespace = "";

  @BeforeEach
  void namespace() {
    namespace = server.createNamespace("lead");
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable closeable : open.reversed()) {
      closeable.close();
    }
  }

  @Test
  void whoEndsGivesTheLeaseUpAtOnce() {
    Leadership first = candidate("first", client());
    await().atMost(PATIENCE).until(first::isLeader);
    Leadership second = candidate("second", client());
    AtomicInteger gained = new AtomicInteger();
    second.addListener(gained::incrementAndGet);
    first.close();
    assertThat(first.isLeader()).isFalse();
    await().atMost(Leadership.LEASE.minusSeconds(2)).until(second::isLeader);
    await().atMost(PATIENCE).until(() -> gained.get() == 1);
  }

  @Test
  void whoIsGoneIsReplacedWhenItsLeaseRunsOut() {
    KubernetesClient line = client();
    Leadership first = candidate("first", line);
    await().atMost(PATIENCE).until(first::isLeader);
    Leadership second = candidate("second", client());
    List<Boolean> firstStillLed = new CopyOnWriteArrayList<>();
    second.addListener(() -> firstStillLed.add(first.isLeader()));

    // As if it were killed, or cut off: nothing is renewed and nothing is given up.
    line.close();
    await().atMost(PATIENCE).until(second::isLeader);
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(firstStillLed).containsExactly(false));
  }

  @Test
  void whoLosesTheLeaseStandsAgain() {
    AtomicInteger gained = new AtomicInteger();
    Leadership first = new Leadership(client(), namespace, "election", "first");
    open.add(first);
    first.addListener(gained::incrementAndGet);
    first.start();
    await().atMost(PATIENCE).until(() -> gained.get() == 1);
    // Somebody takes it by force, whatever is being renewed, and never renews.
    server
        .admin()
        .leases()
        .inNamespace(namespace)
        .withName("election")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"spec\": {\"holderIdentity\": \"usurper\", \"leaseDurationSeconds\": 2}}");
    await().atMost(PATIENCE).until(() -> !first.isLeader());
    await().atMost(PATIENCE).until(() -> gained.get() == 2);
    assertThat(first.isLeader()).isTrue();
  }

  @Test
  void aRenewalIsAsOldAsTheLeaseSaysHoweverLongItsRequestsTook() {
    RenewalClock clock = new RenewalClock(namespace, "slow", "first");
    KubernetesClient client = client();
    clock.create(client, renewedAgo(Duration.ofSeconds(5)));
    assertThat(clock.sinceRenewal()).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(50));
    clock.get(client);
    clock.update(client, renewedAgo(Duration.ofSeconds(100)));
    assertThat(clock.sinceRenewal()).isBetween(Duration.ofSeconds(100), Duration.ofSeconds(150));
  }

  private static LeaderElectionRecord renewedAgo(Duration ago) {
    ZonedDateTime then = ZonedDateTime.now(ZoneOffset.UTC).minus(ago);
    return new LeaderElectionRecord("first", Leadership.LEASE, then, then, 0);
  }

  private KubernetesClient client() {
    KubernetesClient client =
        new io.fabric8.kubernetes.client.KubernetesClientBuilder()
            .withConfig(
                server
                    .configuration(server.adminToken())
                    .withRequestRetryBackoffLimit(0)
                    .withRequestTimeout(3000)
                    .build())
            .build();
    open.add(client);
    return client;
  }

  private Leadership candidate(String name, KubernetesClient client) {
    Leadership candidate = new Leadership(client, namespace, "election", name);
    open.add(candidate);
    candidate.start();
    return candidate;
  }
}
