package dev.longshore.operator.push;

import dev.longshore.contract.LocationRule;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.contract.push.Features;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot as data planes can read it that lack some features: the rules that need them answer
 * 503 there, and pools that need them are left out. What can't be closed rule by rule is not sent
 * at all.
 *
 * @param snapshot what they get; null: nothing can be sent to them
 * @param lacking what they lack of what all of the snapshot needs; empty if there is a snapshot
 */
record Tailored(@Nullable RoutingSnapshot snapshot, SortedSet<String> lacking) {

  /** The reason of rules that are closed. */
  static final String REASON = "UnsupportedByDataPlane";

  static Tailored of(RoutingSnapshot snapshot, SortedSet<String> missing) {
    if (missing.isEmpty()) {
      return new Tailored(snapshot, missing);
    }
    SortedSet<String> lacking = common(Features.neededByAll(snapshot), missing);
    if (!lacking.isEmpty()) {
      return new Tailored(null, lacking);
    }
    SnapshotBuilder builder = SnapshotBuilder.from(snapshot);
    snapshot
        .rules()
        .forEach(
            (key, rule) -> {
              SortedSet<String> less = common(Features.neededBy(snapshot, rule), missing);
              if (!less.isEmpty()) {
                builder.put(closed(rule, less));
              }
            });
    snapshot
        .pools()
        .forEach(
            (key, pool) -> {
              if (!common(Features.neededBy(pool), missing).isEmpty()) {
                builder.removePool(key);
              }
            });
    return new Tailored(builder.build(), lacking);
  }

  private static LocationRule closed(LocationRule rule, SortedSet<String> missing) {
    return new LocationRule(
        rule.key(),
        rule.source(),
        new Unavailable(REASON, "the data plane lacks " + String.join(", ", missing)));
  }

  private static SortedSet<String> common(SortedSet<String> needed, SortedSet<String> missing) {
    SortedSet<String> common = new TreeSet<>(needed);
    common.retainAll(missing);
    return common;
  }
}
