package dev.longshore.operator.quarantine;

import dev.longshore.contract.EntryRef;
import dev.longshore.contract.HardLimits;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.SnapshotError;
import dev.longshore.contract.Version;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes to the one data plane that is in this process: what it refuses is kept apart as {@link
 * Quarantine} does it for many, so that one wrong entry never holds up the right ones. An entry
 * that was edited is free.
 *
 * <p>Not thread-safe.
 */
public final class LocalQuarantine {
  private static final Logger log = LoggerFactory.getLogger(LocalQuarantine.class);

  /** Refusals of one snapshot in a row; an entry in a place that can't be closed takes two. */
  private static final int MOST_ROUNDS = 64;

  private final Function<RoutingSnapshot, List<SnapshotError>> dataPlane;
  private final Map<EntryRef, Refusal> refused = new HashMap<>();
  private @Nullable RoutingSnapshot good;

  private record Refusal(@Nullable Version content, String why, boolean placeable) {}

  /**
   * What became of a snapshot.
   *
   * @param snapshot what is served of it, or was refused last
   * @param errors why nothing of it is served, when it can't be told what is to blame; else empty
   * @param held the rules that are not served as they should be
   */
  public record Result(
      RoutingSnapshot snapshot, List<SnapshotError> errors, Map<RuleKey, HeldRule> held) {}

  /**
   * A quarantine with nothing in it.
   *
   * @param dataPlane applies a snapshot, or refuses it whole and says why
   */
  public LocalQuarantine(Function<RoutingSnapshot, List<SnapshotError>> dataPlane) {
    this.dataPlane = dataPlane;
  }

  /** Has as much of a snapshot served as can be. */
  public Result publish(RoutingSnapshot snapshot) {
    refused
        .entrySet()
        .removeIf(
            entry -> !Objects.equals(entry.getValue().content, snapshot.versionOf(entry.getKey())));
    RoutingSnapshot next = snapshot;
    List<SnapshotError> errors = List.of();
    for (int round = 0; round < MOST_ROUNDS; round++) {
      Isolation isolation = new Isolation(snapshot);
      refused.forEach((ref, why) -> isolation.without(ref, why.why, why.placeable));
      RoutingSnapshot isolated = refused.isEmpty() ? snapshot : isolation.build(good);
      if (isolated == null) {
        break;
      }
      next = isolated;
      errors = dataPlane.apply(next);
      if (errors.isEmpty()) {
        good = next;
        return new Result(next, errors, isolation.held());
      }
      if (!refuse(snapshot, errors)) {
        break;
      }
    }
    log.error("it can't be told what of {} is to blame: what was served before stays", next);
    return new Result(next, errors, Map.of());
  }

  /** Whether there is anything to try without. */
  private boolean refuse(RoutingSnapshot snapshot, List<SnapshotError> errors) {
    boolean news = false;
    for (SnapshotError error : errors) {
      EntryRef ref = error.entry();
      Version content = snapshot.versionOf(ref);
      Refusal known = refused.get(ref);
      if (known == null && content != null && refused.size() < HardLimits.HELD_ENTRIES) {
        log.error("{} is held back, and what depends on it answers 503", error);
        refused.put(ref, new Refusal(content, error.toString(), true));
        news = true;
      } else if (known != null && known.placeable && ref instanceof EntryRef.Rule) {
        // What stands in its place is refused, too: its host is closed.
        refused.put(ref, new Refusal(known.content, known.why, false));
        news = true;
      }
    }
    return news;
  }
}
