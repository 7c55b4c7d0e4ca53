package dev.longshore.operator.source.folder;

import dev.longshore.operator.source.folder.FolderFiles.Stamp;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file with events whose content is not taken yet; times as of System.nanoTime.
 *
 * <p>Every event lets it be read once it is quiet, so that what mends a mistake is taken at once. A
 * content that looks half-written is taken only when nothing happened to the file for {@link
 * #SETTLE}.
 */
final class PendingFile {
  /** How long files must be quiet before they are read. */
  static final Duration QUIET = Duration.ofMillis(4);

  /** How long a file that looks half-written must be quiet. */
  static final Duration SETTLE = Duration.ofMillis(500);

  /** After what time a file that is never quiet is read all the same, if it looks whole. */
  static final Duration RESTLESS = Duration.ofSeconds(2);

  private long first;
  private long last;
  private boolean halfWritten;
  private @Nullable Stamp seen;

  PendingFile(long now) {
    this.first = now;
    this.last = now;
  }

  /** Since when it waits. */
  long since() {
    return first;
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

  boolean isHalfWritten() {
    return halfWritten;
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
