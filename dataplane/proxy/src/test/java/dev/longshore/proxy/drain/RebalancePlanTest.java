package dev.longshore.proxy.drain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.proxy.drain.RebalancePlan.Load;
import dev.longshore.proxy.drain.RebalancePlan.Plan;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RebalancePlanTest {
  private static List<Load> full(int... tunnels) {
    return Arrays.stream(tunnels).mapToObj(count -> new Load(count, 1)).toList();
  }

  private static Plan plan(List<Load> loads, int most) {
    return RebalancePlan.plan(loads, false, 10, most);
  }

  @Test
  void crowdedOnesGiveInProportionAndNoMoreThanTheRate() {
    assertThat(plan(full(1000, 500, 0, 0), 50)).isEqualTo(new Plan(List.of(42, 8, 0, 0), true));
    assertThat(plan(full(1000, 1000, 0, 0), 1).moves().stream().mapToInt(i -> i).sum()).isOne();
  }

  @Test
  void withinTheToleranceNobodyMoves() {
    assertThat(plan(full(110, 110, 90, 90), 50)).isEqualTo(new Plan(List.of(0, 0, 0, 0), false));
    assertThat(plan(full(111, 109, 90, 90), 50).moving()).isTrue();
    assertThat(plan(full(), 50).moving()).isFalse();
    assertThat(plan(full(0, 0), 50).moving()).isFalse();
    assertThat(plan(full(7), 50).moving()).isFalse();
  }

  @Test
  void whatHasBegunGoesOnToHalfTheTolerance() {
    List<Load> loads = full(108, 108, 92, 92);
    assertThat(plan(loads, 50).moving()).isFalse();
    assertThat(RebalancePlan.plan(loads, true, 10, 50))
        .isEqualTo(new Plan(List.of(3, 3, 0, 0), true));
    assertThat(RebalancePlan.plan(full(105, 105, 95, 95), true, 10, 50).moving()).isFalse();
  }

  @Test
  void oneTunnelMoreThanTheOthersIsEven() {
    assertThat(plan(full(2, 1), 50).moving()).isFalse();
    assertThat(plan(full(1, 0, 0), 50).moving()).isFalse();
    assertThat(plan(full(3, 0), 50).moves()).containsExactly(1, 0);
    assertThat(plan(full(2, 0), 50).moves()).containsExactly(1, 0);
  }

  @Test
  void whoRampsIsTargetedByItsShareAndGivesNothing() {
    List<Load> loads = List.of(new Load(1000, 1), new Load(0, 0.01));
    assertThat(plan(loads, 50).moving()).as("990 to 10 is even").isFalse();
    assertThat(plan(List.of(new Load(1000, 1), new Load(0, 0.5)), 50).moves())
        .containsExactly(50, 0);
    assertThat(plan(List.of(new Load(10, 1), new Load(400, 0.5)), 50).moves())
        .containsExactly(0, 0);
  }
}
