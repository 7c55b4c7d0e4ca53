package dev.longshore.operator.translate.quota;

import dev.longshore.contract.HardLimits;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.translate.claim.Claimant;
import dev.longshore.operator.translate.claim.Quota;
import dev.longshore.operator.translate.claim.Quota.Part;
import dev.longshore.operator.translate.claim.Quota.Use;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps account of what each namespace's resources take, and says which are too much: the newest
 * ones, and they alone.
 *
 * <p>As long as a namespace keeps within its quota, a change costs what its own resource does. In
 * one that doesn't, the resources are gone through from the oldest to the newest, and only those
 * are read for which there is room; so nothing is ever built that goes beyond.
 */
public final class QuotaLedger {
  /**
   * So many are read in vain; those newer than these are beyond as well, so that what a namespace
   * costs has an end.
   */
  private static final int READ_IN_VAIN = 16;

  private static final int SHARES_SHOWN = 20;

  private final Map<String, Namespace> namespaces = new HashMap<>();
  private final Set<String> touched = new HashSet<>();
  private final Map<String, QuotaShare> shares = new HashMap<>();
  private Quotas quotas;

  public QuotaLedger(Quotas quotas) {
    this.quotas = quotas;
  }

  /** Reads resources for their weight. */
  public interface Reader {
    /** What it comes to. */
    Use read(ResourceRef ref);

    /** It was read in vain, for there is no room for it. */
    void drop(ResourceRef ref);
  }

  /** How a resource stands with the quota of its namespace. */
  public sealed interface Standing {
    /** It is within. */
    record Within() implements Standing {}

    /**
     * It is beyond.
     *
     * @param places whether its places are kept closed, so that no laxer rule has them; else there
     *     are too many of those as well
     */
    record Beyond(Problem problem, boolean places) implements Standing {}
  }

  private static final Standing WITHIN = new Standing.Within();

  private static final class Entry {
    final Use least;
    @Nullable Use full;
    Standing standing = WITHIN;

    Entry(Use least) {
      this.least = least;
    }

    Use known() {
      return full == null ? least : full;
    }
  }

  private static final class Namespace {
    final TreeMap<Claimant, Entry> entries = new TreeMap<>();
    final Map<ResourceRef, Claimant> claimants = new HashMap<>();
    final Set<ResourceRef> unread = new HashSet<>();
    Use known = Use.NONE;
    Use used = Use.NONE;
    boolean someBeyond;
    @Nullable ResourceRef warned;
    @Nullable Problem warning;
  }

  /** Sets the quotas; all namespaces are settled again if they are others. */
  public void quotas(Quotas newer) {
    if (!newer.equals(quotas)) {
      quotas = newer;
      touched.addAll(namespaces.keySet());
    }
  }

  /**
   * A resource is another than before, or what it refers to is.
   *
   * @param claimant null: it is gone, or not served here
   * @param least what it comes to at least
   */
  public void put(ResourceRef ref, @Nullable Claimant claimant, Use least) {
    Namespace namespace = namespaces.computeIfAbsent(ref.namespace(), added -> new Namespace());
    touched.add(ref.namespace());
    Claimant before = namespace.claimants.remove(ref);
    namespace.unread.remove(ref);
    if (before != null) {
      Entry entry = Objects.requireNonNull(namespace.entries.remove(before));
      namespace.known = namespace.known.minus(entry.known());
    }
    if (claimant != null) {
      namespace.claimants.put(ref, claimant);
      namespace.entries.put(claimant, new Entry(least));
      namespace.known = namespace.known.plus(least);
      namespace.unread.add(ref);
    } else if (namespace.entries.isEmpty()) {
      namespaces.remove(ref.namespace());
    }
  }

  /** Its pools have more or fewer endpoints than before; of no effect on what is not read yet. */
  public void endpoints(ResourceRef ref, long endpoints) {
    Namespace namespace = namespaces.get(ref.namespace());
    Claimant claimant = namespace == null ? null : namespace.claimants.get(ref);
    Entry entry = namespace == null || claimant == null ? null : namespace.entries.get(claimant);
    if (namespace != null && entry != null && entry.full != null) {
      Use full = entry.full.withEndpoints(endpoints);
      namespace.known = namespace.known.minus(entry.full).plus(full);
      entry.full = full;
      touched.add(ref.namespace());
    }
  }

  /**
   * Decides anew about the namespaces that were touched.
   *
   * @param reader reads a resource and says what it comes to; asked for those that were put, as far
   *     as there is room for them
   * @return the resources that stand otherwise than before, or whose warning is another
   */
  public Set<ResourceRef> settle(Reader reader) {
    Set<ResourceRef> changed = new HashSet<>();
    for (String name : touched) {
      Namespace namespace = namespaces.get(name);
      if (namespace == null) {
        shares.remove(name);
      } else {
        settle(name, namespace, quotas.of(name), reader, changed);
      }
    }
    touched.clear();
    return changed;
  }

  /** Those of the namespaces that have half of their quota or more, the fullest first. */
  public List<QuotaShare> shares() {
    return shares.values().stream()
        .sorted(
            Comparator.comparingDouble(QuotaShare::ratio)
                .reversed()
                .thenComparing(QuotaShare::namespace))
        .limit(SHARES_SHOWN)
        .toList();
  }

