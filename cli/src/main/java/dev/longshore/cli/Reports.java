package dev.longshore.cli;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.operator.source.folder.FolderReading;
import dev.longshore.operator.translate.Translation;
import dev.longshore.process.watch.Part;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Tells a reporter on a thread of its own, so that nobody's change waits until another's is told:
 * what there is to say of a large resource takes as long as reading it does, and whoever reads the
 * output may not. When changes come faster than they are told, only the last is. The first is told
 * before anything is served.
 */
final class Reports implements Standalone.Reporter {
  private static final Duration FAREWELL = Duration.ofSeconds(1);

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
    for (News news = next(); news != null; news = next()) {
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
    }
  }

  /** Waits for something to tell; null when closed and all is told. */
  private @Nullable News next() {
    lock.lock();
    try {
      while (applied == null && judged == null) {
        if (closed) {
          return null;
        }
        changed.await();
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
