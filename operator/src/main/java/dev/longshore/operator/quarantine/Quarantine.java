package dev.longshore.operator.quarantine;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.Version;
import dev.longshore.contract.push.Nack;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  /** Whom a refusal changes something for. */
  public enum Effect {
    /** Nobody. */
    NONE,
    /** The data plane that refused: {@link #own} gives something else for it. */
    ONE,
    /** All: {@link #apply} gives something else. */
    ALL
  }

  /** Null: the data plane has what all have. */
  private record Own(@Nullable RoutingSnapshot snapshot, Map<RuleKey, HeldRule> held) {}

  private final Refusals refusals = new Refusals();

  /** What is made for data planes that refuse something alone, until anything changes. */
  private final Map<String, Own> own = new HashMap<>();

  /** What was applied lately, to know it again when it is taken. */
  private final Deque<RoutingSnapshot> recent = new ArrayDeque<>();

  private RoutingSnapshot source = RoutingSnapshot.EMPTY;
  private @Nullable RoutingSnapshot effective;
  private @Nullable RoutingSnapshot good;
  private Map<RuleKey, HeldRule> held = Map.of();

  /** What of a snapshot is to be published. */
  public synchronized RoutingSnapshot apply(RoutingSnapshot snapshot) {
    if (!Versions.of(snapshot).equals(Versions.of(source))) {
      refusals.newSource();
    }
    source = snapshot;
    refusals.edited(snapshot);
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
    boolean any = refusals.takeOut(isolation::without);
    RoutingSnapshot next = any ? isolation.build(good) : source;
    held = isolation.held();
    if (next != null && !refusals.refusedWholeByAll(Versions.of(next))) {
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
    if (!refusals.isAlone(node)) {
      return new Own(null, Map.of());
    }
    Isolation isolation = new Isolation(source);
    refusals.takeOutFor(node, isolation::without);
    RoutingSnapshot next = isolation.build(good);
    // Without settings that it takes it is left with what it has: it refuses what all get.
    return next == null ? new Own(null, Map.of()) : new Own(next, isolation.held());
  }

  /** How many entries are kept from one data plane alone. */
  public synchronized long alone() {
    return refusals.alone();
  }

  /**
   * Which data planes there are now.
   *
   * @return whether {@link #apply} gives something else now
   */
  public synchronized boolean present(Set<String> nodes) {
    List<Boolean> before = refusals.believed();
    refusals.present(nodes);
    own.keySet().retainAll(nodes);
    boolean changed = !refusals.believed().equals(before);
    if (changed) {
      own.clear();
    }
    return changed;
  }

  /** A data plane serves this: it is what the others can be left with. */
  public synchronized void taken(Versions versions) {
    for (RoutingSnapshot one : recent) {
      if (Versions.of(one).equals(versions) && !refusals.refusedWhole(versions)) {
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
    List<Boolean> before = refusals.believed();
    boolean news = false;
    boolean known = false;
    for (Nack.Wrong wrong : errors) {
      Version content = wrong.content();
      if (content == null) {
        continue;
      }
      if (content.equals(source.versionOf(wrong.entry()))) {
        news |= refusals.add(node, wrong, content);
        known = true;
      } else if (current) {
        news |= refusals.addUnplaceable(node, wrong.entry());
      }
    }
    if (current && !news && !known && versions != null && ofNode == null) {
      refusals.addWhole(node, versions);
    }
    own.clear();
    List<Boolean> after = refusals.believed();
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
    return refusals.retain(nodes);
  }

  /** The rules that are not served as they should be, by all or by one. */
  public synchronized Map<RuleKey, HeldRule> held() {
    Map<RuleKey, HeldRule> all = new HashMap<>(held);
    for (String node : refusals.present()) {
      ownOf(node).held.forEach(all::putIfAbsent);
    }
    return all;
  }
}
