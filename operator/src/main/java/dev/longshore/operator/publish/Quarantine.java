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
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what a data plane refused away from all of them, so that one wrong entry never holds up the
 * right ones: the rules that depend on it answer 503, and the rest is published.
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

  /**
   * Why a rule is not served as it should be.
   *
   * @param source where it comes from
   * @param why which data plane said what
   */
  public record Held(RuleSource source, String why) {}

  private record Entry(EntryRef ref, Version content) {}

  private static final class Refusal {
    final Set<String> nodes = new TreeSet<>();
    final String problem;
    boolean placeable = true;

    Refusal(String problem) {
      this.problem = problem;
    }

    String why() {
      return "refused by data plane " + String.join(", ", nodes) + ": " + problem;
    }
  }

  private final Map<Entry, Refusal> refused = new LinkedHashMap<>();

  /** What was made of the present source and refused without telling why. */
  private final Set<Versions> whole = new HashSet<>();

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
    refused.forEach(
        (entry, refusal) -> isolation.without(entry.ref(), refusal.why(), refusal.placeable));
    RoutingSnapshot next = refused.isEmpty() ? source : isolation.build(good);
    held = isolation.held();
    if (next != null && !whole.contains(Versions.of(next))) {
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

  /** A data plane serves this: it is what the others can be left with. */
  public synchronized void taken(Versions versions) {
    for (RoutingSnapshot one : recent) {
      if (Versions.of(one).equals(versions)) {
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
   * @return whether {@link #apply} gives something else now
   */
  public synchronized boolean refuse(
      String node, @Nullable Versions versions, List<Nack.Wrong> errors) {
    boolean current = effective != null && Versions.of(effective).equals(versions);
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
        news |= unplaceable(wrong.entry());
      }
    }
    if (current && !news && !known && versions != null) {
      news = whole.add(versions);
    }
    return news;
  }

  /**
   * Who there is: what only others refused is free.
   *
   * @return whether {@link #apply} gives something else now
   */
  public synchronized boolean retain(Set<String> nodes) {
    return refused
        .entrySet()
        .removeIf(
            entry -> {
              Set<String> refusing = entry.getValue().nodes;
              return refusing.stream().noneMatch(nodes::contains);
            });
  }

  /** The rules that are not served as they should be. */
  public synchronized Map<RuleKey, Held> held() {
    return new HashMap<>(held);
  }

  private boolean hold(String node, Entry entry, Nack.Wrong wrong) {
    Refusal known = refused.get(entry);
    if (known != null) {
      known.nodes.add(node);
      return false;
    }
    if (refused.size() >= HardLimits.HELD_ENTRIES) {
      log.error("{} is refused, and too many others are held already", wrong.path());
      return false;
    }
    Refusal refusal = new Refusal(wrong.path() + ": " + wrong.problem());
    refusal.nodes.add(node);
    refused.put(entry, refusal);
    log.error(
        "{} is held back, and what depends on it answers 503: {}",
        entry.ref().path(),
        refusal.why());
    return true;
  }

  /** What stands in the place of a held rule is refused, too. */
  private boolean unplaceable(EntryRef ref) {
    for (Map.Entry<Entry, Refusal> entry : refused.entrySet()) {
      if (entry.getKey().ref().equals(ref)
          && ref instanceof EntryRef.Rule
          && entry.getValue().placeable) {
        entry.getValue().placeable = false;
        log.error("{} can't even be closed in its place: its host is closed", ref.path());
        return true;
      }
    }
    return false;
  }
}
