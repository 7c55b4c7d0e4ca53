package dev.longshore.operator.publish;

import dev.longshore.contract.EntryRef;
import dev.longshore.contract.HardLimits;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.RuleSource;
import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.Version;
import dev.longshore.contract.push.Nack;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what data planes refuse away from them, so that one wrong entry never holds up the right
 * ones: the rules that depend on it answer 503, and the rest is published.
 *
 * <p>What one data plane alone refuses is kept from that one alone: it may be out of memory, or
 * somebody's who would close the rules of others. Only what a second one refuses too, or the only
 * one there is, is kept from all.
 *
 * <p>An entry is refused by its name and its content: one that was edited since is free, and every
 * replica that hears of the refusal, whenever and from whatever publication, decides the same. It
 * is also free when no data plane is left that refused it. When it can't be told which entry is to
 * blame, data planes are left with the last snapshot that one of them took.
 *
 * <p>Thread-safe.
 */
public final class Quarantine {
  private static final Logger log = LoggerFactory.getLogger(Quarantine.class);
  private static final int REMEMBERED = 16;
  private static final int NAMED = 3;
  private static final int LONGEST_PROBLEM = 1024;

  /** Whom a refusal changes something for. */
  public enum Effect {
    /** Nobody. */
    NONE,
    /** The data plane that refused: {@link #own} gives something else for it. */
    ONE,
    /** All: {@link #apply} gives something else. */
    ALL
  }

  /**
   * Why a rule is not served as it should be.
   *
   * @param source where it comes from
   * @param why which data plane said what
   */
  public record Held(RuleSource source, String why) {}

  private record Entry(EntryRef ref, Version content) {}

  /** Null: the data plane has what all have. */
  private record Own(@Nullable RoutingSnapshot snapshot, Map<RuleKey, Held> held) {}

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

  private final Map<Entry, Refusal> refused = new LinkedHashMap<>();

  /** What was made of the present source and refused without telling why. */
  private final Map<Versions, Set<String>> whole = new HashMap<>();

  /** What is made for data planes that refuse something alone, until anything changes. */
  private final Map<String, Own> own = new HashMap<>();

  /** Data planes with a channel. */
  private Set<String> present = Set.of();

  /** What was applied lately, to know it again when it is taken. */
  private final Deque<RoutingSnapshot> recent = new ArrayDeque<>();

  private RoutingSnapshot source = RoutingSnapshot.EMPTY;
  private @Nullable RoutingSnapshot effective;
  private @Nullable RoutingSnapshot good;
  private Map<RuleKey, Held> held = Map.of();

  /** What of a snapshot is to be published. */
  public synchronized RoutingSnapshot apply(RoutingSnapshot snapshot) {
    if (!Versions.of(snapshot).equals(Versions.of(source))) {
      whole.clear();
    }
    source = snapshot;
    refused
        .entrySet()
        .removeIf(
            entry -> {
              boolean edited =
                  !entry.getKey().content().equals(snapshot.versionOf(entry.getKey().ref()));
              if (edited) {
                log.info("{} is another now, and not held any more", entry.getKey().ref().path());
              }
              return edited;
            });
    own.clear();
    RoutingSnapshot next = isolated();
    effective = next;
    recent.addLast(next);
    if (recent.size() > REMEMBERED) {
      recent.removeFirst();
    }
    return next;
  }

  private RoutingSnapshot isolated() {
    Isolation isolation = new Isolation(source);
    boolean any = false;
    for (Map.Entry<Entry, Refusal> one : refused.entrySet()) {
      Refusal refusal = one.getValue();
      if (byAll(refusal.nodes)) {
        any = true;
        isolation.without(one.getKey().ref(), refusal.why(), !byAll(refusal.unplaceable));
      }
    }
    RoutingSnapshot next = any ? isolation.build(good) : source;
    held = isolation.held();
    if (next != null && !byAll(whole.getOrDefault(Versions.of(next), Set.of()))) {
      return next;
    }
    RoutingSnapshot taken = good;
    if (taken == null) {
      log.error("data planes refuse what is to be published, and nothing is known that they take");
      return next == null ? source : next;
    }
    log.error(
        "data planes refuse what is to be published, and it can't be told which rule is to blame:"
            + " they are left with {}",
        Versions.of(taken));
    return taken;
  }

  /** Whether these are enough to believe: two, or all that there are. */
  private boolean byAll(Set<String> nodes) {
    return nodes.size() > 1 || (nodes.size() == 1 && nodes.containsAll(present));
  }

  /**
   * What a data plane gets that alone refuses something of what {@link #apply} gave.
   *
   * @return null: what all get
   */
  public synchronized @Nullable RoutingSnapshot own(String node) {
    return ownOf(node).snapshot;
  }

  private Own ownOf(String node) {
    Own known = own.get(node);
    if (known == null) {
      known = isolatedFor(node);
      own.put(node, known);
    }
    return known;
  }

