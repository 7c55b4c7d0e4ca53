package dev.longshore.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.RuleAction.WeightedPool;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotBuilderTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void theSameEntriesInAnyOrderHaveTheSameVersion(long seed) {
    Random random = new Random(seed);
    List<Consumer<SnapshotBuilder>> edits = new ArrayList<>(Samples.entries(40));
    RoutingSnapshot first = applied(RoutingSnapshot.EMPTY, edits);
    Collections.shuffle(edits, random);
    // Detours that end where they began leave no trace either.
    edits.add(
        random.nextInt(edits.size()),
        b -> b.put(Samples.rule(900, List.of(), b.policy(Samples.policy(7)))));
    edits.add(b -> b.removeRule(Samples.ruleKey(900)));
    RoutingSnapshot second = applied(RoutingSnapshot.EMPTY, edits);
    assertThat(second).isEqualTo(first);
    assertThat(second.version()).isEqualTo(first.version());
    assertThat(second.endpointsVersion()).isEqualTo(first.endpointsVersion());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void theVersionAndTheReferencesAreThoseOfTheContent(long seed) {
    Random random = new Random(seed);
    RoutingSnapshot snapshot = Samples.snapshot(12);
    for (int i = 0; i < 300; i++) {
      snapshot = applied(snapshot, List.of(Samples.edit(random), Samples.edit(random)));
      RoutingSnapshot anew = rebuilt(snapshot);
      assertThat(anew).isEqualTo(snapshot);
      assertThat(anew.references()).isEqualTo(snapshot.references());
    }
  }

  @Test
  void anEditBackIsTheOldVersion() {
    RoutingSnapshot before = Samples.snapshot(8);
    RoutingSnapshot after =
        applied(before, List.of(b -> b.removeRule(Samples.ruleKey(3)), b -> b.settings(other())));
    assertThat(after.version()).isNotEqualTo(before.version());
    List<Consumer<SnapshotBuilder>> all = Samples.entries(8);
    assertThat(applied(after, all)).isEqualTo(before);
  }

  @Test
  void whatChangesNothingSharesEverything() {
    RoutingSnapshot before = Samples.snapshot(8);
    RoutingSnapshot after = applied(before, Samples.entries(8));
    assertThat(after.rules()).isSameAs(before.rules());
    assertThat(after.pools()).isSameAs(before.pools());
    assertThat(after.version()).isEqualTo(before.version());
  }

  @Test
  void everyKindOfChangeIsAnotherVersion() {
    RoutingSnapshot before = Samples.snapshot(8);
    List<Consumer<SnapshotBuilder>> edits =
        List.of(
            b -> b.put(Samples.unavailable(1)),
            b -> b.put(Samples.rule(1, List.of(), b.policy(Samples.policy(0)))),
            b -> b.put(Samples.pool(0, 1)),
            b -> b.put(Samples.certificate(1, Samples.PRIVATE_KEY)),
            b -> b.put(Samples.certificate(0, "another key")),
            b -> b.removePool(Samples.poolKey(0)),
            b -> b.settings(other()));
    for (Consumer<SnapshotBuilder> edit : edits) {
      RoutingSnapshot after = applied(before, List.of(edit));
      assertThat(after.version()).isNotEqualTo(before.version());
      assertThat(after.endpointsVersion()).isEqualTo(before.endpointsVersion());
    }
  }

  @Test
  void endpointsAreVersionedApart() {
    RoutingSnapshot before = Samples.snapshot(8);
    RoutingSnapshot after = applied(before, List.of(b -> b.put(Samples.endpointSet(0, 99))));
    assertThat(after.version()).isEqualTo(before.version());
    assertThat(after.endpointsVersion()).isNotEqualTo(before.endpointsVersion());
    assertThat(after.rules()).isSameAs(before.rules());
  }

  @Test
  void aPolicyGoesWithItsLastRule() {
    SnapshotBuilder builder = SnapshotBuilder.from(RoutingSnapshot.EMPTY);
    String shared = builder.policy(Samples.policy(1));
    builder.put(Samples.rule(1, List.of(), shared)).put(Samples.rule(2, List.of(), shared));
    assertThat(builder.build().policies().get(shared)).isEqualTo(Samples.policy(1));
    assertThat(builder.removeRule(Samples.ruleKey(1)).build().policies().size()).isEqualTo(1);
    assertThat(builder.put(Samples.unavailable(2)).build().policies().size()).isZero();
  }

  @Test
  void aPolicyThatNoRuleRefersToIsNotKept() {
    SnapshotBuilder builder = SnapshotBuilder.from(RoutingSnapshot.EMPTY);
    builder.policy(Samples.policy(1));
    assertThat(builder.build()).isEqualTo(RoutingSnapshot.EMPTY);
  }

  @Test
  void aPolicyIsNamedByItsContent() {
    SnapshotBuilder one = SnapshotBuilder.from(RoutingSnapshot.EMPTY);
    SnapshotBuilder other = SnapshotBuilder.from(Samples.snapshot(4));
    assertThat(one.policy(Samples.policy(1)))
        .isEqualTo(other.policy(Samples.policy(1)))
        .isNotEqualTo(one.policy(Samples.policy(2)))
        .matches("[0-9a-f]{32}");
  }

  @Test
  void aRuleMayNameOnePoolTwice() {
    List<WeightedPool> twice =
        List.of(new WeightedPool(Samples.poolKey(1), 1), new WeightedPool(Samples.poolKey(1), 2));
    SnapshotBuilder builder = SnapshotBuilder.from(RoutingSnapshot.EMPTY);
    builder.put(Samples.rule(1, twice, "none"));
    assertThat(builder.build().references().has(Samples.poolKey(1))).isTrue();
    builder.removeRule(Samples.ruleKey(1));
    assertThat(builder.build().references()).isEqualTo(References.NONE);
  }

  @Test
  void hostileTextHasACanonicalForm() {
    String hostile = "\ud800\n\u0000\"é\\u0000";
    LocationRule rule =
        new LocationRule(
            new RuleKey(hostile, PathType.EXACT, hostile, Matches.NONE),
            Samples.source(0),
            new RuleAction.Unavailable(hostile, hostile));
    SnapshotBuilder builder = SnapshotBuilder.from(RoutingSnapshot.EMPTY).put(rule);
    assertThat(builder.build().version()).isNotEqualTo(RoutingSnapshot.EMPTY.version());
    assertThat(builder.removeRule(rule.key()).build()).isEqualTo(RoutingSnapshot.EMPTY);
  }

  @Test
  void aSnapshotDoesNotShowItsSecrets() {
    assertThat(Samples.certificate(0, "hush").toString()).doesNotContain("hush");
    assertThat(Samples.snapshot(1).toString()).contains("rules=1").doesNotContain("PRIVATE");
  }

  private static Settings other() {
    return Samples.settings(1);
  }

  static RoutingSnapshot applied(RoutingSnapshot base, List<Consumer<SnapshotBuilder>> edits) {
    SnapshotBuilder builder = SnapshotBuilder.from(base);
    edits.forEach(edit -> edit.accept(builder));
    return builder.build();
  }

  private static RoutingSnapshot rebuilt(RoutingSnapshot snapshot) {
    SnapshotBuilder builder = SnapshotBuilder.from(RoutingSnapshot.EMPTY);
    snapshot.policies().forEach((id, policy) -> builder.policy(policy));
    snapshot.credentials().forEach((id, shared) -> builder.put(shared));
    snapshot.rules().forEach((key, rule) -> builder.put(rule));
    snapshot.pools().forEach((key, pool) -> builder.put(pool));
    snapshot.endpointSets().forEach((key, set) -> builder.put(set));
    snapshot.certificates().forEach((key, certificate) -> builder.put(certificate));
    return builder.settings(snapshot.settings()).listeners(snapshot.listeners()).build();
  }
}