  /** How a resource that was put stands. */
  public Standing standing(ResourceRef ref) {
    Namespace namespace = namespaces.get(ref.namespace());
    Claimant claimant = namespace == null ? null : namespace.claimants.get(ref);
    return namespace == null || claimant == null
        ? WITHIN
        : Objects.requireNonNull(namespace.entries.get(claimant)).standing;
  }

  /** That the quota is nearly reached: said by the newest resource that is within. */
  public @Nullable Problem warning(ResourceRef ref) {
    Namespace namespace = namespaces.get(ref.namespace());
    return namespace != null && ref.equals(namespace.warned) ? namespace.warning : null;
  }

  private void settle(
      String name, Namespace namespace, Quota quota, Reader reader, Set<ResourceRef> changed) {
    if (quota.passed(namespace.known) == null) {
      Set.copyOf(namespace.unread).forEach(ref -> measure(namespace, ref, reader));
    }
    if (quota.passed(namespace.known) == null) {
      namespace.used = namespace.known;
      if (namespace.someBeyond) {
        namespace.someBeyond = false;
        namespace.entries.forEach((claimant, entry) -> stand(claimant, entry, WITHIN, changed));
      }
    } else {
      walk(name, namespace, quota, reader, changed);
    }
    warn(name, namespace, quota, changed);
    Part fullest = quota.fullest(namespace.used);
    if (fullest.used() * 2 >= fullest.most()) {
      shares.put(name, new QuotaShare(name, fullest.field(), fullest.used(), fullest.most()));
    } else {
      shares.remove(name);
    }
  }

  private static Use measure(Namespace namespace, ResourceRef ref, Reader reader) {
    Entry entry =
        Objects.requireNonNull(
            namespace.entries.get(Objects.requireNonNull(namespace.claimants.get(ref))));
    Use full = entry.full;
    if (full == null) {
      full = reader.read(ref).max(entry.least);
      entry.full = full;
      namespace.known = namespace.known.minus(entry.least).plus(full);
      namespace.unread.remove(ref);
    }
    return full;
  }

  /** From the oldest to the newest: each that fits is in, and each that doesn't is not. */
  private static void walk(
      String name, Namespace namespace, Quota quota, Reader reader, Set<ResourceRef> changed) {
    Use used = Use.NONE;
    int vain = 0;
    @Nullable Part last = null;
    long places = HardLimits.CLOSED_RULES_PER_NAMESPACE;
    namespace.someBeyond = true;
    for (Map.Entry<Claimant, Entry> each : namespace.entries.entrySet()) {
      Entry entry = each.getValue();
      ResourceRef ref = each.getKey().ref();
      Part passed = quota.passed(used.plus(entry.least));
      if (passed == null && vain == READ_IN_VAIN) {
        passed = last;
      } else if (passed == null) {
        passed = quota.passed(used.plus(measure(namespace, ref, reader)));
        if (passed != null) {
          vain++;
          last = passed;
          reader.drop(ref);
        }
      }
      if (passed == null) {
        used = used.plus(entry.known());
        stand(each.getKey(), entry, WITHIN, changed);
      } else {
        long wanted = entry.least.rules();
        boolean kept = wanted <= places;
        places -= kept ? wanted : 0;
        stand(
            each.getKey(),
            entry,
            new Standing.Beyond(problem(name, passed.field(), passed.most()), kept),
            changed);
      }
    }
    namespace.used = used;
  }

  private static void stand(
      Claimant claimant, Entry entry, Standing standing, Set<ResourceRef> changed) {
    if (!entry.standing.equals(standing)) {
      entry.standing = standing;
      changed.add(claimant.ref());
    }
  }

  /** Without how much is used: that changes with each resource, and this must not. */
  private static Problem problem(String namespace, String field, long most) {
    return Problem.warning(
        Reason.NOT_ALLOWED,
        "spec",
        "with it the resources of namespace %s would come to more than %,d %s, and older ones go first: make it or others smaller, or have spec.quotas.%s of the LongshoreConfig raised"
            .formatted(namespace, most, field, field));
  }

  private static void warn(
      String name, Namespace namespace, Quota quota, Set<ResourceRef> changed) {
    Part part = quota.nearly(namespace.used);
    ResourceRef last = null;
    if (part != null) {
      for (Map.Entry<Claimant, Entry> each : namespace.entries.descendingMap().entrySet()) {
        if (each.getValue().standing.equals(WITHIN)) {
          last = each.getKey().ref();
          break;
        }
      }
    }
    Problem warning =
        part == null || last == null
            ? null
            : Problem.warning(
                Reason.QUOTA_NEARLY_REACHED,
                "spec",
                "the resources of namespace %s take more than four fifths of the %,d %s that it may have: what is added beyond is not served; spec.quotas.%s of the LongshoreConfig says how many"
                    .formatted(name, part.most(), part.field(), part.field()));
    if (!Objects.equals(warning, namespace.warning) || !Objects.equals(last, namespace.warned)) {
      if (namespace.warned != null && namespace.claimants.containsKey(namespace.warned)) {
        changed.add(namespace.warned);
      }
      if (warning != null && last != null) {
        changed.add(last);
      }
      namespace.warned = warning == null ? null : last;
      namespace.warning = warning;
    }
  }
}