  private Own isolatedFor(String node) {
    if (refused.values().stream().noneMatch(refusal -> isAlone(refusal, node))) {
      return new Own(null, Map.of());
    }
    Isolation isolation = new Isolation(source);
    refused.forEach(
        (entry, refusal) -> {
          if (byAll(refusal.nodes) || refusal.nodes.contains(node)) {
            boolean placeable = !byAll(refusal.unplaceable) && !refusal.unplaceable.contains(node);
            isolation.without(entry.ref(), refusal.why(), placeable);
          }
        });
    RoutingSnapshot next = isolation.build(good);
    // Without settings that it takes it is left with what it has: it refuses what all get.
    return next == null ? new Own(null, Map.of()) : new Own(next, isolation.held());
  }

  private boolean isAlone(Refusal refusal, String node) {
    return refusal.nodes.contains(node) && !byAll(refusal.nodes);
  }

  /** How many entries are kept from one data plane alone. */
  public synchronized long alone() {
    return refused.values().stream().filter(refusal -> !byAll(refusal.nodes)).count();
  }

  /**
   * Which data planes there are now.
   *
   * @return whether {@link #apply} gives something else now
   */
  public synchronized boolean present(Set<String> nodes) {
    List<Boolean> before = believed();
    present = Set.copyOf(nodes);
    own.keySet().retainAll(nodes);
    boolean changed = !believed().equals(before);
    if (changed) {
      own.clear();
    }
    return changed;
  }

  /** What of all refusals counts for all; in an order that stays. */
  private List<Boolean> believed() {
    List<Boolean> all = new ArrayList<>();
    for (Refusal refusal : refused.values()) {
      all.add(byAll(refusal.nodes));
      all.add(byAll(refusal.unplaceable));
    }
    whole.values().forEach(nodes -> all.add(byAll(nodes)));
    return all;
  }

  /** A data plane serves this: it is what the others can be left with. */
  public synchronized void taken(Versions versions) {
    for (RoutingSnapshot one : recent) {
      if (Versions.of(one).equals(versions) && !whole.containsKey(versions)) {
        good = one;
      }
    }
  }

  /**
   * A data plane refused something.
   *
   * @param node its name
   * @param versions what it refused; null: it can't tell
   * @param errors why; empty: it can't tell
   */
  public synchronized Effect refuse(
      String node, @Nullable Versions versions, List<Nack.Wrong> errors) {
    RoutingSnapshot ofNode = ownOf(node).snapshot;
    RoutingSnapshot newest = ofNode == null ? effective : ofNode;
    boolean current = newest != null && Versions.of(newest).equals(versions);
    List<Boolean> before = believed();
    boolean news = false;
    boolean known = false;
    for (Nack.Wrong wrong : errors) {
      Version content = wrong.content();
      if (content == null) {
        continue;
      }
      if (content.equals(source.versionOf(wrong.entry()))) {
        news |= hold(node, new Entry(wrong.entry(), content), wrong);
        known = true;
      } else if (current) {
        news |= unplaceable(node, wrong.entry());
      }
    }
    if (current && !news && !known && versions != null && ofNode == null) {
      whole.computeIfAbsent(versions, added -> new TreeSet<>()).add(node);
    }
    own.clear();
    List<Boolean> after = believed();
    // What is new and counts for nobody else leaves no other trace than a longer list.
    return !after.subList(0, Math.min(before.size(), after.size())).equals(before)
            || after.subList(Math.min(before.size(), after.size()), after.size()).contains(true)
        ? Effect.ALL
        : news ? Effect.ONE : Effect.NONE;
  }

  /**
   * Who there is: what only others refused is free.
   *
   * @return whether {@link #apply} gives something else now
   */
  public synchronized boolean retain(Set<String> nodes) {
    own.clear();
    boolean changed =
        refused
            .entrySet()
            .removeIf(
                entry -> {
                  Set<String> refusing = entry.getValue().nodes;
                  return refusing.stream().noneMatch(nodes::contains);
                });
    List<Boolean> before = believed();
    for (Refusal refusal : refused.values()) {
      refusal.nodes.retainAll(nodes);
      refusal.unplaceable.retainAll(nodes);
    }
    return changed | !believed().equals(before);
  }

  /** The rules that are not served as they should be, by all or by one. */
  public synchronized Map<RuleKey, Held> held() {
    Map<RuleKey, Held> all = new HashMap<>(held);
    for (String node : present) {
      ownOf(node).held.forEach(all::putIfAbsent);
    }
    return all;
  }

  private boolean hold(String node, Entry entry, Nack.Wrong wrong) {
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

  /** What a data plane says goes into status, and to all others. */
  private static String shown(String text) {
    StringBuilder shown = new StringBuilder();
    text.chars()
        .limit(LONGEST_PROBLEM)
        .forEach(c -> shown.append((c >= ' ' && c <= '~') || c == '…' ? (char) c : '?'));
    return shown.append(text.length() > LONGEST_PROBLEM ? "…" : "").toString();
  }

  /** What stands in the place of a held rule is refused, too. */
  private boolean unplaceable(String node, EntryRef ref) {
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
}
