package dev.longshore.operator.translate;

import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.contract.RuleAction.WeightedPool;
import dev.longshore.contract.policy.Policy;
import java.util.List;

/** What a resource's own manifest makes of one of its rules. */
sealed interface Outcome {

  /**
   * It can be served.
   *
   * @param forcesHttps requests in the clear are redirected even where nobody wants TLS for the
   *     host, if a handshake succeeds there
   */
  record Serve(List<WeightedPool> backends, Rewrite rewrite, Policy policy, boolean forcesHttps)
      implements Outcome {
    public Serve {
      backends = List.copyOf(backends);
    }

    Serve(List<WeightedPool> backends, Rewrite rewrite, Policy policy) {
      this(backends, rewrite, policy, false);
    }
  }

  /**
   * It can't be served, and answers 503 in its place.
   *
   * @param problem why
   */
  record Refuse(Problem problem) implements Outcome {}
}
