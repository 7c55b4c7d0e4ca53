package dev.longshore.operator.push;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotDelta.Versions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * The recent publications, each as the data planes of every kind have it, so that a delta can be
 * made from what one serves. One whose rules were closed since is there twice, with one sequence.
 * Snapshots share what is equal, so many cost little more than one. For one thread.
 */
final class History {
  private final int max;
  private final Deque<Entry> entries = new ArrayDeque<>();

  /** The last of equal versions wins: A, B, A is at A. */
  private final Map<Versions, Known> known = new HashMap<>();

  private record Known(Entry entry, RoutingSnapshot snapshot) {}

  private record Own(RoutingSnapshot snapshot, CompatibleSnapshot tailored) {}

  /** A publication and its variants for data planes that lack features. */
  private static final class Entry {
    final Publication publication;
    final Map<SortedSet<String>, CompatibleSnapshot> variants = new HashMap<>();

    /** By data plane that is served without what it alone refuses. */
    final Map<String, Own> own = new HashMap<>();

    Entry(Publication publication) {
      this.publication = publication;
    }
  }

  History(int max) {
    this.max = max;
  }

  /** Adds the newest; forgets the oldest beyond the bound. */
  void add(Publication publication) {
    Entry newest = new Entry(publication);
    entries.addLast(newest);
    remember(newest, publication.snapshot());
    while (entries.size() > max) {
      Entry oldest = entries.removeFirst();
      known.values().removeIf(one -> one.entry == oldest);
    }
  }

  /** The newest; null when nothing was published. */
  @Nullable Publication newest() {
    Entry last = entries.peekLast();
    return last == null ? null : last.publication;
  }

  /** The newest as it is for data planes that lack these features; only if there is one. */
  CompatibleSnapshot newestWithout(SortedSet<String> missing) {
    Entry last = entries.getLast();
    return last.variants.computeIfAbsent(
        missing,
        features -> {
          CompatibleSnapshot tailored =
              CompatibleSnapshot.of(last.publication.snapshot(), features);
          if (tailored.snapshot() != null) {
            remember(last, tailored.snapshot());
          }
          return tailored;
        });
  }

  /**
   * The newest as it is for one data plane that refuses something alone; only if there is one.
   *
   * @param snapshot what it is to have of the newest
   * @param missing features that it lacks
   */
  CompatibleSnapshot newestFor(String node, RoutingSnapshot snapshot, SortedSet<String> missing) {
    Entry last = entries.getLast();
    Own known = last.own.get(node);
    if (known == null || known.snapshot != snapshot) {
      known = new Own(snapshot, CompatibleSnapshot.of(snapshot, missing));
      last.own.put(node, known);
      if (known.tailored.snapshot() != null) {
        remember(last, known.tailored.snapshot());
      }
    }
    return known.tailored;
  }

  /** The snapshot of these versions; null: not known, or not any more. */
  @Nullable RoutingSnapshot snapshot(@Nullable Versions versions) {
    Known found = known.get(versions);
    return found == null ? null : found.snapshot;
  }

  /** The newest publication of these versions; 0: not known, or not any more. */
  long sequence(@Nullable Versions versions) {
    Known found = known.get(versions);
    return found == null ? 0 : found.entry.publication.sequence();
  }

  private void remember(Entry entry, RoutingSnapshot snapshot) {
    known.put(Versions.of(snapshot), new Known(entry, snapshot));
  }
}
