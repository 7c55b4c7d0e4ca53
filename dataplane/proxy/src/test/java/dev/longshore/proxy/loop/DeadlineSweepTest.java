package dev.longshore.proxy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.process.watch.Watch;
import dev.longshore.proxy.testing.Strikes;
import dev.longshore.proxy.testing.Watched;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Deadlines fire once, not early, and not after they were disarmed. */
class DeadlineSweepTest {
  private final Watch watch = new Watch();
  private final EventLoop loop = new DefaultEventLoop();
  private final DeadlineSweep sweep = new DeadlineSweep(loop, watch.part("deadlines"));
  private final List<String> fired = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    watch.close();
    loop.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private Deadline deadline(String name, Runnable then) {
    return new Deadline() {
      @Override
      protected void expired() {
        fired.add(name);
        then.run();
      }
    };
  }

  private void onLoop(Runnable action) {
    loop.submit(action).syncUninterruptibly();
  }

  @Test
  void eachFiresOnceInItsTime() {
    Deadline early = deadline("early", () -> {});
    Deadline late = deadline("late", () -> {});
    onLoop(
        () -> {
          sweep.arm(late, Duration.ofMillis(400));
          sweep.arm(early, Duration.ofMillis(100));
        });
    await().until(() -> fired.equals(List.of("early", "late")));
    await().during(Duration.ofMillis(200)).until(() -> fired.size() == 2);
  }

  @Test
  void oneThatExpiresMayDisarmAnotherThatIsDue() {
    Deadline second = deadline("second", () -> {});
    Deadline first = deadline("first", () -> sweep.disarm(second));
    onLoop(
        () -> {
          // The last armed is looked at first.
          sweep.arm(second, Duration.ofMillis(100));
          sweep.arm(first, Duration.ofMillis(100));
        });
    await().until(() -> !fired.isEmpty());
    await().during(Duration.ofMillis(200)).until(() -> fired.equals(List.of("first")));
  }

  @Test
  void oneMayBeArmedAgainWhenItExpires() {
    Deadline[] again = new Deadline[1];
    again[0] =
        deadline(
            "again",
            () -> {
              if (fired.size() < 3) {
                sweep.arm(again[0], Duration.ofMillis(50));
              }
            });
    onLoop(() -> sweep.arm(again[0], Duration.ofMillis(50)));
    await().until(() -> fired.size() == 3);
  }

  @Test
  @Strikes("deadlines")
  void theyAreToldWhenTheyHangOrHaveNoMemory() throws Exception {
    try (Watched watched = new Watched()) {
      DeadlineSweep struck = new DeadlineSweep(loop, watched.watch().part("deadlines"));
      Consumer<Runnable> inside =
          task -> onLoop(() -> struck.arm(deadline("struck", task), Duration.ofMillis(1)));
      watched.fail("deadlines", inside);
      watched.hang("deadlines", inside);
      watched.exhaust("deadlines", inside);
    }
  }

  /**
   * Whatever one does, the loop keeps its other deadlines: those that are due too, and later ones.
   */
  @ParameterizedTest
  @MethodSource("faults")
  void oneThatThrowsEndsNoOther(Supplier<Throwable> fault) {
    List<String> failed = new CopyOnWriteArrayList<>();
    Deadline throwing =
        new Deadline() {
          @Override
          protected void expired() {
            throw sneaky(fault.get());
          }

          @Override
          protected void failed() {
            failed.add("throwing");
            throw sneaky(fault.get());
          }
        };
    Deadline same = deadline("same", () -> {});
    Deadline before = deadline("before", () -> {});
    Deadline later = deadline("later", () -> {});
    onLoop(
        () -> {
          sweep.arm(before, Duration.ofMillis(100));
          sweep.arm(throwing, Duration.ofMillis(100));
          sweep.arm(same, Duration.ofMillis(100));
          sweep.arm(later, Duration.ofMillis(300));
        });
    await().until(() -> fired.equals(List.of("same", "before", "later")));
    assertThat(failed).containsExactly("throwing");

    Deadline afterwards = deadline("afterwards", () -> {});
    onLoop(() -> sweep.arm(afterwards, Duration.ofMillis(50)));
    await().until(() -> fired.contains("afterwards"));
  }

  static Stream<Supplier<Throwable>> faults() {
    return Stream.of(
        IllegalStateException::new,
        StackOverflowError::new,
        () -> new OutOfMemoryError("injected: Cannot reserve direct buffer memory"));
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> RuntimeException sneaky(Throwable cause) throws T {
    throw (T) cause;
  }

  @Test
  void movingAndDisarming() {
    Deadline moved = deadline("moved", () -> {});
    Deadline never = deadline("never", () -> {});
    long start = System.nanoTime();
    onLoop(
        () -> {
          sweep.arm(moved, Duration.ofMillis(50));
          sweep.arm(never, Duration.ofMillis(50));
          sweep.arm(moved, Duration.ofMillis(300));
          sweep.arm(never, Duration.ZERO);
        });
    await().until(() -> fired.equals(List.of("moved")));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(299));
  }
}
