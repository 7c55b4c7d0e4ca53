package dev.longshore.operator.translate;

import dev.longshore.contract.RuleAction.Served;
import dev.longshore.contract.RuleAction.WeightedPool;
import dev.longshore.contract.policy.Policy;
import java.util.List;

/** What a resource's own manifest makes of one of its rules. */
sealed interface Outcome {

  /**
   * It can be served.
   *
   * @param action under no policy yet
   * @param policy the one that it gets
   */
  record Serve(Served action, Policy policy) implements Outcome {
    List<WeightedPool> backends() {
      return action.backends();
    }
  }

  /**
   * It can't be served, and answers 503 in its place.
   *
   * @param problem why
   */
  record Refuse(Problem problem) implements Outcome {}
}
