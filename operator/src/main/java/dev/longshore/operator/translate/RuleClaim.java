package dev.longshore.operator.translate;

import dev.longshore.contract.RuleKey;
import dev.longshore.contract.RuleSource;

/**
 * A rule that a resource would like to have in the table.
 *
 * @param key its place
 * @param source where it comes from
 * @param strength what happens when somebody else wants the place
 * @param hostPath field path of its host
 * @param rulePath field path of the rule
 * @param outcome whether it can be served
 */
record RuleClaim(
    RuleKey key,
    RuleSource source,
    Strength strength,
    String hostPath,
    String rulePath,
    Outcome outcome) {

  /** What happens when somebody else wants the place. */
  enum Strength {
    /** The first claimant gets it, the others are told. */
    STATED,
    /**
     * It goes to whoever states it: a default backend, or the nearest place to what an invalid rule
     * means.
     */
    FALLBACK
  }
}
