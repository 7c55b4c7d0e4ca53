package dev.longshore.operator.publish;

import dev.longshore.contract.HardLimits;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.Surroundings;
import dev.longshore.operator.source.View;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Which changes are translated next, so that nobody's change waits for those of another namespace:
 * issue 9.
 *
 * <p>A turn takes changes up to {@link #TURN}, or one that is larger by itself. Namespaces take
 * their turns by what they want: one is due the later the more it is, so small changes go before
 * large ones and large ones are not put off for ever. What a namespace has taken it waits for,
 * {@link #PACE} for each rule or endpoint and {@link #LONGEST} at most, before it takes more: who
 * changes thousands over and over has a share of the time, and of the garbage, and not all of it.
 * What ordinary changes come to is one turn, and no wait that anybody would notice.
 *
 * <p>Within a namespace goes first what is referred to, and last what is gone. What concerns all
 * namespaces goes at once.
 *
 * <p>For one thread; times are by {@link System#nanoTime()}.
 */
final class Turns {
  /** Rules and endpoints that are translated and published in one piece. */
  static final int TURN = HardLimits.CHANGES_AT_ONCE;

  /** What one of them puts its namespace off, nanoseconds. */
  static final long PACE = TimeUnit.SECONDS.toNanos(1) / HardLimits.CHANGES_PER_SECOND_OF_NAMESPACE;

  /** How long a namespace is put off at most, nanoseconds. */
  static final long LONGEST = TimeUnit.SECONDS.toNanos(2);

  private final Map<String, Long> putOff = new HashMap<>();
  private final Map<String, Long> waitingSince = new HashMap<>();
  private boolean behind;
  private long dueNanos;

  /** A change, and how much it is. */
  private record Change(ResourceRef ref, long weight) {}

  /** What a namespace takes in its turn. */
  private record Turn(String namespace, List<Change> changes, long weight, long dueNanos) {}

  /**
   * The view that is translated next.
   *
   * @param at what is translated already
   * @param target what there is
   * @return {@code target} when nothing is left; {@code at} when nothing is due yet
   */
  View take(View at, View target, long now) {
    Map<String, Set<ResourceRef>> changed = new HashMap<>();
    at.diff(
        target,
        ref -> changed.computeIfAbsent(ref.namespace(), n -> new LinkedHashSet<>()).add(ref));
    putOff.values().removeIf(until -> until - now <= 0);
    waitingSince.keySet().retainAll(changed.keySet());
    Surroundings around = target.surroundings();
    View next = at.in(at.surroundings().with(around.tenures()).with(around.own()));
    for (ResourceRef ref : changed.getOrDefault("", Set.of())) {
      next = next.with(ref, target);
    }
    changed.remove("");
    behind = false;
    List<Turn> turns = new ArrayList<>();
    changed.forEach((namespace, refs) -> turns.add(turn(namespace, refs, at, target, now)));
    turns.sort(
        Comparator.<Turn>comparingLong(turn -> turn.dueNanos - now).thenComparing(Turn::namespace));
    long taken = 0;
    for (Turn turn : turns) {
      Long until = putOff.get(turn.namespace);
      if (until != null) {
        leave(until);
      } else if (taken > 0 && taken + turn.weight > TURN) {
        leave(now);
      } else {
        for (Change change : turn.changes) {
          next = next.with(change.ref, target);
        }
        taken += turn.weight;
        putOff.put(turn.namespace, now + Math.min(LONGEST, turn.weight * PACE));
        waitingSince.remove(turn.namespace);
        if (turn.changes.size() < changed.getOrDefault(turn.namespace, Set.of()).size()) {
          leave(now + Math.min(LONGEST, turn.weight * PACE));
        }
      }
    }
    return behind ? next : target;
  }

  private void leave(long until) {
    dueNanos = behind && dueNanos - until < 0 ? dueNanos : until;
    behind = true;
  }

  private Turn turn(String namespace, Set<ResourceRef> refs, View at, View target, long now) {
    long since = waitingSince.computeIfAbsent(namespace, added -> now);
    List<ResourceRef> inOrder = new ArrayList<>(refs);
    inOrder.sort(
        Comparator.<ResourceRef>comparingInt(ref -> target.get(ref) == null ? 1 : 0)
            .thenComparingInt(Weights::rank)
            .thenComparing(ref -> place(ref, target))
            .thenComparing(Comparator.naturalOrder()));
    List<Change> changes = new ArrayList<>();
    long weight = 0;
    for (ResourceRef ref : inOrder) {
      long more = Math.max(Weights.of(at.get(ref)), Weights.of(target.get(ref)));
      if (weight > 0 && weight + more > TURN) {
        break;
      }
      changes.add(new Change(ref, more));
      weight += more;
    }
    return new Turn(namespace, changes, weight, since + Math.min(LONGEST, weight * PACE));
  }

  private static String place(ResourceRef ref, View view) {
    String place = view.surroundings().places().get(ref);
    return place == null ? "" : place;
  }

  /** Whether something was left by the last {@link #take}. */
  boolean isBehind() {
    return behind;
  }

  /** When there is something to take of what was left. */
  long dueNanos() {
    return dueNanos;
  }
}
