package dev.longshore.operator.source.folder;

import dev.longshore.operator.source.folder.FolderFiles.Stamp;
import dev.longshore.operator.source.folder.ReadingOrder.Changed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The files that have changed and are not read yet, and which of them are to be read when: those
 * that were saved together are taken together, as far as one batch of {@link ReadingOrder} goes.
 * Not thread-safe.
 */
final class PendingFiles {
  /** How long after the first event quiet files are read though others aren't quiet. */
  static final Duration IMPATIENT = Duration.ofMillis(50);

  private final FolderFiles files;
  private final FolderState state;
  private final Map<String, PendingFile> pending = new HashMap<>();
  private final ReadingOrder order = new ReadingOrder();

  /** Whether files are due that the last batch had no room for. */
  private boolean more;

  /**
   * None yet.
   *
   * @param state what was read last of each file
   */
  PendingFiles(FolderFiles files, FolderState state) {
    this.files = files;
    this.state = state;
  }

  /** Something happened to a file. */
  void touch(String file) {
    long now = System.nanoTime();
    pending.computeIfAbsent(file, f -> new PendingFile(now)).touch(now);
  }

  /** A file isn't as it was read; quiet already, unless others may be saved with it just now. */
  void add(String file, boolean justNow) {
    long now = System.nanoTime();
    pending.computeIfAbsent(
        file, f -> new PendingFile(justNow ? now : now - PendingFile.QUIET.toNanos()));
  }

  @Nullable PendingFile get(String file) {
    return pending.get(file);
  }

  void remove(String file) {
    pending.remove(file);
  }

  void clear() {
    pending.clear();
  }

  /** When there is something to be done, unless something happens before; at the latest then. */
  long dueBefore(long latest, long now) {
    if (more) {
      return now;
    }
    long until = latest;
    for (Map.Entry<String, PendingFile> file : pending.entrySet()) {
      PendingFile pends = file.getValue();
      // A quiet file waits for those that were saved with it, but not for long.
      long at =
          pends.due(now)
              ? Math.max(pends.since() + IMPATIENT.toNanos(), readableAt(file.getKey(), pends))
              : pends.dueAt();
      until = Math.min(until, at);
    }
    return until;
  }

  /** The files whose time has come, as far as one batch goes. */
  List<Changed> batch(long now) {
    boolean allQuiet = pending.values().stream().allMatch(p -> p.isHalfWritten() || p.due(now));
    List<Changed> due = new ArrayList<>();
    for (Map.Entry<String, PendingFile> file : pending.entrySet()) {
      PendingFile p = file.getValue();
      if (p.due(now)
          && readableAt(file.getKey(), p) - now <= 0
          && (allQuiet || now - p.since() >= IMPATIENT.toNanos())) {
        due.add(changed(file.getKey(), p));
      }
    }
    List<Changed> batch = ReadingOrder.batch(due, now);
    more = batch.size() < due.size();
    return batch;
  }

  private Changed changed(String file, PendingFile p) {
    Stamp stamp = files.stamp(file);
    return new Changed(
        file, stamp == null ? 0 : stamp.size(), state.files().contains(file), p.since());
  }

  /** Whose namespace has had its share waits; what looks half-written has its own time. */
  private long readableAt(String file, PendingFile p) {
    return p.isHalfWritten()
        ? p.since()
        : order.readableAt(state.content(file).payers(), p.since());
  }

  /** A file was read: those whose it was and is pay for it. */
  void pay(FileContent before, @Nullable FileContent now, long size, long nanoTime) {
    Set<String> payers = new HashSet<>(before.payers());
    if (now != null) {
      payers.addAll(now.payers());
    }
    payers.forEach(payer -> order.took(payer, size, nanoTime));
  }
}
