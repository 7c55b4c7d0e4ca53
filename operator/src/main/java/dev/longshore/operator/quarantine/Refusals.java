package dev.longshore.operator.quarantine;

import dev.longshore.contract.EntryRef;
import dev.longshore.contract.HardLimits;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.Version;
import dev.longshore.contract.push.Nack;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which data plane refused what, and who is to be believed: two, or all that there are. An entry is
 * refused by its name and its content; what it says is bounded, as is how many there are. Not
 * thread-safe.
 */
final class Refusals {
  private static final Logger log = LoggerFactory.getLogger(Refusals.class);
  private static final int NAMED = 3;
  private static final int LONGEST_PROBLEM = 1024;

  private final Map<Entry, Refusal> refused = new LinkedHashMap<>();

  /** What was made of the present source and refused without telling why. */
  private final Map<Versions, Set<String>> whole = new HashMap<>();

  /** Data planes with a channel. */
  private Set<String> present = Set.of();

  private record Entry(EntryRef ref, Version content) {}

  private static final class Refusal {
    final Set<String> nodes = new TreeSet<>();

    /** Of those who could not even have it closed in its place. */
    final Set<String> unplaceable = new TreeSet<>();

    final String problem;

    Refusal(String problem) {
      this.problem = problem;
    }

    String why() {
      String named = nodes.stream().limit(NAMED).collect(Collectors.joining(", "));
      int more = nodes.size() - NAMED;
      return "refused by data plane "
          + named
          + (more > 0 ? " and " + more + " more" : "")
          + ": "
          + problem;
    }
  }

  /** Takes what is refused out of a snapshot. */
  @FunctionalInterface
  interface Taker {
    /** As {@link Isolation#without}. */
    void without(EntryRef entry, String why, boolean placeable);
  }

  /** Forgets what is another by now. */
  void edited(RoutingSnapshot now) {
    refused
        .keySet()
        .removeIf(
            entry -> {
              boolean edited = !entry.content().equals(now.versionOf(entry.ref()));
              if (edited) {
                log.info("{} is another now, and not held any more", entry.ref().path());
              }
              return edited;
            });
  }

  /** Forgets who refused as a whole what was made of an earlier source. */
  void newSource() {
    whole.clear();
  }

  /** Which data planes there are now. */
  void present(Set<String> nodes) {
    present = Set.copyOf(nodes);
  }

  Set<String> present() {
    return present;
  }

  /**
   * Only what one of these refused counts from now on.
   *
   * @return whether by that anything is free, or believed
   */
  boolean retain(Set<String> nodes) {
    boolean freed =
        refused.values().removeIf(refusal -> refusal.nodes.stream().noneMatch(nodes::contains));
    List<Boolean> before = believed();
    for (Refusal refusal : refused.values()) {
      refusal.nodes.retainAll(nodes);
      refusal.unplaceable.retainAll(nodes);
    }
    return freed || !believed().equals(before);
  }

  /**
   * A data plane refuses an entry.
   *
   * @return whether that is news
   */
  boolean add(String node, Nack.Wrong wrong, Version content) {
    Entry entry = new Entry(wrong.entry(), content);
    Refusal known = refused.get(entry);
    if (known != null && known.nodes.contains(node)) {
      return false;
    }
    long others = refused.values().stream().filter(one -> one.nodes.contains(node)).count();
    if (others >= HardLimits.REFUSALS_PER_DATA_PLANE
        || (known == null && refused.size() >= HardLimits.HELD_ENTRIES)) {
      log.error(
          "data plane {} refuses {}, and {} other entries already: it is left with what it has",
          node,
          entry.ref().path(),
          others);
      return false;
    }
    Refusal refusal =
        known != null ? known : new Refusal(shown(wrong.path()) + ": " + shown(wrong.problem()));
    refusal.nodes.add(node);
    refused.put(entry, refusal);
    log.error(
        "{} is held back {}, and what depends on it answers 503: {}",
        entry.ref().path(),
        byAll(refusal.nodes) ? "from all data planes" : "from this data plane alone",
        refusal.why());
    return true;
  }

  /**
   * A data plane refuses what stands in the place of a held rule, too.
   *
   * @return whether that is news
   */
  boolean addUnplaceable(String node, EntryRef ref) {
    for (Map.Entry<Entry, Refusal> entry : refused.entrySet()) {
      if (entry.getKey().ref().equals(ref)
          && ref instanceof EntryRef.Rule
          && entry.getValue().unplaceable.add(node)) {
        log.error("{} can't even be closed in its place: its host is closed", ref.path());
        return true;
      }
    }
    return false;
  }

  /** A data plane refuses something, and can't tell which entry is to blame. */
  void addWhole(String node, Versions versions) {
    whole.computeIfAbsent(versions, added -> new TreeSet<>()).add(node);
  }

  boolean refusedWhole(Versions versions) {
    return whole.containsKey(versions);
  }

  boolean refusedWholeByAll(Versions versions) {
    return byAll(whole.getOrDefault(versions, Set.of()));
  }

  /**
   * Takes out what counts for all.
   *
   * @return whether there is any
   */
  boolean takeOut(Taker from) {
    boolean any = false;
    for (Map.Entry<Entry, Refusal> one : refused.entrySet()) {
      Refusal refusal = one.getValue();
      if (byAll(refusal.nodes)) {
        any = true;
        from.without(one.getKey().ref(), refusal.why(), !byAll(refusal.unplaceable));
      }
    }
    return any;
  }

  /** Takes out what counts for all, and what this data plane refuses alone. */
  void takeOutFor(String node, Taker from) {
    refused.forEach(
        (entry, refusal) -> {
          if (byAll(refusal.nodes) || refusal.nodes.contains(node)) {
            boolean placeable = !byAll(refusal.unplaceable) && !refusal.unplaceable.contains(node);
            from.without(entry.ref(), refusal.why(), placeable);
          }
        });
  }

  /** Whether a data plane alone refuses anything. */
  boolean isAlone(String node) {
    return refused.values().stream()
        .anyMatch(refusal -> refusal.nodes.contains(node) && !byAll(refusal.nodes));
  }

  /** How many entries one data plane refuses alone. */
  long alone() {
    return refused.values().stream().filter(refusal -> !byAll(refusal.nodes)).count();
  }

  /** What of all refusals counts for all; in an order that stays. */
  List<Boolean> believed() {
    List<Boolean> all = new ArrayList<>();
    for (Refusal refusal : refused.values()) {
      all.add(byAll(refusal.nodes));
      all.add(byAll(refusal.unplaceable));
    }
    whole.values().forEach(nodes -> all.add(byAll(nodes)));
    return all;
  }

  /** Whether these are enough to believe: two, or all that there are. */
  private boolean byAll(Set<String> nodes) {
    return nodes.size() > 1 || (nodes.size() == 1 && nodes.containsAll(present));
  }

  /** What a data plane says goes into status, and to all others. */
  private static String shown(String text) {
    StringBuilder shown = new StringBuilder();
    text.chars()
        .limit(LONGEST_PROBLEM)
        .forEach(c -> shown.append((c >= ' ' && c <= '~') || c == '…' ? (char) c : '?'));
    return shown.append(text.length() > LONGEST_PROBLEM ? "…" : "").toString();
  }
}
