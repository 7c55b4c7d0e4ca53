package dev.longshore.operator.quarantine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.EntryRef;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.SnapshotError;
import dev.longshore.operator.push.TestSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** One wrong entry in a folder closes what depends on it, and nothing else. */
class LocalQuarantineTest {
  private static final RoutingSnapshot ONE = TestSnapshots.rules(3);
  private static final EntryRef RULE = new EntryRef.Rule(TestSnapshots.key(1));

  private final List<RoutingSnapshot> offered = new ArrayList<>();
  private final List<EntryRef> refusing = new ArrayList<>();
  private final LocalQuarantine quarantine = new LocalQuarantine(this::take);

  @Test
  void whatIsRefusedIsClosedAloneAndFreeWhenItWasEdited() {
    refusing.add(RULE);
    LocalQuarantine.Result result = quarantine.publish(ONE);
    assertThat(result.errors()).isEmpty();
    assertThat(result.held().keySet()).containsExactly(TestSnapshots.key(1));
    assertThat(Objects.requireNonNull(result.snapshot().rules().get(TestSnapshots.key(1))).action())
        .isInstanceOf(Unavailable.class);
    assertThat(result.snapshot().rules().get(TestSnapshots.key(0)))
        .isEqualTo(ONE.rules().get(TestSnapshots.key(0)));
    // Another's change goes at once, without another refusal.
    offered.clear();
    assertThat(quarantine.publish(TestSnapshots.endpoint(ONE, 7)).errors()).isEmpty();
    assertThat(offered).hasSize(1);
    refusing.clear();
    RoutingSnapshot edited = TestSnapshots.rewritten(ONE, 1, "other.internal");
    assertThat(quarantine.publish(edited).snapshot()).isEqualTo(edited);
    assertThat(quarantine.publish(edited).held()).isEmpty();
  }

  @Test
  void aPlaceThatCantBeClosedClosesItsHost() {
    LocalQuarantine strict =
        new LocalQuarantine(
            snapshot -> {
              offered.add(snapshot);
              // Even the closed rule is refused.
              return snapshot.versionOf(RULE) != null && offered.size() < 3
                  ? List.of(new SnapshotError(RULE, RULE.path(), "never"))
                  : List.of();
            });
    LocalQuarantine.Result result = strict.publish(ONE);
    assertThat(result.errors()).isEmpty();
    assertThat(offered).hasSize(3);
    assertThat(result.snapshot().rules().get(TestSnapshots.key(2)))
        .isEqualTo(ONE.rules().get(TestSnapshots.key(2)));
  }

  @Test
  void whatNoEntryIsToBlameForIsToldAndEnds() {
    refusing.add(new EntryRef.PolicyId("nobody's"));
    LocalQuarantine.Result result = quarantine.publish(ONE);
    assertThat(result.errors()).isNotEmpty();
    assertThat(offered).hasSize(1);
  }

  private List<SnapshotError> take(RoutingSnapshot snapshot) {
    offered.add(snapshot);
    return refusing.stream()
        .filter(
            ref ->
                ONE.versionOf(ref) == null
                    || Objects.equals(snapshot.versionOf(ref), ONE.versionOf(ref)))
        .map(ref -> new SnapshotError(ref, ref.path(), "is not to the taste of this one"))
        .toList();
  }
}
