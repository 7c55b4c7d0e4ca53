package dev.longshore.operator.source;

import dev.longshore.contract.HardLimits;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Keeps account of what the resources of each namespace take of the heap, and says which are too
 * much. Within a namespace it is first come, first held. Between namespaces the one that takes most
 * gives: when all together would take more than they may, its heaviest resources go for those of a
 * namespace that takes less, so that a namespace below an even share has all that it asks for,
 * whoever came first. What isn't held can be read again once there is room ({@link #fitting}).
 * Resources of no namespace are an administrator's, and not counted.
 *
 * <p>Not thread-safe.
 */
public final class Holdings {
  /** How much of what it may take a namespace has when it is shown. */
  private static final double WORTH_SHOWING = 0.5;

  private static final int SHOWN = 20;

  private final long most;
  private final long mostOfNamespace;
  private final Map<String, Namespace> namespaces = new HashMap<>();
  private long total;

  private record Held(ResourceRef ref, long weight) {}

  private static final class Namespace {
    private static final Comparator<Held> LIGHT_TO_HEAVY =
        Comparator.comparingLong(Held::weight).thenComparing(Held::ref);

    private final Map<ResourceRef, Long> held = new HashMap<>();
    private final TreeSet<Held> byWeight = new TreeSet<>(LIGHT_TO_HEAVY);

    /** Sorted, so that the same ones go first wherever they are read again. */
    private final TreeMap<ResourceRef, Long> waiting = new TreeMap<>();

    private long sum;

    void hold(ResourceRef ref, long weight) {
      held.put(ref, weight);
      byWeight.add(new Held(ref, weight));
      sum += weight;
    }

    /** How much that gives back. */
    long drop(ResourceRef ref) {
      waiting.remove(ref);
      Long weight = held.remove(ref);
      if (weight == null) {
        return 0;
      }
      byWeight.remove(new Held(ref, weight));
      sum -= weight;
      return weight;
    }
  }

  /**
   * What becomes of a resource.
   *
   * @param refused null: there is room for it; else why it is not held, for its owner
   * @param gone those of other namespaces that are not held any more in its favour, and why
   */
  public record Taken(@Nullable String refused, Map<ResourceRef, String> gone) {}

  /**
   * How near a namespace is to its bound.
   *
   * @param namespace whose
   * @param ratio what it takes of what one namespace may
   * @param unheld how many of its resources are not held
   */
  public record Share(String namespace, double ratio, int unheld) {}

  /**
   * Nothing is held yet.
   *
   * @param mostOfNamespace bytes that the resources of one namespace may take
   * @param most bytes that those of all namespaces may take together
   */
  public Holdings(long mostOfNamespace, long most) {
    this.mostOfNamespace = mostOfNamespace;
    this.most = most;
  }

  /** By this process's heap: half of it for all namespaces, a third of it for one. */
  public static Holdings ofHeap() {
    long heap = Runtime.getRuntime().maxMemory();
    return new Holdings(
        heap / HardLimits.HELD_PART_OF_HEAP_OF_NAMESPACE, heap / HardLimits.HELD_PART_OF_HEAP);
  }

  /** A resource came, or another of its name. */
  public Taken take(ResourceRef ref, HasMetadata resource) {
    if (!ref.kind().namespaced()) {
      return new Taken(null, Map.of());
    }
    long weight = Weight.of(resource);
    Namespace namespace = namespaces.computeIfAbsent(ref.namespace(), added -> new Namespace());
    total -= namespace.drop(ref);
    long sum = namespace.sum + weight;
    String refused =
        sum > mostOfNamespace
            ? why(ref, weight, "the resources of namespace " + ref.namespace(), mostOfNamespace)
            : !canMakeRoom(weight, sum)
                ? why(ref, weight, "those of all namespaces, of which this is a large one,", most)
                : null;
    if (refused != null) {
      namespace.waiting.put(ref, weight);
      return new Taken(refused, Map.of());
    }
    Map<ResourceRef, String> gone = new HashMap<>();
    while (total + weight > most) {
      giveUp(largest(), gone);
    }
    namespace.hold(ref, weight);
    total += weight;
    return new Taken(null, gone);
  }

  /** Whether those that take more than a sum can give enough and still take as much. */
  private boolean canMakeRoom(long weight, long sum) {
    long missing = total + weight - most;
    if (missing <= 0) {
      return true;
    }
    for (Namespace other : namespaces.values()) {
      missing -= Math.max(0, other.sum - sum);
    }
    return missing <= 0;
  }

  private Namespace largest() {
    return namespaces.values().stream()
        .max(Comparator.comparingLong(each -> each.sum))
        .orElseThrow();
  }

  private void giveUp(Namespace namespace, Map<ResourceRef, String> gone) {
    Held heaviest = namespace.byWeight.getLast();
    total -= namespace.drop(heaviest.ref());
    namespace.waiting.put(heaviest.ref(), heaviest.weight());
    gone.put(
        heaviest.ref(),
        why(
            heaviest.ref(),
            heaviest.weight(),
            "those of all namespaces, of which this is the largest,",
            most));
  }

  /** A resource went. */
  public void release(ResourceRef ref) {
    Namespace namespace = namespaces.get(ref.namespace());
    if (namespace == null) {
      return;
    }
    total -= namespace.drop(ref);
    if (namespace.held.isEmpty() && namespace.waiting.isEmpty()) {
      namespaces.remove(ref.namespace());
    }
  }

  /**
   * Those that are not held and for which there is room now, without anybody's giving, as far as
   * they were when they came.
   *
   * @param limit how many at most
   */
  public List<ResourceRef> fitting(int limit) {
    List<ResourceRef> fitting = new ArrayList<>();
    long all = total;
    for (Namespace namespace : namespaces.values()) {
      long sum = namespace.sum;
      for (Map.Entry<ResourceRef, Long> each : namespace.waiting.entrySet()) {
        if (fitting.size() == limit) {
          return fitting;
        }
        long weight = each.getValue();
        if (sum + weight <= mostOfNamespace && all + weight <= most) {
          sum += weight;
          all += weight;
          fitting.add(each.getKey());
        }
      }
    }
    return fitting;
  }

  /** The namespaces that take more than half of what one may or miss something, the 20 fullest. */
  public List<Share> shares() {
    return namespaces.entrySet().stream()
        .map(
            each ->
                new Share(
                    each.getKey(),
                    (double) each.getValue().sum / mostOfNamespace,
                    each.getValue().waiting.size()))
        .filter(share -> share.ratio() >= WORTH_SHOWING || share.unheld() > 0)
        .sorted(Comparator.comparingDouble(Share::ratio).reversed().thenComparing(Share::namespace))
        .limit(SHOWN)
        .toList();
  }

  /** What the resources of a namespace take that are held, in bytes. */
  public long sum(String namespace) {
    Namespace known = namespaces.get(namespace);
    return known == null ? 0 : known.sum;
  }

  /** Without how much is held: that changes with each resource, and this must not. */
  private static String why(ResourceRef ref, long weight, String whose, long bound) {
    return "takes some %,d KiB of memory, and with it %s would take more than %,d KiB: make it or others of namespace %s smaller, or delete some"
        .formatted(weight >> 10, whose, bound >> 10, ref.namespace());
  }
}
