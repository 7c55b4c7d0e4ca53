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
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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
 * quiet for {@link #QUIET}; an event of something else (a directory, the {@code ..data} link of a
 * ConfigMap volume, an overflow), which lets the folder be walked; or the walk that happens every
 * {@link #RESCAN} anyway, for what has no events, such as files behind links and network file
 * systems. A file that looks as if somebody were still writing it (it can't be read, or lost a
 * resource) must be quiet for {@link #SETTLE}. Which files go first when there are many, {@link
 * ReadingOrder} says.
 *
 * <p>When the folder itself is gone, everything stays as it was last read.
 */
public final class FolderSource implements AutoCloseable {
  /** How long files must be quiet before they are read. */
  static final Duration QUIET = Duration.ofMillis(4);

  /** How long after the first event quiet files are read though others aren't quiet. */
  static final Duration IMPATIENT = Duration.ofMillis(50);

  /** How long a file that looks half-written must be quiet. */
  static final Duration SETTLE = Duration.ofMillis(500);

  /** After what time a file that is never quiet is read all the same, if it looks whole. */
  static final Duration RESTLESS = Duration.ofSeconds(2);

  /** Time between two walks of the folder; longer where a walk takes long. */
  static final Duration RESCAN = Duration.ofSeconds(2);

  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

  private static final Logger log = LoggerFactory.getLogger(FolderSource.class);

  private final Path root;
  private final FolderFiles files;
  private final Clock clock;
  private final FolderState state;
  private final Map<String, Stamp> stamps = new HashMap<>();
  private final Map<String, Pending> pending = new HashMap<>();
  private final ReadingOrder order = new ReadingOrder();
  private final Map<Path, WatchKey> watched = new HashMap<>();
  private @Nullable WatchService watcher;
  private @Nullable Thread thread;
  private volatile @Nullable Part part;
  private long rescanAt;

  /** Whether files are due that the last batch had no room for. */
  private boolean more;

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
    this.clock = clock;
  }

  /**
   * A file with events whose content is not taken yet; times as of System.nanoTime.
   *
   * <p>Every event lets it be read once it is quiet, so that what mends a mistake is taken at once.
   * A content that looks half-written is taken only when nothing happened to the file for {@link
   * #SETTLE}.
   */
  private static final class Pending {
    long first;
    long last;
    boolean halfWritten;
    private @Nullable Stamp seen;

    Pending(long now) {
      this.first = now;
      this.last = now;
    }

    /** Something happened to the file. */
    void touch(long now) {
      first = halfWritten ? now : first;
      last = now;
      halfWritten = false;
    }

    /** It was read, and looks as if somebody were still writing it. */
    void halfWritten(@Nullable Stamp stamp) {
      halfWritten = true;
      seen = stamp;
    }

    /** Whether a content that looks half-written has been the same for long enough. */
    boolean settled(@Nullable Stamp stamp, long now) {
      return halfWritten && Objects.equals(seen, stamp) && now - last >= SETTLE.toNanos();
    }

    boolean due(long now) {
      return dueAt() - now <= 0;
    }

    long dueAt() {
      return halfWritten
          ? last + SETTLE.toNanos()
          : Math.min(last + QUIET.toNanos(), first + RESTLESS.toNanos());
    }
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
    if (watcher != null) {
      register(found.directories());
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
    watcher = FileSystems.getDefault().newWatchService();
    FolderReading first = read();
    rescanAt = System.nanoTime() + RESCAN.toNanos();
    Thread started = Thread.ofPlatform().name("manifests").daemon().start(() -> run(changes));
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
      if (watcher != null) {
        try {
          watcher.close();
        } catch (IOException e) {
          log.debug("closing the watch of {}", root, e);
        }
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

  private void run(Consumer<FolderReading> changes) {
    WatchService events = watcher;
    while (events != null) {
      try {
        WatchKey key = events.poll(waitNanos(), TimeUnit.NANOSECONDS);
        FolderReading reading;
        synchronized (this) {
          if (thread == null) {
            return;
          }
          boolean walk = key != null && collect(events, key);
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
    if (more) {
      return 0;
    }
    long now = System.nanoTime();
    long until = rescanAt;
    for (Map.Entry<String, Pending> file : pending.entrySet()) {
      Pending pends = file.getValue();
      // A quiet file waits for those that were saved with it, but not for long.
      long at =
          pends.due(now)
              ? Math.max(pends.first + IMPATIENT.toNanos(), readableAt(file.getKey(), pends))
              : pends.dueAt();
      until = Math.min(until, at);
    }
    return Math.max(0, until - now);
  }

  /** Takes in all events that are there; true when the folder must be walked. */
  private boolean collect(WatchService events, WatchKey first) {
    boolean walk = false;
    for (WatchKey key = first; key != null; key = events.poll()) {
      Path directory = (Path) key.watchable();
      for (WatchEvent<?> event : key.pollEvents()) {
        if (event.kind() == StandardWatchEventKinds.OVERFLOW
            || !(event.context() instanceof Path name)) {
          walk = true;
        } else if (FolderFiles.isManifest(name.toString())) {
          touch(root.relativize(directory.resolve(name)).toString());
        } else {
          walk |= name.toString().equals("..data") || isDirectoryEvent(event, directory, name);
        }
      }
      if (!key.reset()) {
        watched.remove(directory);
        walk = true;
      }
    }
    return walk;
  }

  private static boolean isDirectoryEvent(WatchEvent<?> event, Path directory, Path name) {
    return !FolderFiles.isHidden(name.toString())
        && (event.kind() == StandardWatchEventKinds.ENTRY_DELETE
            || directory.resolve(name).toFile().isDirectory());
  }

  private void touch(String file) {
    long now = System.nanoTime();
    pending.computeIfAbsent(file, f -> new Pending(now)).touch(now);
  }

  /** Compares the folder with what was read; files that differ become pending. */
  private boolean rescan(boolean now) {
    long begin = System.nanoTime();
    boolean news;
    try {
      Found found = files.walk();
      register(found.directories());
      news = state.folderProblem(null);
      stamps.keySet().removeAll(state.fitting());
      for (Map.Entry<String, Stamp> file : found.files().entrySet()) {
        if (!file.getValue().equals(stamps.get(file.getKey()))) {
          pend(file.getKey(), now);
        }
      }
      for (String file : List.copyOf(state.files())) {
        if (!found.files().containsKey(file)) {
          pend(file, now);
        }
      }
    } catch (IOException e) {
      watched.clear();
      news =
          state.folderProblem(
              new Problem(
                  Problem.Severity.ERROR,
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

  private void pend(String file, boolean walked) {
    long now = System.nanoTime();
    pending.computeIfAbsent(file, f -> new Pending(walked ? now : now - QUIET.toNanos()));
  }

  private void register(Set<Path> directories) {
    WatchService events = watcher;
    if (events == null) {
      return;
    }
    watched.keySet().retainAll(directories);
    for (Path directory : directories) {
      WatchKey known = watched.get(directory);
      if (known != null && known.isValid()) {
        continue;
      }
      try {
        watched.put(
            directory,
            directory.register(
                events,
                StandardWatchEventKinds.ENTRY_CREATE,
                StandardWatchEventKinds.ENTRY_MODIFY,
                StandardWatchEventKinds.ENTRY_DELETE));
      } catch (IOException e) {
        log.warn(
            "{} can't be watched ({}): changes in it are seen within seconds, not at once",
            directory,
            e.getMessage());
      }
    }
  }

  /**
   * Reads files whose time has come. Files that were saved together are taken together, as far as
   * one batch goes.
   */
  private boolean readDue(long now) {
    boolean allQuiet = pending.values().stream().allMatch(p -> p.halfWritten || p.due(now));
    List<Changed> due = new ArrayList<>();
    for (Map.Entry<String, Pending> file : pending.entrySet()) {
      Pending p = file.getValue();
      if (p.due(now)
          && readableAt(file.getKey(), p) - now <= 0
          && (allQuiet || now - p.first >= IMPATIENT.toNanos())) {
        due.add(changed(file.getKey(), p));
      }
    }
    List<Changed> batch = ReadingOrder.batch(due, now);
    more = batch.size() < due.size();
    boolean changed = false;
    for (Changed next : batch) {
      String file = next.name();
      Pending p = pending.get(file);
      if (p == null) {
        continue;
      }
      Stamp stamp = files.stamp(file);
      FileContent before = state.content(file);
      FileContent content = load(file);
      pay(before, content, next.size(), now);
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

  private Changed changed(String file, Pending p) {
    Stamp stamp = files.stamp(file);
    return new Changed(
        file, stamp == null ? 0 : stamp.size(), state.files().contains(file), p.first);
  }

  /** Whose namespace has had its share waits; what looks half-written has its own time. */
  private long readableAt(String file, Pending p) {
    return p.halfWritten ? p.first : order.readableAt(state.content(file).payers(), p.first);
  }

  private void pay(FileContent before, @Nullable FileContent now, long size, long nanoTime) {
    Set<String> payers = new HashSet<>(before.payers());
    if (now != null) {
      payers.addAll(now.payers());
    }
    payers.forEach(payer -> order.took(payer, size, nanoTime));
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
