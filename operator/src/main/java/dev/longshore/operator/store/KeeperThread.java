package dev.longshore.operator.store;

import dev.longshore.process.watch.Part;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of whoever looks after something of the cluster, now and then and whenever it is
 * asked. What an attempt throws is a fault of its {@link Part}, and ends no later one. Thread-safe;
 * nothing here waits.
 */
public final class KeeperThread implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(KeeperThread.class);

  private final Runnable attempt;
  private final AtomicBoolean due = new AtomicBoolean();
  private final ScheduledExecutorService executor;
  private volatile Part part;

  /**
   * Attempts nothing yet.
   *
   * @param name of the thread, and of its part until it is {@linkplain #watch watched}
   * @param attempt to look after it; on the thread
   */
  public KeeperThread(String name, Runnable attempt) {
    this.attempt = attempt;
    this.part = Part.unwatched(name);
    this.executor =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name(name).daemon().factory());
  }

  /** From now on that is its part. */
  public void watch(Part watched) {
    part = watched;
  }

  /** What hears of faults. */
  public Part part() {
    return part;
  }

  /** One attempt after {@code first}, and others {@code pause} behind each. Once. */
  public void every(Duration first, Duration pause) {
    executor.scheduleWithFixedDelay(
        this::run, first.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** One more attempt after a while, whatever else is due. */
  public void after(Duration delay) {
    later(delay, this::run);
  }

  /** An attempt after a while, unless one that was asked for so is still due. */
  public void soon(Duration delay) {
    if (due.compareAndSet(false, true)) {
      later(
          delay,
          () -> {
            due.set(false);
            run();
          });
    }
  }

  private void run() {
    try {
      attempt.run();
    } catch (RuntimeException | Error e) {
      part.fault("what is due can't be done", e);
    }
  }

  private void later(Duration delay, Runnable task) {
    try {
      executor.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("too late, the keeper is closed");
    }
  }

  /** Ends the thread, whatever it is at. */
  @Override
  public void close() {
    executor.shutdownNow();
  }
}
