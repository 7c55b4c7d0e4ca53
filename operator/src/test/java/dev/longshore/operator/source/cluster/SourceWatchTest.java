package dev.longshore.operator.source.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.testing.Clients;
import dev.longshore.operator.testing.Planted;
import dev.longshore.process.testing.Strikes;
import dev.longshore.process.testing.Watched;
import dev.longshore.process.watch.Part;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What follows the cluster, struck. */
@Timeout(120)
class SourceWatchTest {
  @Test
  @Strikes("informers")
  void anInformerThatEndsIsToldAndWhatItCantTakeIsCounted() throws Exception {
    Planted planted = new Planted();
    List<CompletableFuture<Void>> ends = new ArrayList<>();
    try (Watched watched = new Watched()) {
      Feed<Service> feed = feed(planted, () -> informer(ends), watched.watch().part("informers"));
      feed.start();
      AtomicInteger version = new AtomicInteger();
      Consumer<Runnable> inside =
          task -> {
            planted.set(task);
            int now = version.incrementAndGet();
            feed.store().put("chat-" + now, service("chat-" + now));
          };
      watched.fail("informers", inside);
      feed.restart();
      assertThat(ends).hasSize(2).first().matches(CompletableFuture::isDone);
      assertThat(watched.watch().troubles()).as("one that was to end").isEmpty();
      ends.getLast().completeExceptionally(new IllegalStateException("planted"));
      watched.awaitTrouble("informers: Services can't be followed any more");
      watched.exhaust("informers", inside);
      feed.close();
    }
  }

  private static Service service(String name) {
    return new ServiceBuilder()
        .withNewMetadata()
        .withName(name)
        .withUid(name)
        .withResourceVersion("1")
        .endMetadata()
        .build();
  }

  private static Feed<Service> feed(
      Planted planted, java.util.function.Supplier<Informable<Service>> target, Part part) {
    return new Feed<>(
        "Services",
        Kind.SERVICE,
        target,
        new Feed.Sink<>() {
          @Override
          public void put(Feed<?> from, Service resource) {
            planted.run();
          }

          @Override
          public void remove(Feed<?> from, ResourceRef ref) {}
        },
        part);
  }

  @SuppressWarnings("unchecked")
  private static Informable<Service> informer(List<CompletableFuture<Void>> ends) {
    CompletableFuture<Void> end = new CompletableFuture<>();
    ends.add(end);
    SharedIndexInformer<Service>[] itself = new SharedIndexInformer[1];
    itself[0] =
        Clients.fake(
            SharedIndexInformer.class,
            Map.of(
                "stopped", () -> end,
                "start", CompletableFuture::new,
                "itemStore", () -> itself[0],
                "exceptionHandler", () -> itself[0],
                "stop", () -> end.complete(null)));
    return Clients.fake(Informable.class, Map.of("runnableInformer", () -> itself[0]));
  }

  @Test
  @Strikes("cluster-history")
  void theLookAtTheHistoryGoesOn() throws Exception {
    Planted planted = new Planted();
    try (Watched watched = new Watched();
        ClusterHistory history =
            new ClusterHistory(
                Clients.of(Map.of()),
                "longshore",
                "lease",
                () -> {
                  planted.run();
                  return 0;
                },
                () -> {},
                watched.watch().part("cluster-history"))) {
      history.start();
      watched.fail("cluster-history", planted::set);
      watched.exhaust("cluster-history", planted::set);
    }
  }

  @Test
  @Strikes("external-names")
  void namesAreLookedUpAgain() throws Exception {
    Planted planted = new Planted();
    AtomicInteger resolved = new AtomicInteger();
    try (Watched watched = new Watched();
        NameLookups lookups =
            new NameLookups(
                name -> {
                  planted.run();
                  return new InetAddress[] {InetAddress.getLoopbackAddress()};
                },
                Duration.ofMillis(20),
                (ref, name, addresses) -> resolved.incrementAndGet(),
                watched.watch().part("external-names"))) {
      lookups.want(new ResourceRef(Kind.SERVICE, "demo", "a"), "a.example.com");
      watched.fail("external-names", planted::set);
      int before = resolved.get();
      await().until(() -> resolved.get() > before);
      watched.exhaust("external-names", planted::set);
    }
  }
}
