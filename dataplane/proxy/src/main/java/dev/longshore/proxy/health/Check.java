package dev.longshore.proxy.health;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * That one endpoint is probed again and again, for all pools of a namespace that want the same:
 * when it is next, and who hears of it. All but the final fields is used on one event loop only.
 */
final class Check {
  /** In the order in which they are due. */
  static final Comparator<Check> BY_TIME =
      (a, b) -> {
        // A difference, as a ticker wants it.
        int byTime = Long.compare(a.dueNanos - b.dueNanos, 0);
        return byTime != 0 ? byTime : Long.compare(a.number, b.number);
      };

  final ProbeKey key;

  /** Until the first probe, nanoseconds. */
  final long firstAfterNanos;

  private final long number;
  private final List<Watcher> watchers = new ArrayList<>(1);

  /** By the ticker; not to be changed while this is in an order. */
  long dueNanos;

  @Nullable Probe<?> probe;

  /**
   * A check of which nothing is done yet.
   *
   * @param number different from every other's
   */
  Check(ProbeKey key, long number, long firstAfterNanos) {
    this.key = key;
    this.number = number;
    this.firstAfterNanos = firstAfterNanos;
  }

  long number() {
    return number;
  }

  /** Tells one more. */
  void join(Watcher watcher) {
    watchers.add(watcher);
  }

  /** Tells one less. */
  void leave(Watcher watcher) {
    watchers.remove(watcher);
  }

  /** Whether nobody wants to know any more. */
  boolean isAbandoned() {
    return watchers.isEmpty();
  }

  /** Who is asked for first. Not when it is abandoned. */
  Watcher first() {
    return watchers.getFirst();
  }

  /** Tells everybody a result. */
  void ended(boolean good, String why) {
    for (Watcher watcher : watchers) {
      watcher.ended(good, why);
    }
  }
}
