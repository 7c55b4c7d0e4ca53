package dev.longshore.operator.translate.verdict;

import java.util.List;
import java.util.Optional;

/**
 * What became of one resource.
 *
 * @param conditions Accepted, ResolvedRefs and EndpointsReady, as far as they apply to its kind;
 *     none for a resource that is not served here
 * @param problems what its owner should know, those of the manifest itself first
 * @param hostOwners the namespaces that its hosts belong to, sorted
 * @param serves whether any of its rules goes somewhere; false: each answers 503
 */
public record Verdict(
    List<Condition> conditions, List<Problem> problems, List<String> hostOwners, boolean serves) {
  public Verdict {
    conditions = List.copyOf(conditions);
    problems = List.copyOf(problems);
    hostOwners = List.copyOf(hostOwners);
  }

  /** The verdict of a resource without hosts. */
  public Verdict(List<Condition> conditions, List<Problem> problems) {
    this(conditions, problems, List.of(), true);
  }

  /**
   * One condition, without times and generation: whoever writes the status adds them.
   *
   * @param type what it is about
   * @param status whether it holds
   * @param reason one word for programs
   * @param message why, for people; names the fields
   */
  public record Condition(ConditionType type, boolean status, String reason, String message) {}

  /** The condition of that type, if it applies. */
  public Optional<Condition> condition(ConditionType type) {
    return conditions.stream().filter(condition -> condition.type() == type).findFirst();
  }

  /** Whether anything is not as the manifest wants it. */
  public boolean hasWarnings() {
    return problems.stream().anyMatch(problem -> problem.severity() == Problem.Severity.WARNING);
  }
}
