package dev.longshore.proxy.health;

import dev.longshore.contract.HardLimits;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is among the checks of one event loop. So many probes begin in a second, and so
 * many are open at once, for a namespace and for the loop; namespaces take turns, so that who wants
 * more than there is waits for itself alone. Times are by its owner's ticker. On one thread.
 */
final class ProbeQueue {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long STEP = SECOND / HardLimits.PROBES_PER_SECOND;
  private static final long STEP_OF_NAMESPACE = SECOND / HardLimits.PROBES_PER_SECOND_OF_NAMESPACE;

  /** What may be caught up with when a loop was busy. */
  private static final long CREDIT = TimeUnit.MILLISECONDS.toNanos(50);

  private final TreeSet<Check> waiting = new TreeSet<>(Check.BY_TIME);
  private final Map<String, Namespace> namespaces = new HashMap<>();

  /** Those that have something due and may open another probe, by whose turn it is. */
  private final TreeSet<Namespace> turns = new TreeSet<>(Namespace.BY_TURN);

  private long turnNanos;
  private long numbered;
  private int open;

  /** Empty, and idle up to now. */
  ProbeQueue(long now) {
    this.turnNanos = now - CREDIT;
  }

  /** The probes of one namespace on this loop. */
  private static final class Namespace {
    static final Comparator<Namespace> BY_TURN =
        (a, b) -> {
          int byTime = Long.compare(a.turnNanos - b.turnNanos, 0);
          return byTime != 0 ? byTime : Long.compare(a.number, b.number);
        };

    /** In the order in which they came due. */
    final LinkedHashSet<Check> due = new LinkedHashSet<>();

    /** The oldest first. */
    final LinkedHashSet<Check> probing = new LinkedHashSet<>();

    static final Comparator<Namespace> BY_OPEN =
        Comparator.comparingInt(each -> each.probing.size());

    final long number;
    int checks;

    /** Not to be changed while this is among the turns. */
    long turnNanos;

    Namespace(long number, long turnNanos) {
      this.number = number;
      this.turnNanos = turnNanos;
    }

    boolean wantsTurn() {
      return !due.isEmpty() && probing.size() < HardLimits.PROBES_OPEN_OF_NAMESPACE;
    }
  }

  private Namespace of(Check check) {
    Namespace namespace = namespaces.get(check.key.namespace());
    if (namespace == null) {
      throw new IllegalStateException("a check that was never added");
    }
    return namespace;
  }

  /** Takes a new check, due as it says. */
  void add(Check check) {
    namespaces.computeIfAbsent(
            check.key.namespace(), name -> new Namespace(numbered++, turnNanos - CREDIT))
        .checks++;
    waiting.add(check);
  }

  /** Forgets a check, wherever it is. */
  void remove(Check check) {
    Namespace namespace = of(check);
    waiting.remove(check);
    turns.remove(namespace);
    namespace.due.remove(check);
    if (namespace.probing.remove(check)) {
      open--;
    }
    if (--namespace.checks == 0) {
      namespaces.remove(check.key.namespace());
    } else if (namespace.wantsTurn()) {
      turns.add(namespace);
    }
  }

  /** The check whose probe begins now, and counts as open; null: none does. */
  @Nullable Check poll(long now) {
    while (!waiting.isEmpty() && waiting.first().dueNanos - now <= 0) {
      Check check = waiting.first();
      waiting.remove(check);
      Namespace namespace = of(check);
      namespace.due.add(check);
      if (namespace.wantsTurn()) {
        turns.add(namespace);
      }
    }
    if (!mayBegin(now) || open >= HardLimits.PROBES_OPEN) {
      return null;
    }
    Namespace namespace = turns.first();
    turns.remove(namespace);
    Check check = namespace.due.removeFirst();
    namespace.probing.add(check);
    open++;
    int cost = check.key.cost();
    turnNanos = later(turnNanos, now - CREDIT) + cost * STEP;
    namespace.turnNanos = later(namespace.turnNanos, now - CREDIT) + cost * STEP_OF_NAMESPACE;
    if (namespace.wantsTurn()) {
      turns.add(namespace);
    }
    return check;
  }

  private boolean mayBegin(long now) {
    return !turns.isEmpty() && turnNanos - now <= 0 && turns.first().turnNanos - now <= 0;
  }

  private static long later(long a, long b) {
    return a - b > 0 ? a : b;
  }

  /**
   * The check whose probe has to end so that the namespace that has fewest open, and gets the next
   * turn, can have one more: the oldest of who has most; null: nobody has to.
   */
  @Nullable Check overdrawn(long now) {
    if (open < HardLimits.PROBES_OPEN || !mayBegin(now)) {
      return null;
    }
    Namespace most = Collections.max(namespaces.values(), Namespace.BY_OPEN);
    Namespace least = Collections.min(turns, Namespace.BY_OPEN);
    if (most.probing.size() - least.probing.size() < 2) {
      return null;
    }
    turns.remove(least);
    if (!turns.isEmpty()) {
      least.turnNanos = turns.first().turnNanos - 1;
    }
    turns.add(least);
    return most.probing.getFirst();
  }

  /** A probe has ended; its check waits until it is due again, as it says by now. */
  void ended(Check check) {
    Namespace namespace = of(check);
    turns.remove(namespace);
    if (namespace.probing.remove(check)) {
      open--;
    }
    if (namespace.wantsTurn()) {
      turns.add(namespace);
    }
    waiting.add(check);
  }

  /** When there may be something to poll; null: not before a probe ends or a check is added. */
  @Nullable Long next(long now) {
    Long due = waiting.isEmpty() ? null : waiting.first().dueNanos;
    if (turns.isEmpty()) {
      return due;
    }
    long turn = later(turnNanos, turns.first().turnNanos);
    if (open >= HardLimits.PROBES_OPEN && turn - now <= 0) {
      return due;
    }
    return due == null || turn - due < 0 ? Long.valueOf(turn) : due;
  }

  /** Probes that are open. */
  int open() {
    return open;
  }
}
