package dev.longshore.process.watch;

import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A thread that does what others leave it, one piece at a time, by a rule of what is next and when:
 * only the latest, a few a second, no more often than costs it a share of its time.
 *
 * <p>What fails is a fault of its {@link Part}, and the next piece is done all the same. An
 * interrupt ends the thread, which the part then tells. Thread-safe.
 *
 * @param <T> a piece of work
 */
public final class Worker<T> {
  private final Rule<T> rule;
  private final Consumer<? super T> work;
  private final String fault;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile Part part;
  private boolean ending;

  /** What was left, and what is next of it. */
  @FunctionalInterface
  public interface Rule<T> {
    /**
     * What the worker does now; under its lock, on its thread.
     *
     * @param now as {@link System#nanoTime()}
     * @param ending whether nobody waits for more than what has to be done before the end
     */
    Next<T> next(long now, boolean ending);
  }

  /** What a worker does next. */
  public sealed interface Next<T> {
    /** This. */
    record Do<T>(T piece) implements Next<T> {}

    /** Nothing before that time, as of {@link System#nanoTime()}, unless something is left. */
    record Until<T>(long nanos) implements Next<T> {}

    /** Nothing before something is left. */
    record Rest<T>() implements Next<T> {}

    /** Nothing ever. */
    record End<T>() implements Next<T> {}
  }

  /**
   * Starts the thread.
   *
   * @param threads makes it
   * @param rule asked whenever a piece is done, something is left, or its time has come
   * @param work does a piece, on the thread
   * @param fault what it means when that throws, in words
   * @param part of the watch: knows when the thread is dead, and hears of what it throws
   */
  public Worker(
      ThreadFactory threads, Rule<T> rule, Consumer<? super T> work, String fault, Part part) {
    this.rule = rule;
    this.work = work;
    this.fault = fault;
    this.part = part;
    this.thread = threads.newThread(this::run);
    thread.start();
    part.runsOn(thread);
  }

  /** From now on that is its part. */
  public void watch(Part watched) {
    part = watched;
    watched.runsOn(thread);
  }

  /**
   * Changes what there is to do.
   *
   * @param change of what the rule looks at; under the worker's lock, on the caller's thread
   */
  public void leave(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Has it end once its rule says so; it should from now on. Returns at once. */
  public void end() {
    part.over();
    leave(() -> ending = true);
  }

  /** Cuts short what it does, and ends it. */
  public void interrupt() {
    thread.interrupt();
  }

  /** Waits for its end; not on its own thread, nor when interrupted. */
  public void join() {
    join(Duration.ofMillis(Long.MAX_VALUE));
  }

  /** Waits for its end for a while; not on its own thread, nor when interrupted. */
  public void join(Duration longest) {
    if (Thread.currentThread() == thread) {
      return;
    }
    try {
      thread.join(longest);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    for (T piece = await(); piece != null; piece = await()) {
      try {
        work.accept(piece);
      } catch (RuntimeException | Error e) {
        part.fault(fault, e);
      }
    }
  }

  /** Null: it ends. */
  private @Nullable T await() {
    lock.lock();
    try {
      while (true) {
        long now = System.nanoTime();
        switch (rule.next(now, ending)) {
          case Next.Do<T>(T piece) -> {
            return piece;
          }
          case Next.Until<T>(long nanos) -> {
            var unused = changed.awaitNanos(nanos - now);
          }
          case Next.Rest<T>() -> changed.await();
          case Next.End<T>() -> {
            return null;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } finally {
      lock.unlock();
    }
  }
}
