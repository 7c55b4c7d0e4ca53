package dev.longshore.operator.source.folder;

import dev.longshore.contract.HardLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which files are read next when many have changed, or large ones over and over, so that nobody's
 * file waits for those of another namespace: issue 9.
 *
 * <p>Files are read in batches of {@link #BATCH}, and what a batch says is passed on before the
 * next is read; ordinary saves are one batch. A file is due the later the larger it is, and one
 * that was never read later still: what is served already goes first, small files go before large
 * ones, and none is put off for ever. What is read of a namespace beyond {@link #BURST}, its next
 * files wait for, as at {@link #RATE}, and {@link #LONGEST} at most.
 *
 * <p>For one thread; times are by {@link System#nanoTime()}.
 */
final class ReadingOrder {
  /** Characters that are read without a break; about a tenth of a second's work. */
  static final long BATCH = 256L << 10;

  /** Characters of a namespace that are read at once after a quiet time. */
  static final long BURST = 1L << 20;

  /** Characters of a namespace in a second, while it goes on. */
  static final long RATE = HardLimits.FILE_CHARS_PER_SECOND_OF_NAMESPACE;

  /** How long a file is put off at most. */
  static final Duration LONGEST = Duration.ofSeconds(2);

  /** How much later a file is due that was never read. */
  static final Duration NEW = Duration.ofSeconds(1);

  /** By namespace, the time at which all that was read of it is paid for. */
  private final Map<String, Long> paid = new HashMap<>();

  /**
   * A file that has changed.
   *
   * @param name its path
   * @param size characters, about
   * @param known whether it was read before
   * @param since when it changed
   */
  record Changed(String name, long size, boolean known, long since) {
    long dueNanos() {
      return since + Math.min(LONGEST.toNanos(), nanos(size)) + (known ? 0 : NEW.toNanos());
    }
  }

  private static long nanos(long size) {
    return (long) (size * (1e9 / RATE));
  }

  /**
   * The files of the next batch, in their order; no file if there is none. When there are more than
   * one batch holds, none that is new is read with one that isn't.
   */
  static List<Changed> batch(List<Changed> all, long now) {
    List<Changed> inOrder = new ArrayList<>(all);
    inOrder.sort(
        Comparator.<Changed>comparingLong(file -> file.dueNanos() - now)
            .thenComparing(Changed::name));
    boolean fits = all.stream().mapToLong(Changed::size).sum() <= BATCH;
    List<Changed> batch = new ArrayList<>();
    long size = 0;
    for (Changed file : inOrder) {
      size += file.size();
      if (!batch.isEmpty() && !fits && (size > BATCH || file.known() != batch.getFirst().known())) {
        break;
      }
      batch.add(file);
    }
    return batch;
  }

  /**
   * From when on a changed file may be read.
   *
   * @param payers the namespaces of what it said when it was last read
   * @param since when it changed
   */
  long readableAt(Set<String> payers, long since) {
    long at = since;
    for (String payer : payers) {
      Long until = paid.get(payer);
      if (until != null && until - nanos(BURST) - at > 0) {
        at = until - nanos(BURST);
      }
    }
    long latest = since + LONGEST.toNanos();
    return at - latest > 0 ? latest : at;
  }

  /** So many characters were read of a namespace. */
  void took(String payer, long size, long now) {
    paid.values().removeIf(until -> until - now <= 0);
    paid.merge(payer, now + nanos(size), (until, none) -> until + nanos(size));
  }
}
