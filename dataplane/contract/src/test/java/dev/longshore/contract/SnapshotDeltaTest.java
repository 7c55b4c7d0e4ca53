package dev.longshore.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.contract.SnapshotDelta.Versions;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotDeltaTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void leadsFromOneSnapshotToAnother(long seed) throws Exception {
    Random random = new Random(seed);
    RoutingSnapshot older = Samples.snapshot(12);
    for (int i = 0; i < 200; i++) {
      RoutingSnapshot newer =
          SnapshotBuilderTest.applied(
              older, Stream.generate(() -> Samples.edit(random)).limit(random.nextInt(6)).toList());
      SnapshotDelta delta = SnapshotDelta.between(older, newer);
      assertThat(delta.isEmpty()).isEqualTo(older.equals(newer));
      SnapshotDelta sent = SnapshotCodec.readDelta(SnapshotCodec.write(delta));
      assertThat(sent).isEqualTo(delta);
      assertThat(sent.applyTo(older)).isEqualTo(newer);
      older = newer;
    }
  }

  @Test
  void isAsSmallAsTheChange() throws Exception {
    RoutingSnapshot older = Samples.snapshot(2_000);
    RoutingSnapshot newer =
        SnapshotBuilder.from(older)
            .put(Samples.unavailable(3))
            .removeRule(Samples.ruleKey(4))
            .put(Samples.endpointSet(5, 200))
            .build();
    SnapshotDelta delta = SnapshotDelta.between(older, newer);
    assertThat(delta.upserts().rules()).containsExactly(Samples.unavailable(3));
    assertThat(delta.upserts().endpointSets()).containsExactly(Samples.endpointSet(5, 200));
    assertThat(delta.removals().rules()).containsExactly(Samples.ruleKey(4));
    assertThat(SnapshotCodec.write(delta).length).isLessThan(3_000);
    RoutingSnapshot applied = delta.applyTo(older);
    assertThat(applied.pools()).isSameAs(older.pools());
    assertThat(applied.certificates()).isSameAs(older.certificates());
  }

  @Test
  void carriesOnlyPoliciesThatTheBaseLacks() {
    RoutingSnapshot older = Samples.snapshot(4);
    SnapshotBuilder builder = SnapshotBuilder.from(older);
    String fresh = builder.policy(Samples.policy(9));
    builder.put(Samples.rule(0, List.of(), fresh));
    builder.put(Samples.rule(1, List.of(), builder.policy(Samples.policy(2))));
    SnapshotDelta delta = SnapshotDelta.between(older, builder.build());
    assertThat(delta.upserts().policies())
        .containsExactly(new InternedPolicy(fresh, Samples.policy(9)));
  }

  @Test
  void refusesAnotherBase() {
    RoutingSnapshot one = Samples.snapshot(1);
    RoutingSnapshot two = Samples.snapshot(2);
    SnapshotDelta delta = SnapshotDelta.between(one, two);
    assertThatThrownBy(() -> delta.applyTo(two))
        .isInstanceOf(DeltaRejectedException.class)
        .hasMessage(
            "the delta is for version %s, but %s is applied", Versions.of(one), Versions.of(two));
  }

  @Test
  void refusesABaseWithOtherEndpoints() {
    RoutingSnapshot one = Samples.snapshot(1);
    RoutingSnapshot moved = SnapshotBuilder.from(one).put(Samples.endpointSet(0, 42)).build();
    SnapshotDelta delta = SnapshotDelta.between(one, Samples.snapshot(2));
    assertThatThrownBy(() -> delta.applyTo(moved)).isInstanceOf(DeltaRejectedException.class);
  }

  @Test
  void verifiesTheTarget() {
    RoutingSnapshot one = Samples.snapshot(1);
    SnapshotDelta delta = SnapshotDelta.between(one, Samples.snapshot(2));
    SnapshotDelta wrong =
        new SnapshotDelta(delta.base(), delta.base(), delta.upserts(), delta.removals());
    assertThatThrownBy(() -> wrong.applyTo(one))
        .isInstanceOf(DeltaRejectedException.class)
        .hasMessageContaining("was to lead to " + delta.base());
  }

  @Test
  void betweenEqualSnapshotsNothingIsPushed() {
    assertThat(SnapshotDelta.between(Samples.snapshot(5), Samples.snapshot(5)).isEmpty()).isTrue();
  }

  @Test
  void doesNotShowItsSecrets() {
    SnapshotDelta delta = SnapshotDelta.between(RoutingSnapshot.EMPTY, Samples.snapshot(1));
    assertThat(delta.toString()).contains("[redacted]").doesNotContain("BEGIN PRIVATE KEY");
  }
}
