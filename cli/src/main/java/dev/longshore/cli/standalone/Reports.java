package dev.longshore.cli.standalone;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.operator.source.folder.FolderReading;
import dev.longshore.operator.translate.Translation;
import dev.longshore.process.watch.Part;
import dev.longshore.process.watch.Worker;
import dev.longshore.process.watch.Worker.Next;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells a reporter on a thread of its own, so that nobody's change waits until another's is told:
 * what there is to say of a large resource takes as long as reading it does, and whoever reads the
 * output may not. When changes come faster than they are told, only the last is, and large ones are
 * told seldom. The first is told before anything is served.
 */
public final class Reports implements Standalone.Reporter {
  private static final Duration FAREWELL = Duration.ofSeconds(1);

  /** One report's time in so many is spent on telling. */
  private static final int SHARE = 10;

  /** The longest pause between two. */
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final Standalone.Reporter to;
  private final Part part;
  private @Nullable Worker<News> worker;

  /** Under the worker's lock, as what follows. */
  private @Nullable Applied applied;

  private @Nullable Judged judged;
  private long notBefore = System.nanoTime();

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
  public Reports(Standalone.Reporter to, Part part) {
    this.to = to;
    this.part = part;
  }

  @Override
  public void applied(RoutingSnapshot snapshot, List<String> errors, Duration took) {
    Applied news = new Applied(snapshot, errors, took);
    Worker<News> running = worker;
    if (running == null) {
      news.tell(to);
    } else {
      running.leave(() -> applied = news);
    }
  }

  @Override
  public void judged(FolderReading reading, Translation translation) {
    Judged news = new Judged(reading, translation);
    Worker<News> running = worker;
    if (running != null) {
      running.leave(() -> judged = news);
      return;
    }
    news.tell(to);
    worker =
        new Worker<>(
            Thread.ofPlatform().name("reports").daemon().factory(),
            this::next,
            this::tell,
            "a change could not be told",
            part);
  }

  private void tell(News news) {
    long begin = System.nanoTime();
    try {
      if (news.applied != null) {
        news.applied.tell(to);
      }
      if (news.judged != null) {
        news.judged.tell(to);
      }
    } finally {
      long end = System.nanoTime();
      notBefore = end + Math.min(PAUSE_NANOS, SHARE * (end - begin));
    }
  }

  /** What there is to tell once a pause is over; all of it before the end. */
  private Next<News> next(long now, boolean ending) {
    if (applied == null && judged == null) {
      return ending ? new Next.End<>() : new Next.Rest<>();
    } else if (!ending && notBefore - now > 0) {
      return new Next.Until<>(notBefore);
    }
    News news = new News(applied, judged);
    applied = null;
    judged = null;
    return new Next.Do<>(news);
  }

  /** Waits a little until the last is told. */
  @Override
  public void close() {
    part.over();
    Worker<News> running = worker;
    if (running != null) {
      running.end();
      running.join(FAREWELL);
    }
    to.close();
  }
}
