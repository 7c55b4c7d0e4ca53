package dev.longshore.proxy.drain;

import dev.longshore.contract.LocationRule;
import dev.longshore.contract.RuleAction;
import dev.longshore.contract.RuleKey;
import dev.longshore.process.watch.Part;
import dev.longshore.proxy.policy.CompiledPolicy;
import dev.longshore.proxy.route.RoutingTable;
import dev.longshore.proxy.table.RoutingState;
import dev.longshore.proxy.tunnel.CloseCause;
import dev.longshore.proxy.tunnel.TunnelContext;
import dev.longshore.proxy.tunnel.Tunnels;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Closes the tunnels of rules that were removed, where {@code drain.onRemoval} of the policy that
 * admitted them is Close: some time after the removal, and only if then nobody serves their host
 * and path. A rule that can't be served any more keeps its place, so it counts as serving. Nothing
 * is looked at as long as no rule asks for it.
 */
final class RemovedRules {
  private final Tunnels tunnels;
  private final ScheduledExecutorService timer;
  private final Supplier<RoutingState> current;
  private final Duration delay;
  private final Part part;

  /** Rules that have a tunnel, perhaps, that is to be closed after their removal. */
  private final Set<RuleKey> closing = new HashSet<>();

  /** Those of them that are removed, with the change that did it. */
  private final Map<RuleKey, Object> removed = new HashMap<>();

  /**
   * Begins with no rule.
   *
   * @param delay from the removal to the look at what is served
   * @param part hears of a look that fails
   */
  RemovedRules(
      Tunnels tunnels,
      ScheduledExecutorService timer,
      Supplier<RoutingState> current,
      Duration delay,
      Part part) {
    this.part = part;
    this.tunnels = tunnels;
    this.timer = timer;
    this.current = current;
    this.delay = delay;
  }

  /** Follows a change, in time proportional to it. */
  synchronized void applied(RoutingState before, RoutingState now) {
    Object change = new Object();
    boolean[] any = {false};
    before
        .snapshot()
        .rules()
        .diff(
            now.snapshot().rules(),
            (key, _, next) -> {
              if (next != null) {
                removed.remove(key);
                if (closes(next, now.table())) {
                  closing.add(key);
                }
              } else if (closing.contains(key)) {
                removed.put(key, change);
                any[0] = true;
              }
            });
    if (any[0]) {
      Runnable look = part.guarded("tunnels of removed rules can't be closed", () -> look(change));
      var _ = timer.schedule(look, delay.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private static boolean closes(LocationRule rule, RoutingTable table) {
    return switch (rule.action()) {
      case RuleAction.Served served -> {
        CompiledPolicy policy = table.policy(served.policy());
        yield policy != null && policy.tunnels().closedOnRemoval();
      }
      case RuleAction.Unavailable _ -> false;
    };
  }

  private void look(Object change) {
    Set<RuleKey> gone = settle(change);
    if (gone.isEmpty() || tunnels.open() == 0) {
      return;
    }
    RoutingTable table = current.get().table();
    tunnels.close(
        CloseCause.REMOVED,
        tunnel -> {
          TunnelContext context = tunnel.context();
          return context.terms().closedOnRemoval()
              && gone.contains(context.rule().key())
              && !table.serves(context.host(), context.path());
        });
  }

  /** The rules that this change removed, and none after it has brought back. */
  private synchronized Set<RuleKey> settle(Object change) {
    Set<RuleKey> gone = new HashSet<>();
    removed.forEach(
        (key, by) -> {
          if (by == change) {
            gone.add(key);
          }
        });
    removed.keySet().removeAll(gone);
    closing.removeAll(gone);
    return gone;
  }
}
