package dev.longshore.proxy.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.process.testing.Strikes;
import dev.longshore.process.testing.Watched;
import dev.longshore.process.watch.Watch;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Deadlines fire once, not early, at the next tick, and not after they were disarmed. */
class DeadlineSweepTest {
  private final Watch watch = new Watch();
  private final MockTicker ticker = Ticker.newMockTicker();
  private final EmbeddedChannel clock = EmbeddedChannel.builder().ticker(ticker).build();
  private final DeadlineSweep sweep =
      new DeadlineSweep(clock.eventLoop(), watch.part("deadlines"), ticker);
  private final List<String> fired = new ArrayList<>();

  @AfterEach
  void stop() {
    watch.close();
    clock.finishAndReleaseAll();
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

  /** As many milliseconds, in ticks. */
  private void pass(int millis) {
    for (int passed = 0; passed < millis; passed += DeadlineSweep.TICK_MILLIS) {
      ticker.advance(DeadlineSweep.TICK_MILLIS, TimeUnit.MILLISECONDS);
      clock.runPendingTasks();
    }
  }

  @Test
  void eachFiresOnceInItsTime() {
    sweep.arm(deadline("late", () -> {}), Duration.ofMillis(400));
    sweep.arm(deadline("early", () -> {}), Duration.ofMillis(101));
    pass(100);
    assertThat(fired).isEmpty();
    pass(50);
    assertThat(fired).containsExactly("early");
    pass(200);
    assertThat(fired).hasSize(1);
    pass(50);
    assertThat(fired).containsExactly("early", "late");
    pass(10_000);
    assertThat(fired).hasSize(2);
  }

  @Test
  void oneThatExpiresMayDisarmAnotherThatIsDue() {
    Deadline second = deadline("second", () -> {});
    Deadline first = deadline("first", () -> sweep.disarm(second));
    // The last armed is looked at first.
    sweep.arm(second, Duration.ofMillis(100));
    sweep.arm(first, Duration.ofMillis(100));
    pass(1000);
    assertThat(fired).containsExactly("first");
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
    sweep.arm(again[0], Duration.ofMillis(50));
    pass(100);
    assertThat(fired).hasSize(2);
    pass(1000);
    assertThat(fired).hasSize(3);
  }

  @Test
  @Strikes("deadlines")
  void theyAreToldWhenTheyHangOrHaveNoMemory() throws Exception {
    EventLoop loop = new DefaultEventLoop();
    try (Watched watched = new Watched()) {
      DeadlineSweep struck =
          new DeadlineSweep(loop, watched.watch().part("deadlines"), Ticker.systemTicker());
      Consumer<Runnable> inside =
          task ->
              loop.submit(
                      () ->
                          struck.arm(
                              new Deadline() {
                                @Override
                                protected void expired() {
                                  task.run();
                                }
                              },
                              Duration.ofMillis(1)))
                  .syncUninterruptibly();
      watched.fail("deadlines", inside);
      watched.hang("deadlines", inside);
      watched.exhaust("deadlines", inside);
    } finally {
      loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
  }

  /**
   * Whatever one does, the loop keeps its other deadlines: those that are due too, and later ones.
   */
  @ParameterizedTest
  @MethodSource("faults")
  void oneThatThrowsEndsNoOther(Supplier<Throwable> fault) {
    List<String> failed = new ArrayList<>();
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
    sweep.arm(deadline("before", () -> {}), Duration.ofMillis(100));
    sweep.arm(throwing, Duration.ofMillis(100));
    sweep.arm(deadline("same", () -> {}), Duration.ofMillis(100));
    sweep.arm(deadline("later", () -> {}), Duration.ofMillis(300));
    pass(100);
    assertThat(fired).containsExactly("same", "before");
    pass(200);
    assertThat(fired).containsExactly("same", "before", "later");
    assertThat(failed).containsExactly("throwing");

    sweep.arm(deadline("afterwards", () -> {}), Duration.ofMillis(50));
    pass(50);
    assertThat(fired).contains("afterwards");
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
    sweep.arm(moved, Duration.ofMillis(50));
    sweep.arm(never, Duration.ofMillis(50));
    sweep.arm(moved, Duration.ofMillis(300));
    sweep.arm(never, Duration.ZERO);
    pass(250);
    assertThat(fired).isEmpty();
    pass(50);
    assertThat(fired).containsExactly("moved");
    pass(1000);
    assertThat(fired).hasSize(1);
  }
}
