package dev.longshore.operator.tenure;

import static org.awaitility.Awaitility.await;

import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.operator.source.View;
import dev.longshore.operator.testing.Clients;
import dev.longshore.operator.testing.Planted;
import dev.longshore.operator.translate.Translation;
import dev.longshore.process.testing.Strikes;
import dev.longshore.process.testing.Watched;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** An Error ends one attempt, and none of those that follow. */
class TenureKeeperFaultTest {
  @Test
  @Strikes("host-tenures")
  void whatFailsIsCountedAndOutOfMemoryTold() throws Exception {
    Planted planted = new Planted();
    try (Watched watched = new Watched();
        TenureKeeper keeper =
            new TenureKeeper(
                new TenureStore(Clients.of(Map.of()), "longshore"),
                () -> {
                  planted.run();
                  return false;
                },
                (host, from, to) -> {},
                new SimpleMeterRegistry())) {
      keeper.watch(watched.watch().part("host-tenures"));
      keeper.judged(View.EMPTY, nothing());
      Consumer<Runnable> inside =
          task -> {
            planted.set(task);
            keeper.lead();
          };
      watched.fail("host-tenures", inside);
      watched.exhaust("host-tenures", inside);
    }
  }

  private static Translation nothing() {
    return new Translation(
        RoutingSnapshot.EMPTY,
        PersistentMap.empty(),
        PersistentMap.empty(),
        PersistentMap.empty(),
        Duration.ZERO);
  }

  @Test
  void itIsTriedAgain() {
    AtomicInteger attempts = new AtomicInteger();
    try (KubernetesClient client = new KubernetesClientBuilder().build();
        TenureKeeper keeper =
            new TenureKeeper(
                new TenureStore(client, "longshore"),
                () -> {
                  if (attempts.incrementAndGet() < 3) {
                    throw new StackOverflowError();
                  }
                  return false;
                },
                (host, from, to) -> {},
                new SimpleMeterRegistry())) {
      keeper.judged(View.EMPTY, nothing());
      await().atMost(Duration.ofSeconds(20)).until(() -> attempts.get() == 3);
    }
  }
}
