package dev.longshore.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.testing.Clients;
import dev.longshore.operator.testing.Planted;
import dev.longshore.process.testing.Strikes;
import dev.longshore.process.testing.Watched;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever writes into the cluster goes on after what fails, and its end is told. */
@Timeout(120)
class StatusWatchTest {
  @Test
  @Strikes("events")
  void theWriterOfEventsIsToldWhenItEndsOrHasNoMemory() throws Exception {
    Planted planted = new Planted();
    AtomicInteger said = new AtomicInteger();
    try (Watched watched = new Watched();
        EventWriter events =
            new EventWriter(
                Clients.of(
                    Map.of(
                        "resource",
                        () -> {
                          planted.run();
                          throw new KubernetesClientException("refused", 403, null);
                        })),
                "replica",
                new SimpleMeterRegistry())) {
      events.watch(watched.watch().part("events"));
      Consumer<Runnable> inside =
          task -> {
            planted.set(task);
            events.say(
                new Note(
                    new ResourceRef(Kind.INGRESS, "demo", "chat"),
                    "",
                    "Normal",
                    "Struck",
                    "Strike",
                    "for the " + said.incrementAndGet() + ". time"),
                true);
          };
      watched.fail("events", inside);
      watched.exhaust("events", inside);
      watched.end("events", inside);
    }
  }

  /** The SDK's informers, which end on what they can't read. */
  @Test
  @Strikes("status")
  void theEndOfAnInformerIsToldUntilItIsStartedAnew() throws Exception {
    try (Watched watched = new Watched();
        KubernetesClient client = new KubernetesClientBuilder().build()) {
      StatusWriter writer =
          new StatusWriter(
              client, Set.of(), new StatusBoard(refs -> {}), () -> true, new SimpleMeterRegistry());
      writer.watch(watched.watch().part("status"));
      writer.stopped("informer of Ingress", null);
      assertThat(watched.watch().troubles()).isEmpty();
      writer.stopped("informer of Ingress", new IllegalStateException("planted"));
      watched.awaitTrouble("status: is not followed any more: informer of Ingress");
      assertThat(watched.faults("status")).isEqualTo(1);
      writer.close();
      assertThat(watched.watch().troubles()).isEmpty();
      writer.stopped("informer of Ingress", new IllegalStateException("while it is closed"));
      assertThat(watched.watch().troubles()).isEmpty();
    }
  }
}
