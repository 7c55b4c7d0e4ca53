package dev.longshore.operator.push;

import dev.longshore.contract.LocationRule;
import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.contract.push.Features;
import dev.longshore.operator.quarantine.HeldRule;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot as data planes can read it that lack some features: the rules that need them answer
 * 503 there, and pools and listeners that need them are left out. What can't be closed rule by rule
 * is not sent at all.
 *
 * @param snapshot what they get; null: nothing can be sent to them
 * @param lacking what they lack of what all of the snapshot needs; empty if there is a snapshot
 * @param closed the rules that answer 503 there, with what is lacking
 */
record CompatibleSnapshot(
    @Nullable RoutingSnapshot snapshot, SortedSet<String> lacking, Map<RuleKey, HeldRule> closed) {

  /** The reason of rules that are closed. */
  static final String REASON = "UnsupportedByDataPlane";

  static CompatibleSnapshot of(RoutingSnapshot snapshot, SortedSet<String> missing) {
    if (missing.isEmpty()) {
      return new CompatibleSnapshot(snapshot, missing, Map.of());
    }
    SortedSet<String> lacking = common(Features.neededByAll(snapshot), missing);
    if (!lacking.isEmpty()) {
      return new CompatibleSnapshot(null, lacking, Map.of());
    }
    RoutingSnapshot told = missing.contains(Features.HTTP2) ? withoutHttp2(snapshot) : snapshot;
    return missing.contains(Features.SHARED_CREDENTIALS)
        ? closed(InlineCredentials.of(told), missing)
        : closed(told, missing);
  }

  /** Clients that would speak it find HTTP/1.1 in its place. */
  private static RoutingSnapshot withoutHttp2(RoutingSnapshot snapshot) {
    return SnapshotBuilder.from(snapshot).settings(snapshot.settings().withoutHttp2()).build();
  }

  private static CompatibleSnapshot closed(RoutingSnapshot snapshot, SortedSet<String> missing) {
    Map<RuleKey, HeldRule> closed = new HashMap<>();
    SnapshotBuilder builder = SnapshotBuilder.from(snapshot);
    snapshot
        .rules()
        .forEach(
            (key, rule) -> {
              SortedSet<String> less = common(Features.neededBy(snapshot, rule), missing);
              if (!less.isEmpty()) {
                String why = "lacks " + String.join(", ", less);
                builder.put(
                    new LocationRule(
                        rule.key(),
                        rule.source(),
                        new Unavailable(REASON, "the data plane " + why)));
                closed.put(key, new HeldRule(rule.source(), why));
              }
            });
    snapshot
        .pools()
        .forEach(
            (key, pool) -> {
              if (!common(pool.features(), missing).isEmpty()) {
                builder.removePool(key);
              }
            });
    if (missing.contains(Features.LISTENERS)) {
      // There it listens to what its flags say, as before.
      builder.listeners(PersistentMap.empty());
    }
    return new CompatibleSnapshot(builder.build(), new TreeSet<>(), Map.copyOf(closed));
  }

  private static SortedSet<String> common(SortedSet<String> needed, SortedSet<String> missing) {
    SortedSet<String> common = new TreeSet<>(needed);
    common.retainAll(missing);
    return common;
  }
}
