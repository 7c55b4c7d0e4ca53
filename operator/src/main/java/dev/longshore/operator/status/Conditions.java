package dev.longshore.operator.status;

import dev.longshore.api.v1alpha1.Condition;
import dev.longshore.operator.translate.verdict.ConditionType;
import dev.longshore.operator.translate.verdict.Verdict;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes the conditions of a status out of a verdict and what the data planes have of it. */
final class Conditions {
  static final String PROGRAMMED = "Programmed";

  private Conditions() {}

  /**
   * The conditions as they should be.
   *
   * @param before the present ones; a time of transition stays as long as the status does
   */
  static List<Condition> of(
      Verdict verdict,
      Progress progress,
      long generation,
      @Nullable List<Condition> before,
      Instant now) {
    List<Condition> conditions = new ArrayList<>();
    for (Verdict.Condition condition : verdict.conditions()) {
      conditions.add(
          condition(
              condition.type().label(),
              condition.status(),
              condition.reason(),
              condition.message(),
              generation,
              before,
              now));
    }
    boolean accepted =
        verdict.condition(ConditionType.ACCEPTED).map(Verdict.Condition::status).orElse(true);
    String reason;
    String message;
    boolean status = false;
    if (!accepted) {
      reason = "Rejected";
      message = "nothing of it is served: see the condition Accepted";
    } else {
      switch (progress) {
        case Progress.Programmed _ -> {
          status = true;
          reason = PROGRAMMED;
          message = "every ready data plane has it";
        }
        case Progress.Pending(int ready, int programmed, List<String> missing) -> {
          reason = "Pending";
          message =
              programmed
                  + " of "
                  + ready
                  + " ready data planes have it; not yet "
                  + String.join(", ", missing)
                  + (ready - programmed > missing.size() ? " and others" : "");
        }
        case Progress.Rejected(int _, String why) -> {
          reason = "Rejected";
          message = why;
        }
        case Progress.NoDataPlane() -> {
          reason = "NoDataPlane";
          message = "no data plane is ready: look at the pods of the data plane's Service";
        }
      }
    }
    conditions.add(condition(PROGRAMMED, status, reason, message, generation, before, now));
    return conditions;
  }

  /** Whether an earlier writer found that generation programmed. */
  static boolean isProgrammed(@Nullable List<Condition> conditions, long generation) {
    Condition condition = find(conditions, PROGRAMMED);
    return condition != null
        && "True".equals(condition.status())
        && Objects.equals(condition.observedGeneration(), generation);
  }

  private static Condition condition(
      String type,
      boolean status,
      String reason,
      String message,
      long generation,
      @Nullable List<Condition> before,
      Instant now) {
    String text = status ? "True" : "False";
    Condition older = find(before, type);
    String since =
        older != null && text.equals(older.status()) && older.lastTransitionTime() != null
            ? older.lastTransitionTime()
            : now.truncatedTo(ChronoUnit.SECONDS).toString();
    return new Condition(type, text, generation, since, reason, message);
  }

  private static @Nullable Condition find(@Nullable List<Condition> conditions, String type) {
    if (conditions != null) {
      for (Condition condition : conditions) {
        if (type.equals(condition.type())) {
          return condition;
        }
      }
    }
    return null;
  }
}
