package dev.longshore.proxy.memory;

import static org.awaitility.Awaitility.await;

import dev.longshore.process.testing.Strikes;
import dev.longshore.process.testing.Watched;
import dev.longshore.process.watch.Part;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The thread without which no budget would be kept. */
@Timeout(30)
class MemoryWatchTest {
  private static MemoryBudget budget(LongSupplier used) {
    return new MemoryBudget(1000, 1000, used, "buffers", Ticker.systemTicker());
  }

  @Test
  void looksAtAllOfThemWhateverGoesWrongWithOne() {
    AtomicInteger failed = new AtomicInteger();
    AtomicInteger looked = new AtomicInteger();
    MemoryBudget broken =
        budget(
            () -> {
              failed.incrementAndGet();
              throw new OutOfMemoryError("no more");
            });
    MemoryBudget sound = budget(looked::incrementAndGet);
    try (MemoryWatch watch = new MemoryWatch(Part.unwatched("memory"), broken, sound)) {
      watch.start();
      await().until(() -> failed.get() >= 3 && looked.get() >= 3);
    }
  }

  @Test
  @Strikes("memory")
  void isToldWhenItHangsEndsOrHasNoMemory() throws Exception {
    AtomicReference<@Nullable Runnable> planted = new AtomicReference<>();
    MemoryBudget hooked =
        budget(
            () -> {
              Runnable task = planted.getAndSet(null);
              if (task != null) {
                task.run();
              }
              return 0;
            });
    try (Watched watched = new Watched();
        MemoryWatch struck = new MemoryWatch(watched.watch().part("memory"), hooked)) {
      struck.start();
      watched.fail("memory", planted::set);
      watched.hang("memory", planted::set);
      watched.exhaust("memory", planted::set);
      watched.end("memory", planted::set);
    }
  }
}
