package dev.longshore.proxy.memory;

import dev.longshore.process.watch.Part;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The thread that looks after the budgets of a process, every {@value #LOOK_MILLIS} ms. One for all
 * of them: most looks are the reading of a counter, and waking up costs more than that.
 */
public final class MemoryWatch implements AutoCloseable {
  private static final int LOOK_MILLIS = 50;

  private final Part part;
  private final List<MemoryBudget> budgets;
  private @Nullable Thread thread;
  private volatile boolean closed;

  /**
   * Prepares the thread.
   *
   * @param part is told if nobody looks after the budgets any more
   */
  public MemoryWatch(Part part, MemoryBudget... budgets) {
    this.part = part;
    this.budgets = List.of(budgets);
  }

  /**
   * Begins to look. Once; every budget has been told {@linkplain MemoryBudget#over whose it is}.
   */
  public synchronized void start() {
    Thread started = Thread.ofPlatform().daemon().name("longshore-memory").start(this::watch);
    thread = started;
    part.runsOn(started);
  }

  private void watch() {
    while (!closed) {
      try {
        Thread.sleep(LOOK_MILLIS);
        part.begin();
        for (MemoryBudget budget : budgets) {
          look(budget);
        }
      } catch (InterruptedException e) {
        return;
      } finally {
        part.end();
      }
    }
  }

  private void look(MemoryBudget budget) throws InterruptedException {
    try {
      budget.look();
    } catch (RuntimeException | Error e) {
      // Whatever it is, without this thread nothing would be bounded any more.
      part.fault("a memory budget could not be looked after; tried again", e);
    }
  }

  /** Looks no more. */
  @Override
  public synchronized void close() {
    closed = true;
    if (thread != null) {
      thread.interrupt();
    }
  }
}
