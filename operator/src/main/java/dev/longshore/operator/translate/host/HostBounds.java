package dev.longshore.operator.translate.host;

import dev.longshore.contract.BoundedPattern;
import dev.longshore.contract.HardLimits;
import dev.longshore.contract.Matches;
import dev.longshore.contract.RuleKey;
import dev.longshore.operator.translate.claim.RuleClaim;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;

/**
 * What the rules of one host may make a request cost, together: their patterns, and the conditions
 * that one path may ask. Rules are counted from the first in order; each that does not fit any more
 * is refused, and none for its sake that was there before.
 */
final class HostBounds {
  private final Map<RuleKey, Integer> conditional = new HashMap<>();
  private final Map<RuleKey, Problem> beyond = new HashMap<>();
  private int instructions;

  /** Whether a rule is to be counted at all: most cost nothing that is bounded here. */
  static boolean concern(RuleKey key) {
    return key.matches().count() > 0 || BoundedPattern.instructionsOf(key) > 0;
  }

  /** Counts a rule, in order. */
  void count(RuleClaim rule) {
    count(rule, rule.key());
  }

  /** Counts what a canary adds to the rule that it stands beside. */
  void countCanary(RuleClaim rule) {
    if (rule.canary() != null) {
      rule.canary()
          .places(rule.key())
          .sorted(Comparator.comparing(key -> key.matches().toString()))
          .forEach(key -> count(rule, key));
    }
  }

  private void count(RuleClaim rule, RuleKey key) {
    int cost = BoundedPattern.instructionsOf(key);
    RuleKey place = new RuleKey(key.host(), key.pathType(), key.path(), Matches.NONE);
    boolean conditions = key.matches().count() > 0;
    int others = conditional.getOrDefault(place, 0);
    if (cost > 0 && instructions + cost > HardLimits.PATTERN_INSTRUCTIONS_PER_HOST) {
      beyond.put(
          key,
          refused(
              rule,
              "host %s has patterns of about %,d instructions already, this has %,d and %,d are"
                  + " possible: write smaller ones, or Exact and Prefix paths; what it would match"
                  + " goes to other rules",
              Quote.of(key.host()),
              instructions,
              cost,
              HardLimits.PATTERN_INSTRUCTIONS_PER_HOST));
    } else if (conditions && others >= HardLimits.CONDITIONAL_RULES_PER_PATH) {
      beyond.put(
          key,
          refused(
              rule,
              "%,d rules of %s on host %s have a match already, and more are not possible: use"
                  + " different paths; what it would match goes to other rules",
              others,
              Quote.of(key.path()),
              Quote.of(key.host())));
    } else {
      instructions += cost;
      if (conditions) {
        conditional.put(place, others + 1);
      }
    }
  }

  /** The rules that did not fit, and why. */
  Map<RuleKey, Problem> beyond() {
    return beyond;
  }

  private static Problem refused(RuleClaim rule, String message, Object... arguments) {
    return Problem.warning(Reason.NOT_ALLOWED, rule.rulePath(), message.formatted(arguments));
  }
}
