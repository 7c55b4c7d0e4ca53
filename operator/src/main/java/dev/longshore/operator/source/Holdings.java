package dev.longshore.operator.source;

import dev.longshore.contract.HardLimits;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps account of what the resources of each namespace take of the heap, and says which are too
 * much: those that come when there is no room, and they alone. First come, first held; those that
 * are not can be read again once there is room ({@link #fitting}). Resources of no namespace are an
 * administrator's, and not counted.
 *
 * <p>Not thread-safe.
 */
public final class Holdings {
  private final long most;
  private final Map<String, Namespace> namespaces = new HashMap<>();

  private static final class Namespace {
    private final Map<ResourceRef, Long> held = new HashMap<>();

    /** Sorted, so that the same ones go first wherever they are read again. */
    private final TreeMap<ResourceRef, Long> waiting = new TreeMap<>();

    private long sum;
  }

  /**
   * Nothing is held yet.
   *
   * @param most bytes that the resources of a namespace may take
   */
  public Holdings(long most) {
    this.most = most;
  }

  /** Of a cluster: a namespace may have an eighth of this process's heap. */
  public static Holdings ofCluster() {
    return new Holdings(Runtime.getRuntime().maxMemory() / HardLimits.HELD_PART_OF_HEAP);
  }

  /** Of a folder: a namespace may have half of this process's heap. */
  public static Holdings ofFolder() {
    return new Holdings(Runtime.getRuntime().maxMemory() / HardLimits.HELD_PART_OF_HEAP_IN_FOLDER);
  }

  /**
   * A resource came, or another of its name.
   *
   * @return null: there is room for it; else why it is not held, for its owner
   */
  public @Nullable String take(ResourceRef ref, HasMetadata resource) {
    if (!ref.kind().namespaced()) {
      return null;
    }
    long weight = Weight.of(resource);
    Namespace namespace = namespaces.computeIfAbsent(ref.namespace(), added -> new Namespace());
    Long before = namespace.held.remove(ref);
    namespace.waiting.remove(ref);
    namespace.sum -= before == null ? 0 : before;
    if (namespace.sum + weight > most) {
      namespace.waiting.put(ref, weight);
      return why(ref, weight);
    }
    namespace.held.put(ref, weight);
    namespace.sum += weight;
    return null;
  }

  /** A resource went. */
  public void release(ResourceRef ref) {
    Namespace namespace = namespaces.get(ref.namespace());
    if (namespace == null) {
      return;
    }
    Long before = namespace.held.remove(ref);
    namespace.sum -= before == null ? 0 : before;
    namespace.waiting.remove(ref);
    if (namespace.held.isEmpty() && namespace.waiting.isEmpty()) {
      namespaces.remove(ref.namespace());
    }
  }

  /**
   * Those that are not held and for which there is room now, as far as they were when they came.
   *
   * @param limit how many at most
   */
  public List<ResourceRef> fitting(int limit) {
    List<ResourceRef> fitting = new ArrayList<>();
    for (Namespace namespace : namespaces.values()) {
      long sum = namespace.sum;
      for (Map.Entry<ResourceRef, Long> each : namespace.waiting.entrySet()) {
        if (fitting.size() == limit) {
          return fitting;
        }
        if (sum + each.getValue() <= most) {
          sum += each.getValue();
          fitting.add(each.getKey());
        }
      }
    }
    return fitting;
  }

  /** What the resources of a namespace take that are held, in bytes. */
  public long sum(String namespace) {
    Namespace known = namespaces.get(namespace);
    return known == null ? 0 : known.sum;
  }

  /** Without how much is held: that changes with each resource, and this must not. */
  private String why(ResourceRef ref, long weight) {
    return "takes some %,d KiB of memory, and with it the resources of namespace %s would take more than %,d KiB: make it or others smaller, or delete some; first come, first held"
        .formatted(weight >> 10, ref.namespace(), most >> 10);
  }
}
