package dev.longshore.process.watch;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something that has to go on for as long as the process does, such as the publisher or the
 * deadlines of all event loops. How it is watched depends on what it is:
 *
 * <ul>
 *   <li>a {@linkplain #runsOn thread}, which must not end;
 *   <li>{@linkplain #begin pieces of work}, none of which may take longer than it is given;
 *   <li>a {@linkplain #beats loop}, which must get round to what it is asked.
 * </ul>
 *
 * <p>Nothing of that costs anything per message. Thread-safe.
 */
public final class Part {
  private static final Logger LOG = LoggerFactory.getLogger(Part.class);
  private static final long COMPLAINT_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** What {@link #since} says while nothing is under way. */
  private static final long IDLE = Long.MIN_VALUE;

  private final String name;
  private final LongSupplier clock;
  private final Runnable onOutOfMemory;
  private final LongAdder faults = new LongAdder();
  private final LongAdder untold = new LongAdder();
  private final AtomicLong complainAt;
  private final List<Beat> beats = new CopyOnWriteArrayList<>();
  private volatile @Nullable Thread thread;
  private volatile @Nullable String dead;
  private volatile long since = IDLE;
  private volatile long patienceNanos = Watch.STUCK.toNanos();

  Part(String name, LongSupplier clock, Runnable onOutOfMemory) {
    this.name = name;
    this.clock = clock;
    this.onOutOfMemory = onOutOfMemory;
    this.complainAt = new AtomicLong(clock.getAsLong());
  }

  /**
   * A part of no watch, which says what fails in the log and nowhere else: what something is until
   * it is told of a watch.
   */
  public static Part unwatched(String name) {
    return new Part(name, System::nanoTime, () -> {});
  }

  /** What metrics and liveness call it. */
  public String name() {
    return name;
  }

  /** From now on the end of this thread is the end of this part; unless it is {@link #over}. */
  public void runsOn(Thread worker) {
    thread = worker;
  }

  /**
   * It has ended and should not have, and that is known otherwise than by its thread: such as a
   * watch of the API server that isn't kept any more.
   *
   * @param why in a few words
   */
  public void died(String why, @Nullable Throwable cause) {
    dead = why;
    fault(why, cause == null ? new IllegalStateException(why) : cause);
  }

  /** A piece of work begins, which takes {@link Watch#STUCK} at most. */
  public void begin() {
    begin(Watch.STUCK);
  }

  /**
   * A piece of work begins.
   *
   * @param patience after which it counts as stuck; {@link Watch#patience} for what grows with the
   *     configuration
   */
  public void begin(Duration patience) {
    patienceNanos = patience.toNanos();
    since = notIdle(clock.getAsLong());
  }

  /** The piece of work has come further, and has all its time again. */
  public void progress() {
    if (since != IDLE) {
      since = notIdle(clock.getAsLong());
    }
  }

  /** It is done, or failed. */
  public void end() {
    since = IDLE;
  }

  /**
   * Asks a loop about once a second to run a small task; one that it doesn't get round to within
   * {@link Watch#STUCK} means that it is stuck. May be called for several loops.
   */
  public void beats(Executor loop) {
    beats.add(new Beat(loop));
  }

  /** It has ended as it should: nothing is wrong with it any more. */
  public void over() {
    thread = null;
    dead = null;
    since = IDLE;
    beats.clear();
  }

  /**
   * Something failed that was caught, and the part goes on. Counted; in the log with its stack, at
   * most every 10 s. Never throws.
   *
   * @param what failed, in words
   */
  public void fault(String what, Throwable cause) {
    try {
      faults.increment();
      if (Watch.isHeapExhausted(cause)) {
        onOutOfMemory.run();
      }
      long now = clock.getAsLong();
      long next = complainAt.get();
      if (now - next >= 0 && complainAt.compareAndSet(next, now + COMPLAINT_NANOS)) {
        long silent = untold.sumThenReset();
        LOG.error("{}: {}{}", name, what, silent == 0 ? "" : "; and " + silent + " more", cause);
      } else {
        untold.increment();
      }
    } catch (OutOfMemoryError e) {
      onOutOfMemory.run();
    }
  }

  /**
   * A task that never throws: what it throws is a {@linkplain #fault fault}. For who runs it again
   * and again, which executors do only until the first exception, in silence.
   */
  public Runnable guarded(String what, Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        fault(what, e);
      }
    };
  }

  /** How often something failed that was caught. */
  long faults() {
    return faults.sum();
  }

  /** Asks the loops; on the watch's thread. */
  void ask() {
    for (Beat beat : beats) {
      beat.ask();
    }
  }

  /** What is wrong with it now; null: nothing. */
  @Nullable String trouble() {
    Thread worker = thread;
    if (worker != null && worker.getState() == Thread.State.TERMINATED) {
      return name + ": its thread is dead";
    }
    String end = dead;
    if (end != null) {
      return name + ": " + end;
    }
    long now = clock.getAsLong();
    long began = since;
    if (began != IDLE && now - began > patienceNanos) {
      return name + ": stuck for " + seconds(now - began) + " at one piece of work";
    }
    for (int i = 0; i < beats.size(); i++) {
      long late = beats.get(i).late(now);
      if (late > Watch.STUCK.toNanos()) {
        return name + ": no answer of loop " + i + " for " + seconds(late);
      }
    }
    return null;
  }

  private static String seconds(long nanos) {
    return TimeUnit.NANOSECONDS.toSeconds(nanos) + " s";
  }

  private static long notIdle(long nanos) {
    return nanos == IDLE ? nanos + 1 : nanos;
  }

  /** One question at a time to one loop. */
  private final class Beat {
    private final Executor loop;
    private volatile long asked = IDLE;

    Beat(Executor loop) {
      this.loop = loop;
    }

    void ask() {
      if (asked != IDLE) {
        return;
      }
      asked = notIdle(clock.getAsLong());
      try {
        loop.execute(() -> asked = IDLE);
      } catch (RuntimeException | Error e) {
        // It takes nothing any more: as good as no answer, and the question stays open.
        LOG.debug("{}: a loop refuses to be asked", name, e);
      }
    }

    long late(long now) {
      long open = asked;
      return open == IDLE ? 0 : now - open;
    }
  }
}
