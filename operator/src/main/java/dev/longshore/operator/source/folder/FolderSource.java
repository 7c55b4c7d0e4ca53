package dev.longshore.operator.source.folder;

import dev.longshore.operator.source.Holdings;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.folder.FolderFiles.Found;
import dev.longshore.operator.source.folder.FolderFiles.Stamp;
import dev.longshore.operator.source.folder.FolderFiles.UnreadableException;
import dev.longshore.operator.source.folder.ReadingOrder.Changed;
import dev.longshore.process.watch.Part;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the manifests of a folder and follows it as files are saved.
 *
 * <p>One of three things tells of a change: an event of a file, which is read once it has been
 * quiet for {@link PendingFile#QUIET}; an event of something else (a directory, the {@code ..data}
 * link of a ConfigMap volume, an overflow), which lets the folder be walked; or the walk that
 * happens every {@link #RESCAN} anyway, for what has no events, such as files behind links and
 * network file systems. A file that looks as if somebody were still writing it (it can't be read,
 * or lost a resource) must be quiet for {@link PendingFile#SETTLE}. Which files go first when there
 * are many, {@link ReadingOrder} says.
 *
 * <p>When the folder itself is gone, everything stays as it was last read.
 */
public final class FolderSource implements AutoCloseable {
  /** Time between two walks of the folder; longer where a walk takes long. */
  static final Duration RESCAN = Duration.ofSeconds(2);

  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

  private static final Logger log = LoggerFactory.getLogger(FolderSource.class);

  private final Path root;
  private final FolderFiles files;
  private final Clock clock;
  private final FolderState state;
  private final Map<String, Stamp> stamps = new HashMap<>();
  private final PendingFiles pending;
  private @Nullable FolderEvents events;
  private @Nullable Thread thread;
  private volatile @Nullable Part part;
  private long rescanAt;

  /**
   * Prepares to read whole resources; nothing is read yet.
   *
   * @param root a folder, or one manifest file
   */
  public FolderSource(Path root) {
    this(root, Clock.systemUTC(), Holdings.ofHeap());
  }

  /**
   * Prepares to read what anybody reads, as a cluster's source does: a view has nothing else, and
   * what else the files say is only checked.
   *
   * @param root a folder, or one manifest file
   * @param annotations which of them anybody reads, by their keys
   */
  public FolderSource(Path root, Predicate<String> annotations) {
    this(
        root,
        Clock.systemUTC(),
        new FolderState(
            Holdings.ofHeap(),
            resource -> ResourceRef.of(resource).kind().trim(resource, annotations)));
  }

  FolderSource(Path root, Clock clock, Holdings holdings) {
    this(root, clock, new FolderState(holdings, UnaryOperator.identity()));
  }

  private FolderSource(Path root, Clock clock, FolderState state) {
    this.state = state;
    this.root = root;
    this.files = new FolderFiles(root);
    this.pending = new PendingFiles(files, state);
    this.clock = clock;
  }

  /**
   * Reads everything once.
   *
   * @throws IOException if the folder is not there or may not be read
   */
  public synchronized FolderReading read() throws IOException {
    Found found = files.walk();
    for (Map.Entry<String, Stamp> file : found.files().entrySet()) {
      stamps.put(file.getKey(), file.getValue());
      state.update(file.getKey(), load(file.getKey()));
    }
    if (events != null) {
      events.register(found.directories());
    }
    return state.reading();
  }

  /**
   * Reads everything and then follows the folder on a thread of its own until {@link #close()}.
   *
   * @param changes is told of each reading after the first, on that thread
   * @return the first reading
   * @throws IOException if the folder is not there, may not be read or can't be watched
   */
  public synchronized FolderReading follow(Consumer<FolderReading> changes) throws IOException {
    events = new FolderEvents(root);
    FolderReading first = read();
    rescanAt = System.nanoTime() + RESCAN.toNanos();
    FolderEvents followed = events;
    Thread started =
        Thread.ofPlatform().name("manifests").daemon().start(() -> run(followed, changes));
    thread = started;
    if (part != null) {
      part.runsOn(started);
    }
    return first;
  }

  /** Where things stand as of now; for one report, and one thread. */
  public Whereabouts whereabouts() {
    return new Whereabouts(this::holder);
  }

  /** Only this is under the lock: whoever looks for a place in a file doesn't hold up the files. */
  private synchronized @Nullable FileContent holder(ResourceRef ref) {
    return state.holder(ref);
  }

  /** Stops following. */
  @Override
  public void close() {
    Thread running;
    synchronized (this) {
      running = thread;
      thread = null;
      if (part != null) {
        part.over();
      }
      if (events != null) {
        events.close();
      }
    }
    if (running != null && running != Thread.currentThread()) {
      try {
        running.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Has it told if the folder isn't followed any more; before {@link #follow}. */
  public synchronized void watch(Part watched) {
    part = watched;
  }

  private void run(FolderEvents followed, Consumer<FolderReading> changes) {
    while (true) {
      try {
        WatchKey key = followed.await(waitNanos());
        FolderReading reading;
        synchronized (this) {
          if (thread == null) {
            return;
          }
          boolean walk = key != null && followed.collect(key, pending::touch);
          long now = System.nanoTime();
          boolean changed = (walk || now >= rescanAt) && rescan(walk);
          changed |= readDue(System.nanoTime());
          reading = changed ? state.reading() : null;
        }
        if (reading != null) {
          changes.accept(reading);
        }
      } catch (ClosedWatchServiceException e) {
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (RuntimeException | Error e) {
        // Nothing here may end the following of the folder: what is served stays, the walk retries.
        failed(e);
        if (!pause()) {
          return;
        }
      }
    }
  }

  private void failed(Throwable cause) {
    Part watched = part;
    if (watched == null) {
      log.error("following {} failed; it is walked again", root, cause);
    } else {
      watched.fault("following " + root + " failed; it is walked again", cause);
    }
  }

  /** So that a failure that stays doesn't fill the log. False when there is nothing to wait for. */
  private static boolean pause() {
    try {
      Thread.sleep(AFTER_FAILURE);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private synchronized long waitNanos() {
    long now = System.nanoTime();
    return Math.max(0, pending.dueBefore(rescanAt, now) - now);
  }

  /** Compares the folder with what was read; files that differ become pending. */
  private boolean rescan(boolean now) {
    long begin = System.nanoTime();
    boolean news;
    try {
      Found found = files.walk();
      if (events != null) {
        events.register(found.directories());
      }
      news = state.folderProblem(null);
      stamps.keySet().removeAll(state.fitting());
      for (Map.Entry<String, Stamp> file : found.files().entrySet()) {
        if (!file.getValue().equals(stamps.get(file.getKey()))) {
          pending.add(file.getKey(), now);
        }
      }
      for (String file : List.copyOf(state.files())) {
        if (!found.files().containsKey(file)) {
          pending.add(file, now);
        }
      }
    } catch (IOException e) {
      if (events != null) {
        events.gone();
      }
      news =
          state.folderProblem(
              new ManifestProblem(
                  ManifestProblem.Severity.ERROR,
                  root.toString(),
                  0,
                  0,
                  null,
                  "",
                  "the folder can't be read; what it held before is still served"));
      pending.clear();
    }
    long took = System.nanoTime() - begin;
    rescanAt = System.nanoTime() + Math.max(RESCAN.toNanos(), 50 * took);
    return news;
  }

  /**
   * Reads files whose time has come. Files that were saved together are taken together, as far as
   * one batch goes.
   */
  private boolean readDue(long now) {
    boolean changed = false;
    for (Changed next : pending.batch(now)) {
      String file = next.name();
      PendingFile p = pending.get(file);
      if (p == null) {
        continue;
      }
      Stamp stamp = files.stamp(file);
      FileContent before = state.content(file);
      FileContent content = load(file);
      pending.pay(before, content, next.size(), now);
      boolean vanished = content == null && state.files().contains(file);
      boolean doubtful = vanished || (content != null && content.looksHalfWritten(before));
      // The stamp of afterwards: a file that was emptied while it was read must not pass for
      // settled.
      if (doubtful && !p.settled(files.stamp(file), now)) {
        p.touch(now);
        p.halfWritten(stamp);
        continue;
      }
      pending.remove(file);
      if (stamp == null) {
        stamps.remove(file);
      } else {
        stamps.put(file, stamp);
      }
      changed |= state.update(file, content);
    }
    return changed;
  }

  /** What a file holds now; null when it is gone. */
  private @Nullable FileContent load(String file) {
    FileContent before = state.content(file);
    try {
      String text = files.text(file);
      return text == null ? null : before.with(text, clock.instant());
    } catch (UnreadableException e) {
      return before.unreadable(String.valueOf(e.getMessage()), clock.instant());
    }
  }
}
