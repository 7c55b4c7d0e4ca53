package dev.longshore.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.api.v1alpha1.Condition;
import dev.longshore.operator.translate.verdict.ConditionType;
import dev.longshore.operator.translate.verdict.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ConditionsTest {
  private static final Instant NOON = Instant.parse("2026-05-01T12:00:00.123Z");
  private static final Instant LATER = Instant.parse("2026-05-01T12:30:00Z");
  private static final Verdict GOOD =
      new Verdict(
          List.of(new Verdict.Condition(ConditionType.ACCEPTED, true, "Accepted", "understood")),
          List.of());
  private static final Verdict BAD =
      new Verdict(
          List.of(new Verdict.Condition(ConditionType.ACCEPTED, false, "Invalid", "no")),
          List.of());

  @Test
  void timesAreOfTheLastChangeOfStatusAndNothingElse() {
    List<Condition> first = Conditions.of(GOOD, new Progress.NoDataPlane(), 1, null, NOON);
    assertThat(first).allMatch(c -> "2026-05-01T12:00:00Z".equals(c.lastTransitionTime()));

    List<Condition> same = Conditions.of(GOOD, new Progress.NoDataPlane(), 1, first, LATER);
    assertThat(same).isEqualTo(first);

    List<Condition> reason =
        Conditions.of(GOOD, new Progress.Pending(3, 1, List.of("a")), 2, first, LATER);
    assertThat(reason.get(1).reason()).isEqualTo("Pending");
    assertThat(reason.get(1).message())
        .isEqualTo("1 of 3 ready data planes have it; not yet a and others");
    assertThat(reason).allMatch(c -> Objects.equals(c.observedGeneration(), 2L));
    assertThat(reason).allMatch(c -> "2026-05-01T12:00:00Z".equals(c.lastTransitionTime()));

    List<Condition> done = Conditions.of(GOOD, new Progress.Programmed(3), 2, reason, LATER);
    assertThat(done.get(0).lastTransitionTime()).isEqualTo("2026-05-01T12:00:00Z");
    assertThat(done.get(1).lastTransitionTime()).isEqualTo("2026-05-01T12:30:00Z");
    assertThat(Conditions.isProgrammed(done, 2)).isTrue();
    assertThat(Conditions.isProgrammed(done, 3)).isFalse();
  }

  @Test
  void howManyDataPlanesThereAreIsNoPartOfWhatHoldsOn() {
    List<Condition> three = Conditions.of(GOOD, new Progress.Programmed(3), 1, null, NOON);
    assertThat(Conditions.of(GOOD, new Progress.Programmed(5), 1, three, LATER)).isEqualTo(three);
  }

  @Test
  void whatIsNotServedIsNotProgrammed() {
    List<Condition> conditions = Conditions.of(BAD, new Progress.Programmed(2), 1, null, NOON);
    assertThat(conditions.get(1).status()).isEqualTo("False");
    assertThat(conditions.get(1).reason()).isEqualTo("Rejected");
    assertThat(conditions.get(1).message()).contains("Accepted");
  }
}
