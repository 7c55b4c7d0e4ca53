package dev.longshore.proxy.tunnel;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Closes the tunnels of one change, spread evenly over their window over all event loops together.
 *
 * <ol>
 *   <li>Every loop finds its own.
 *   <li>Once all have, every loop knows how many there are, and at which place of the common order
 *       each of its own is; the place is the time. Tunnels of all loops take turns in the order.
 * </ol>
 *
 * <p>Tunnels that open meanwhile are not among them: who begins it takes care of those.
 */
final class StaggeredClose {
  /** Tunnels per task, so that a loop is not held up. */
  static final int SLICE = 1000;

  private final List<TunnelLoop> loops;
  private final DrainTerms terms;
  private final @Nullable Part[] parts;
  private final AtomicInteger searching;

  /** Finds the tunnels of a loop, on that loop, and gives them to the consumer there. */
  @FunctionalInterface
  interface Search {
    void find(TunnelLoop loop, Consumer<List<LongLivedConnection>> found);
  }

  /**
   * What one loop has.
   *
   * @param tunnels in the order in which they are closed
   * @param counts of them by window
   */
  private record Part(List<LongLivedConnection> tunnels, Map<Duration, Integer> counts) {}

  private StaggeredClose(List<TunnelLoop> loops, DrainTerms terms) {
    this.loops = loops;
    this.terms = terms;
    this.parts = new @Nullable Part[loops.size()];
    this.searching = new AtomicInteger(loops.size());
  }

  /** Begins. Any thread. */
  static void start(List<TunnelLoop> loops, DrainTerms terms, Search search) {
    StaggeredClose spread = new StaggeredClose(loops, terms);
    for (int i = 0; i < loops.size(); i++) {
      int number = i;
      TunnelLoop loop = loops.get(i);
      loop.execute(() -> spread.search(number, search));
    }
  }

  private void search(int number, Search search) {
    TunnelLoop loop = loops.get(number);
    try {
      search.find(loop, tunnels -> found(number, tunnels));
    } catch (RuntimeException | Error e) {
      // The other loops wait for all.
      loop.fault("the tunnels of a change can't be found", e);
      found(number, List.of());
    }
  }

  private void found(int number, List<LongLivedConnection> tunnels) {
    List<LongLivedConnection> placed = new ArrayList<>(tunnels.size());
    Map<Duration, Integer> counts = new HashMap<>();
    for (LongLivedConnection each : tunnels) {
      loops
          .get(number)
          .guarded(
              each,
              tunnel -> {
                counts.merge(terms.window(tunnel), 1, Integer::sum);
                placed.add(tunnel);
              });
    }
    parts[number] = new Part(placed, counts);
    if (searching.decrementAndGet() == 0) {
      for (int i = 0; i < loops.size(); i++) {
        int each = i;
        loops.get(i).execute(() -> schedule(each, 0, new HashMap<>()));
      }
    }
  }

  private Part part(int number) {
    Part part = parts[number];
    if (part == null) {
      throw new IllegalStateException("not all have searched");
    }
    return part;
  }

  /**
   * One slice.
   *
   * @param from index of its first tunnel
   * @param done tunnels before that, by window
   */
  private void schedule(int number, int from, Map<Duration, Integer> done) {
    if (terms.calledOff()) {
      return;
    }
    TunnelLoop loop = loops.get(number);
    List<LongLivedConnection> tunnels = part(number).tunnels;
    int to = Math.min(tunnels.size(), from + SLICE);
    for (LongLivedConnection tunnel : tunnels.subList(from, to)) {
      loop.guarded(tunnel, each -> schedule(each, number, done));
    }
    if (to < tunnels.size()) {
      loop.execute(() -> schedule(number, to, done));
    }
  }

  private void schedule(LongLivedConnection tunnel, int number, Map<Duration, Integer> done) {
    Duration window = terms.window(tunnel);
    int index = done.merge(window, 1, Integer::sum) - 1;
    int[] counts = new int[loops.size()];
    long all = 0;
    for (int i = 0; i < counts.length; i++) {
      counts[i] = part(i).counts.getOrDefault(window, 0);
      all += counts[i];
    }
    double place = (double) rank(counts, number, index) / all;
    long at = terms.since + (long) (DrainTerms.nanos(window) * place);
    tunnel.expireAt(loops.get(number).clock().tickAt(at), terms.cause, terms.deadline(tunnel));
  }

  /**
   * The place of one in the common order, in which those of each part are spread evenly: from 0,
   * and no two have the same.
   *
   * @param counts of the parts
   * @param part that it belongs to
   * @param index in its part
   */
  static long rank(int[] counts, int part, int index) {
    long own = counts[part];
    long rank = 0;
    for (int i = 0; i < counts.length; i++) {
      if (i == part) {
        rank += index;
      } else if (counts[i] > 0) {
        // Those of the other part whose middle (j + 1/2) / count is before ours; or the same, if
        // that part comes first.
        long numerator = (2L * index + 1) * counts[i] - own;
        long before =
            i < part ? Math.floorDiv(numerator, 2 * own) + 1 : Math.ceilDiv(numerator, 2 * own);
        rank += Math.clamp(before, 0, counts[i]);
      }
    }
    return rank;
  }
}
