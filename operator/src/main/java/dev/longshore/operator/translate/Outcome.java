package dev.longshore.operator.translate;

import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.contract.RuleAction.WeightedPool;
import dev.longshore.contract.policy.Policy;
import java.util.List;

/** What a resource's own manifest makes of one of its rules. */
sealed interface Outcome {

  /** It can be served. */
  record Serve(List<WeightedPool> backends, Rewrite rewrite, Policy policy) implements Outcome {
    public Serve {
      backends = List.copyOf(backends);
    }
  }

  /**
   * It can't be served, and answers 503 in its place.
   *
   * @param problem why
   */
  record Refuse(Problem problem) implements Outcome {}
}
