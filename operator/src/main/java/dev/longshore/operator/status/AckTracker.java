package dev.longshore.operator.status;

import dev.longshore.contract.Version;
import dev.longshore.operator.source.ResourceRef;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps which generation of which resource every ready data plane has acknowledged.
 *
 * <p>Every published version of the rules is a <em>step</em>. A generation is in the step that was
 * current when it was judged and in all later ones, so a data plane that serves a version of that
 * step or a later one has it. Versions are hashes of content: data planes that read from another
 * replica report the same ones. Endpoints have a version of their own, which doesn't count here:
 * they change too often, and a route isn't less programmed for it. But for those that a manifest
 * lists itself: a change of these begins a step, too, which only the sequence tells.
 *
 * <p>Not thread-safe.
 */
final class AckTracker {
  private static final int REMEMBERED_VERSIONS = 4096;

  private final Map<Version, Long> steps =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Version, Long> eldest) {
          return size() > REMEMBERED_VERSIONS;
        }
      };

  /** Steps by the sequence of the publication that began them. */
  private final TreeMap<Long, Long> sequences = new TreeMap<>();

  private final Map<ResourceRef, Entry> entries = new HashMap<>();
  private final TreeMap<Long, Set<ResourceRef>> pending = new TreeMap<>();
  private DataPlanes dataPlanes = DataPlanes.NONE;
  private long step;
  private @Nullable Version version;

  private static final class Entry {
    final String uid;
    final long generation;
    final long step;
    boolean programmed;

    Entry(String uid, long generation, long step) {
      this.uid = uid;
      this.generation = generation;
      this.step = step;
    }
  }

  /**
   * A publication went out.
   *
   * @param now version of its rules
   * @param fixedEndpoints whether endpoints that a manifest lists are others than before
   */
  void published(long sequence, Version now, boolean fixedEndpoints) {
    if (now.equals(version) && !fixedEndpoints) {
      return;
    }
    step++;
    version = now;
    if (!fixedEndpoints) {
      steps.remove(now);
      steps.put(now, step);
    }
    sequences.put(sequence, step);
    if (sequences.size() > REMEMBERED_VERSIONS) {
      sequences.pollFirstEntry();
    }
  }

  /** What was judged now is of that generation: it is in the current step. */
  void judged(ResourceRef ref, String uid, long generation) {
    Entry known = entries.get(ref);
    if (known != null && known.uid.equals(uid) && known.generation == generation) {
      return;
    }
    remove(ref);
    entries.put(ref, new Entry(uid, generation, step));
    pending.computeIfAbsent(step, added -> new HashSet<>()).add(ref);
  }

  /** The resource is gone, or not served here any more. */
  void remove(ResourceRef ref) {
    Entry known = entries.remove(ref);
    if (known != null) {
      settled(ref, known);
    }
  }

  /** An earlier leader saw that generation acknowledged. */
  void adopt(ResourceRef ref, String uid, long generation) {
    Entry known = entries.get(ref);
    if (known != null && known.uid.equals(uid) && known.generation == generation) {
      known.programmed = true;
      settled(ref, known);
    }
  }

  /** Takes what is known of the data planes now; returns the resources that have news. */
  Set<ResourceRef> dataPlanes(DataPlanes now) {
    DataPlanes before = dataPlanes;
    dataPlanes = now;
    Set<ResourceRef> news = new HashSet<>();
    now.rejected()
        .forEach(
            (ref, why) -> {
              if (!why.equals(before.rejected().get(ref))) {
                news.add(ref);
              }
            });
    before.rejected().keySet().stream()
        .filter(ref -> !now.rejected().containsKey(ref))
        .forEach(news::add);
    news.addAll(settle());
    return news;
  }

  /** Marks what every ready data plane has by now. */
  Set<ResourceRef> settle() {
    if (dataPlanes.ready().isEmpty()) {
      return Set.of();
    }
    long reached = dataPlanes.ready().stream().mapToLong(this::step).min().orElse(0);
    Set<ResourceRef> settled = new HashSet<>();
    while (!pending.isEmpty() && pending.firstKey() <= reached) {
      for (ResourceRef ref : pending.pollFirstEntry().getValue()) {
        Entry entry = entries.get(ref);
        if (entry != null) {
          entry.programmed = true;
          settled.add(ref);
        }
      }
    }
    return settled;
  }

  /** How far a resource has come; null when it isn't known. */
  @Nullable Progress progress(ResourceRef ref) {
    Entry entry = entries.get(ref);
    if (entry == null) {
      return null;
    }
    int ready = dataPlanes.ready().size();
    String rejected = dataPlanes.rejected().get(ref);
    if (rejected != null) {
      return new Progress.Rejected(ready, rejected);
    }
    if (entry.programmed) {
      return new Progress.Programmed(ready);
    }
    if (ready == 0) {
      return new Progress.NoDataPlane();
    }
    List<String> missing =
        dataPlanes.ready().stream().filter(node -> step(node) < entry.step).sorted().toList();
    return new Progress.Pending(
        ready, ready - missing.size(), missing.subList(0, Math.min(3, missing.size())));
  }

  private long step(String node) {
    DataPlanes.Applied applied = dataPlanes.applied().get(node);
    if (applied == null) {
      return 0;
    }
    Map.Entry<Long, Long> begun = sequences.floorEntry(applied.sequence());
    long bySequence = applied.sequence() == 0 || begun == null ? 0 : begun.getValue();
    long byVersion = applied.rules() == null ? 0 : steps.getOrDefault(applied.rules(), 0L);
    return Math.max(bySequence, byVersion);
  }

  private void settled(ResourceRef ref, Entry entry) {
    Set<ResourceRef> together = pending.get(entry.step);
    if (together != null && together.remove(ref) && together.isEmpty()) {
      pending.remove(entry.step);
    }
  }
}
