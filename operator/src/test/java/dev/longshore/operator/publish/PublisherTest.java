package dev.longshore.operator.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.Settings;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.testing.Planted;
import dev.longshore.operator.translate.Translation;
import dev.longshore.process.testing.Strikes;
import dev.longshore.process.testing.Watched;
import dev.longshore.process.watch.Part;
import dev.longshore.process.watch.Watch;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The publisher, with a translator that writes the number of ConfigMaps into the settings. */
final class PublisherTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Watch watch = new Watch();
  private final List<String> heard = new CopyOnWriteArrayList<>();

  private final Publisher.Listener listener =
      new Publisher.Listener() {
        @Override
        public void published(RoutingSnapshot snapshot) {
          heard.add("published " + snapshot.settings().bounds().headerCount());
        }

        @Override
        public void judged(Translation translation) {
          heard.add("judged");
        }
      };

  @Test
  @Strikes("publisher")
  void itIsToldWhenItHangsEndsOrHasNoMemory() throws Exception {
    Planted planted = new Planted();
    AtomicInteger views = new AtomicInteger();
    try (Watched watched = new Watched();
        Publisher publisher =
            new Publisher(
                view -> {
                  planted.run();
                  return translate(view);
                },
                listener,
                watched.watch().part("publisher"))) {
      Consumer<Runnable> inside =
          task -> {
            planted.set(task);
            publisher.offer(view(views.incrementAndGet()));
          };
      watched.fail("publisher", inside);
      watched.hang("publisher", inside);
      watched.exhaust("publisher", inside);
      watched.end("publisher", inside);
    }
  }

  private static View view(int size) {
    View view = View.EMPTY;
    for (int i = 0; i < size; i++) {
      view = view.with(new ConfigMapBuilder().withNewMetadata().withName("m" + i).and().build());
    }
    return view;
  }

  private static Translation translate(View view) {
    Settings.Bounds bounds =
        new Settings.Bounds(8192, 32768, view.size(), 0, Duration.ofSeconds(10));
    Settings settings =
        new Settings(
            List.of(),
            Settings.ForwardedHeaders.APPEND,
            Settings.ProxyProtocol.OFF,
            Settings.DEFAULT.processDrain(),
            Settings.AccessLog.ALL,
            bounds,
            Settings.Tls.DEFAULT,
            null,
            null);
    RoutingSnapshot snapshot =
        SnapshotBuilder.from(RoutingSnapshot.EMPTY).settings(settings).build();
    return new Translation(
        snapshot,
        PersistentMap.empty(),
        PersistentMap.empty(),
        PersistentMap.empty(),
        Duration.ZERO);
  }

  @AfterEach
  void end() {
    watch.close();
  }

  @Test
  void publishesWhatIsNewAndJudgesEverything() {
    try (Publisher publisher =
        new Publisher(PublisherTest::translate, listener, watch.part("publisher"))) {
      publisher.offer(view(1));
      await().atMost(PATIENCE).until(() -> heard.size() == 2);
      publisher.offer(view(1));
      await().atMost(PATIENCE).until(() -> heard.size() == 3);
      publisher.offer(view(2));
      await().atMost(PATIENCE).until(() -> heard.size() == 5);
    }
    assertThat(heard).containsExactly("published 1", "judged", "judged", "published 2", "judged");
  }

  @Test
  void takesViewsThatComeCloselyTogether() throws InterruptedException {
    CountDownLatch first = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (Publisher publisher =
        new Publisher(
            view -> {
              first.countDown();
              try {
                go.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              return translate(view);
            },
            listener,
            watch.part("publisher"))) {
      publisher.offer(view(1));
      assertThat(first.await(60, TimeUnit.SECONDS)).isTrue();
      for (int i = 2; i <= 50; i++) {
        publisher.offer(view(i));
      }
      go.countDown();
      await().atMost(PATIENCE).until(() -> heard.size() == 4);
    }
    assertThat(heard).containsExactly("published 1", "judged", "published 50", "judged");
  }

  @Test
  void holdsWhatFollowsUntilTheHoldOffIsOver() {
    List<Long> times = new CopyOnWriteArrayList<>();
    try (Publisher publisher =
        new Publisher(
            view -> {
              times.add(System.nanoTime());
              return translate(view);
            },
            listener,
            watch.part("publisher"))) {
      publisher.offer(view(1));
      await().atMost(PATIENCE).until(() -> heard.size() == 2);
      publisher.offer(view(2));
      await().atMost(PATIENCE).until(() -> heard.size() == 4);
    }
    assertThat(times.get(1) - times.get(0)).isGreaterThanOrEqualTo(Publisher.HOLD_OFF.toNanos());
  }

  /** Issue 9: 20,000 rules of one namespace held up everybody's changes while they were taken. */
  @Test
  void nobodyWaitsForTheThousandsOfAnother() {
    List<View> translated = new CopyOnWriteArrayList<>();
    try (Publisher publisher =
        new Publisher(
            view -> {
              translated.add(view);
              return translate(view);
            },
            listener,
            watch.part("publisher"))) {
      publisher.offer(View.EMPTY);
      await().atMost(PATIENCE).until(() -> heard.size() == 2);
      View view = View.EMPTY.with(map("other", "moved", 1));
      for (int i = 0; i < 40; i++) {
        view = view.with(map("evil", "m" + i, 100 << 10));
      }
      publisher.offer(view);
      View all = view;
      await().atMost(PATIENCE).until(() -> translated.getLast() == all);
    }
    assertThat(translated.get(1).size()).isEqualTo(10);
    assertThat(translated.get(1).configMaps().get(ref("other", "moved"))).isNotNull();
    assertThat(translated).hasSizeBetween(5, 7);
  }

  private static ConfigMap map(String namespace, String name, int size) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withName(name)
        .and()
        .addToData("text", "x".repeat(size))
        .build();
  }

  private static ResourceRef ref(String namespace, String name) {
    return new ResourceRef(Kind.CONFIG_MAP, namespace, name);
  }

  /** hostile.md 6: a StackOverflowError ended the thread, and with it every later change. */
  @ParameterizedTest
  @ValueSource(
      classes = {IllegalStateException.class, StackOverflowError.class, AssertionError.class})
  void aFailureIsNoReasonToStop(Class<? extends Throwable> failure) {
    try (Publisher publisher =
        new Publisher(
            view -> {
              if (view.size() == 1) {
                throw PublisherTest.<RuntimeException>planted(failure);
              }
              return translate(view);
            },
            listener,
            watch.part("publisher"))) {
      publisher.offer(view(1));
      publisher.offer(view(2));
      await().atMost(PATIENCE).until(() -> heard.contains("published 2"));
    }
    assertThat(heard).doesNotContain("published 1");
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> T planted(Class<? extends Throwable> failure) throws T {
    try {
      throw (T) failure.getConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** What a listener couldn't take half-way goes again, though nothing has changed since. */
  @Test
  void whatCouldNotBePublishedGoesAgain() {
    AtomicInteger tries = new AtomicInteger();
    Publisher.Listener failing =
        new Publisher.Listener() {
          @Override
          public void published(RoutingSnapshot snapshot) {
            if (tries.incrementAndGet() == 1) {
              throw new StackOverflowError();
            }
          }

          @Override
          public void judged(Translation translation) {
            heard.add("judged");
          }
        };
    try (Publisher publisher =
        new Publisher(PublisherTest::translate, failing, watch.part("publisher"))) {
      publisher.offer(view(1));
      await().atMost(PATIENCE).until(() -> tries.get() == 1);
      publisher.offer(view(1));
      await().atMost(PATIENCE).until(() -> tries.get() == 2 && heard.contains("judged"));
    }
  }

  @Test
  void aTranslationThatHangsIsTold() throws InterruptedException {
    CountDownLatch go = new CountDownLatch(1);
    Part part = watch.part("publisher");
    try (Publisher publisher =
        new Publisher(
            view -> {
              // So small a view has ten seconds; this one has had them.
              part.begin(Duration.ZERO);
              try {
                go.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              return translate(view);
            },
            listener,
            part)) {
      publisher.offer(view(1));
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  watch.troubles().stream().anyMatch(each -> each.startsWith("publisher: stuck")));
      go.countDown();
      await().atMost(PATIENCE).until(() -> watch.troubles().isEmpty());
    }
  }
}
