package dev.longshore.proxy.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A timer whose time passes when the test says so; what is due is done by the test's thread. */
public final class HandTimer extends ScheduledThreadPoolExecutor {
  private final List<Task> tasks = new ArrayList<>();
  private long now;

  /**
   * Something to be done.
   *
   * @param at nanoseconds by this timer
   * @param delay until it is done again; null: it is done once
   */
  private record Task(long at, Runnable task, @Nullable Duration delay) {}

  /** At nought; nothing is due. */
  public HandTimer() {
    super(1);
  }

  @Override
  public synchronized ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
    tasks.add(new Task(now + unit.toNanos(delay), task, null));
    return cancellable();
  }

  @Override
  public synchronized ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable task, long initialDelay, long delay, TimeUnit unit) {
    tasks.add(
        new Task(now + unit.toNanos(initialDelay), task, Duration.of(delay, unit.toChronoUnit())));
    return cancellable();
  }

  /** Nobody cancels anything here but at the end. */
  private ScheduledFuture<?> cancellable() {
    return super.schedule(() -> {}, 1, TimeUnit.DAYS);
  }

  /** Lets time pass, and what is due meanwhile be done in its order. */
  public synchronized void pass(Duration time) {
    long end = now + time.toNanos();
    Task next = first();
    while (next != null && next.at <= end) {
      tasks.remove(next);
      now = next.at;
      next.task.run();
      if (next.delay != null) {
        tasks.add(new Task(now + next.delay.toNanos(), next.task, next.delay));
      }
      next = first();
    }
    now = end;
  }

  private @Nullable Task first() {
    return tasks.stream().min(Comparator.comparingLong(Task::at)).orElse(null);
  }
}
