package dev.longshore.process.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What dies, hangs or runs out of memory is told; what takes its time is not. */
@Timeout(30)
class WatchTest {
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5_000_000_000L);
  private final AtomicReference<@Nullable String> condition = new AtomicReference<>();
  private final Watch watch = new Watch(now::get, List.of(condition::get), 5);

  @AfterEach
  void end() {
    watch.close();
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  @Test
  void aThreadThatEndsIsDeadUnlessItWasToEnd() throws Exception {
    Part part = watch.part("worker");
    Thread thread = Thread.ofPlatform().start(() -> {});
    part.runsOn(thread);
    thread.join();
    assertThat(watch.troubles()).containsExactly("worker: its thread is dead");
    part.over();
    assertThat(watch.troubles()).isEmpty();
  }

  @Test
  void aPieceOfWorkIsStuckAfterItsTime() {
    Part part = watch.part("worker");
    part.begin();
    pass(Duration.ofSeconds(9));
    assertThat(part.trouble()).isNull();
    pass(Duration.ofSeconds(2));
    assertThat(part.trouble()).isEqualTo("worker: stuck for 11 s at one piece of work");
    part.progress();
    assertThat(part.trouble()).isNull();
    pass(Duration.ofSeconds(11));
    part.end();
    assertThat(part.trouble()).isNull();
  }

  @Test
  void whatGrowsWithTheConfigurationMayTakeLonger() {
    Part part = watch.part("worker");
    part.begin(Watch.patience(100_000));
    pass(Duration.ofSeconds(100));
    assertThat(part.trouble()).isNull();
    pass(Duration.ofSeconds(20));
    assertThat(part.trouble()).isNotNull();
  }

  @Test
  void aLoopThatIsHeldUpIsStuckUntilItAnswers() {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch blocked = new CountDownLatch(1);
    try (ExecutorService loop = Executors.newSingleThreadExecutor()) {
      loop.execute(
          () -> {
            blocked.countDown();
            try {
              held.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      await().until(() -> blocked.getCount() == 0);
      Part part = watch.part("loops");
      part.beats(loop);
      await()
          .until(
              () -> {
                pass(Duration.ofSeconds(4));
                return part.trouble() != null;
              });
      assertThat(part.trouble()).startsWith("loops: no answer of loop 0 for ");
      held.countDown();
      await().until(() -> part.trouble() == null);
    }
  }

  @Test
  void aLoopThatTakesNothingIsDead() {
    Part part = watch.part("loops");
    part.beats(
        task -> {
          throw new RejectedExecutionException("shut down");
        });
    await()
        .until(
            () -> {
              pass(Duration.ofSeconds(4));
              return part.trouble() != null;
            });
  }

  @Test
  void outOfHeapIsToldForGood() {
    watch
        .part("a")
        .fault("injected", new IllegalStateException(new OutOfMemoryError("Java heap space")));
    assertThat(watch.troubles()).singleElement().asString().startsWith("out of memory");
  }

  @Test
  void outOfDirectMemoryIsNobodysEnd() {
    watch
        .part("a")
        .fault(
            "injected",
            new OutOfMemoryError(
                "Cannot reserve 16777216 bytes of direct buffer memory (allocated: 1, limit: 1)"));
    assertThat(watch.troubles()).isEmpty();
  }

  @Test
  void aConditionCountsOnceItLasts() {
    condition.set("no buffer can be had");
    await()
        .until(
            () -> {
              pass(Duration.ofSeconds(1));
              return watch.troubles().contains("no buffer can be had");
            });
    condition.set(null);
    await().until(() -> watch.troubles().isEmpty());
  }

  @Test
  void theEndOfTheWatchItselfIsTold() {
    AtomicBoolean dying = new AtomicBoolean();
    Watch ending =
        new Watch(
            () -> {
              if (dying.get() && Thread.currentThread().getName().equals("longshore-watch")) {
                throw new DeathForTest();
              }
              return 0;
            },
            List.of(),
            5);
    dying.set(true);
    try {
      // Awaitility would pass on what the dying thread threw.
      await()
          .dontCatchUncaughtExceptions()
          .until(() -> ending.troubles().contains("watch: its thread is dead"));
    } finally {
      ending.close();
    }
  }

  private static final class DeathForTest extends Error {
    private static final long serialVersionUID = 1;
  }

  @Test
  void metricsTellTheSame() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    watch.bindTo(registry);
    Part part = watch.part("late");
    part.fault("injected", new IllegalStateException());
    part.begin();
    pass(Duration.ofSeconds(11));
    assertThat(registry.get("longshore.watch.failing").tag("part", "late").gauge().value())
        .isEqualTo(1);
    assertThat(registry.get("longshore.watch.failing.parts").gauge().value()).isPositive();
    assertThat(registry.get("longshore.watch.faults").tag("part", "late").functionCounter().count())
        .isEqualTo(1);
  }
}
