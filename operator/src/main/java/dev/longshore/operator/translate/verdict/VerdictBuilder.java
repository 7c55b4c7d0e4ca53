package dev.longshore.operator.translate.verdict;

import dev.longshore.operator.translate.verdict.Problem.Severity;
import dev.longshore.operator.translate.verdict.Verdict.Condition;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Sums up what became of a resource: its problems, and the conditions that follow from them. */
public final class VerdictBuilder {
  private static final int MOST_PROBLEMS = 100;
  private static final int MOST_IN_MESSAGE = 3;
  private static final String PARTIALLY_INVALID = "PartiallyInvalid";

  private final SequencedSet<Problem> problems = new LinkedHashSet<>();
  private final SortedSet<String> owners = new TreeSet<>();
  private boolean served;
  private boolean refused;

  /** At least one rule is in the table, and goes somewhere. */
  public void served() {
    served = true;
  }

  /** A namespace that a host of the resource belongs to; null: none. */
  public void owner(@Nullable String namespace) {
    if (namespace != null) {
      owners.add(namespace);
    }
  }

  /** A rule is in the table, and answers 503. */
  public void refused(Problem problem) {
    refused = true;
    problems.add(problem);
  }

  /** Adds a problem. */
  public void add(Problem problem) {
    problems.add(problem);
  }

  /** Adds problems, in their order. */
  public void addAll(List<Problem> more) {
    problems.addAll(more);
  }

  /** The verdict of a WebSocketRoute or Ingress. */
  public Verdict build() {
    return new Verdict(
        List.of(
            accepted(),
            condition(ConditionType.RESOLVED_REFS, "ResolvedRefs", "every reference is resolved"),
            condition(
                ConditionType.ENDPOINTS_READY,
                "EndpointsReady",
                "every pool has a ready endpoint")),
        bounded(),
        List.copyOf(owners),
        served || !refused);
  }

  /** The verdict of a LongshoreConfig: what is right of it is in use. */
  public static Verdict ofConfig(Problems found) {
    VerdictBuilder builder = new VerdictBuilder();
    builder.served();
    builder.addAll(found.all());
    return new Verdict(List.of(builder.accepted()), builder.bounded());
  }

  /** The verdict of a resource of which only what is wrong is said. */
  public static Verdict ofProblems(Problems found) {
    VerdictBuilder builder = new VerdictBuilder();
    builder.addAll(found.all());
    return new Verdict(List.of(), builder.bounded());
  }

  /** The verdict of a resource that isn't even looked at, for a fault of ours. */
  public static Verdict ofBug(Problem problem) {
    VerdictBuilder builder = new VerdictBuilder();
    builder.add(problem);
    return new Verdict(List.of(builder.accepted()), builder.bounded());
  }

  private Condition accepted() {
    List<Problem> against = against(ConditionType.ACCEPTED);
    if (against.isEmpty()) {
      return new Condition(
          ConditionType.ACCEPTED,
          true,
          "Accepted",
          refused && !served ? "understood, but every rule answers 503" : "understood");
    }
    return new Condition(
        ConditionType.ACCEPTED,
        served,
        served ? PARTIALLY_INVALID : against.getFirst().reason(),
        message(against));
  }

  private Condition condition(ConditionType type, String reason, String message) {
    List<Problem> against = against(type);
    return against.isEmpty()
        ? new Condition(type, true, reason, message)
        : new Condition(type, false, against.getFirst().reason(), message(against));
  }

  private List<Problem> against(ConditionType type) {
    return problems.stream()
        .filter(problem -> problem.severity() == Severity.WARNING)
        .filter(problem -> Reason.labelled(problem.reason()).concerns(type))
        .toList();
  }

  private static String message(List<Problem> problems) {
    StringBuilder message = new StringBuilder();
    for (Problem problem : problems.subList(0, Math.min(MOST_IN_MESSAGE, problems.size()))) {
      message.append(message.isEmpty() ? "" : "; ").append(problem.text());
    }
    int more = problems.size() - MOST_IN_MESSAGE;
    return more > 0 ? message + "; and " + more + " more" : message.toString();
  }

  private List<Problem> bounded() {
    List<Problem> all = new ArrayList<>(problems);
    return all.size() <= MOST_PROBLEMS ? all : all.subList(0, MOST_PROBLEMS);
  }
}
