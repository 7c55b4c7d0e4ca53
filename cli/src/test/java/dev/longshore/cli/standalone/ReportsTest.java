package dev.longshore.cli.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.operator.source.folder.FolderReading;
import dev.longshore.operator.translate.Translation;
import dev.longshore.process.watch.Watch;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Issue 9: who is told of changes, on the publisher's thread, held up all changes of others. */
@Timeout(60)
class ReportsTest {
  private final CountDownLatch go = new CountDownLatch(1);
  private final List<Long> told = new CopyOnWriteArrayList<>();
  private final Watch watch = new Watch();

  /** One that nobody reads, from the second change on. */
  private final Standalone.Reporter stuck =
      new Standalone.Reporter() {
        @Override
        public void applied(RoutingSnapshot snapshot, List<String> errors, Duration took) {}

        @Override
        public void judged(FolderReading reading, Translation translation) {
          told.add(translation.grace().toMillis());
          switch (told.size()) {
            case 1 -> {}
            case 2 -> hold();
            case 3 -> throw new IllegalStateException("nobody can read that");
            default -> Thread.currentThread().interrupt();
          }
        }
      };

  private void hold() {
    try {
      go.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Translation translation(long number) {
    return new Translation(
        RoutingSnapshot.EMPTY,
        PersistentMap.empty(),
        PersistentMap.empty(),
        PersistentMap.empty(),
        Duration.ofMillis(number));
  }

  private static void judge(Reports reports, long number) {
    reports.applied(RoutingSnapshot.EMPTY, List.of(), Duration.ZERO);
    reports.judged(FolderReading.EMPTY, translation(number));
  }

  @AfterEach
  void end() {
    go.countDown();
    watch.close();
  }

  @Test
  void nobodyWaitsForWhatIsTold() {
    Reports reports = new Reports(stuck, watch.part("reports"));
    judge(reports, 1);
    assertThat(told).as("before anything is served").containsExactly(1L);
    for (long i = 2; i <= 100; i++) {
      judge(reports, i);
    }
    await().until(() -> told.size() == 2);
    judge(reports, 101);
    assertThat(watch.troubles()).isEmpty();

    go.countDown();
    await().until(() -> told.size() == 3);
    assertThat(told.getLast()).isEqualTo(101);
    judge(reports, 102);
    await().until(() -> told.size() == 4);
    await().until(() -> watch.troubles().contains("reports: its thread is dead"));
    reports.close();
    assertThat(watch.troubles()).isEmpty();
  }

  @Test
  void theLastIsToldBeforeTheEnd() {
    Reports reports = new Reports(stuck, watch.part("reports"));
    go.countDown();
    judge(reports, 1);
    judge(reports, 2);
    reports.close();
    assertThat(told).containsExactly(1L, 2L);
  }
}
