package dev.longshore.operator.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.Settings;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.Translation;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The publisher, with a translator that writes the number of ConfigMaps into the settings. */
final class PublisherTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

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

  @Test
  void publishesWhatIsNewAndJudgesEverything() {
    try (Publisher publisher = new Publisher(PublisherTest::translate, listener)) {
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
            listener)) {
      publisher.offer(view(1));
      assertThat(first.await(10, TimeUnit.SECONDS)).isTrue();
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
            listener)) {
      publisher.offer(view(1));
      await().atMost(PATIENCE).until(() -> heard.size() == 2);
      publisher.offer(view(2));
      await().atMost(PATIENCE).until(() -> heard.size() == 4);
    }
    assertThat(times.get(1) - times.get(0)).isGreaterThanOrEqualTo(Publisher.HOLD_OFF.toNanos());
  }

  @Test
  void aFailureIsNoReasonToStop() {
    try (Publisher publisher =
        new Publisher(
            view -> {
              if (view.size() == 1) {
                throw new IllegalStateException("planted");
              }
              return translate(view);
            },
            listener)) {
      publisher.offer(view(1));
      publisher.offer(view(2));
      await().atMost(PATIENCE).until(() -> heard.contains("published 2"));
    }
    assertThat(heard).doesNotContain("published 1");
  }
}
