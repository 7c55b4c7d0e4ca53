package dev.longshore.cli;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.operator.source.folder.FolderReading;
import dev.longshore.operator.translate.Translation;
import dev.longshore.process.watch.Part;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Tells a reporter on a thread of its own, so that nobody's change waits until another's is told:
 * what there is to say of a large resource takes as long as reading it does, and whoever reads the
 * output may not. When changes come faster than they are told, only the last is, and large ones are
 * told seldom. The first is told before anything is served.
 */
final class Reports implements Standalone.Reporter {
  private static final Duration FAREWELL = Duration.ofSeconds(1);

  /** One report's time in so many is spent on telling. */
  private static final int SHARE = 10;

  /** The longest pause between two. */
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final Standalone.Reporter to;
  private final Part part;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private @Nullable Applied applied;
  private @Nullable Judged judged;
  private @Nullable Thread thread;
  private boolean closed;

  private record Applied(RoutingSnapshot snapshot, List<String> errors, Duration took) {
    void tell(Standalone.Reporter reporter) {
      reporter.applied(snapshot, errors, took);
    }
  }

  private record Judged(FolderReading reading, Translation translation) {
    void tell(Standalone.Reporter reporter) {
      reporter.judged(reading, translation);
    }
  }

  /** What there is to tell at a time. */
  private record News(@Nullable Applied applied, @Nullable Judged judged) {}

  /**
   * Begins with the first change.
   *
   * @param to is told, of one change at a time
   * @param part of the watch; knows when the thread is dead, but not when nobody reads the output
   */
  Reports(Standalone.Reporter to, Part part) {
    this.to = to;
    this.part = part;
  }

  @Override
  public void applied(RoutingSnapshot snapshot, List<String> errors, Duration took) {
    Applied news = new Applied(snapshot, errors, took);
    if (thread == null) {
      news.tell(to);
    } else {
      leave(news, null);
    }
  }

  @Override
  public void judged(FolderReading reading, Translation translation) {
    Judged news = new Judged(reading, translation);
    if (thread != null) {
      leave(null, news);
      return;
    }
    news.tell(to);
    Thread started = Thread.ofPlatform().name("reports").daemon().start(this::run);
    thread = started;
    part.runsOn(started);
  }

  private void leave(@Nullable Applied newApplied, @Nullable Judged newJudged) {
    lock.lock();
    try {
      applied = newApplied == null ? applied : newApplied;
      judged = newJudged == null ? judged : newJudged;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    long notBefore = System.nanoTime();
    for (News news = next(notBefore); news != null; news = next(notBefore)) {
      long begin = System.nanoTime();
      try {
        if (news.applied != null) {
          news.applied.tell(to);
        }
        if (news.judged != null) {
          news.judged.tell(to);
        }
      } catch (RuntimeException | Error e) {
        part.fault("a change could not be told", e);
      }
      long end = System.nanoTime();
      notBefore = end + Math.min(PAUSE_NANOS, SHARE * (end - begin));
    }
  }

  /** Waits for something to tell, and for the end of a pause; null when closed and all is told. */
  private @Nullable News next(long notBefore) {
    lock.lock();
    try {
      while (true) {
        boolean nothing = applied == null && judged == null;
        long pause = closed ? 0 : notBefore - System.nanoTime();
        if (nothing && closed) {
          return null;
        } else if (nothing) {
          changed.await();
        } else if (pause > 0) {
          changed.awaitNanos(pause);
        } else {
          break;
        }
      }
      News news = new News(applied, judged);
      applied = null;
      judged = null;
      return news;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** Waits a little until the last is told. */
  @Override
  public void close() {
    part.over();
    lock.lock();
    try {
      closed = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
    Thread running = thread;
    if (running != null) {
      try {
        running.join(FAREWELL);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    to.close();
  }
}
