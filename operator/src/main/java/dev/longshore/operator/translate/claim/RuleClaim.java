package dev.longshore.operator.translate.claim;

import dev.longshore.contract.RuleKey;
import dev.longshore.contract.RuleSource;
import dev.longshore.operator.translate.verdict.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * A rule that a resource would like to have in the table.
 *
 * @param key its place
 * @param source where it comes from
 * @param strength what happens when somebody else wants the place
 * @param hostPath field path of its host
 * @param rulePath field path of the rule
 * @param outcome whether it can be served
 * @param pattern its place where all paths of its host are regular expressions; null: the same
 * @param enforces whether it makes regular expressions of all paths of its host
 * @param canary which requests it gets of the rule at its place, which it doesn't claim; null: it
 *     does
 */
public record RuleClaim(
    RuleKey key,
    RuleSource source,
    Strength strength,
    String hostPath,
    String rulePath,
    Outcome outcome,
    @Nullable RuleKey pattern,
    boolean enforces,
    @Nullable Canary canary) {

  /** The same place, of which something else becomes. */
  public RuleClaim with(Strength newer, Outcome another) {
    return new RuleClaim(
        key, source, newer, hostPath, rulePath, another, pattern, enforces, canary);
  }

  /** The claim at the place that it has where all paths are regular expressions. */
  public RuleClaim asPattern() {
    return pattern == null
        ? this
        : new RuleClaim(
            pattern, source, strength, hostPath, rulePath, outcome, null, enforces, canary);
  }

  /** What happens when somebody else wants the place. */
  public enum Strength {
    /** The first claimant gets it, the others are told. */
    STATED,
    /**
     * It goes to whoever states it: a default backend, or the nearest place to what an invalid rule
     * means.
     */
    FALLBACK
  }
}
