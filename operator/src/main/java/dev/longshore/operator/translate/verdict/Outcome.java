package dev.longshore.operator.translate.verdict;

import dev.longshore.contract.RuleAction.Served;
import dev.longshore.contract.RuleAction.WeightedPool;
import dev.longshore.contract.policy.Policy;
import java.util.List;

/** What a resource's own manifest makes of one of its rules. */
public sealed interface Outcome {

  /**
   * It can be served.
   *
   * @param action under no policy yet
   * @param policy the one that it gets
   * @param forcesHttps requests in the clear are redirected even where nobody wants TLS for the
   *     host, if a handshake succeeds there
   */
  record Serve(Served action, Policy policy, boolean forcesHttps) implements Outcome {
    /** What is done where a canary takes no part. */
    public Serve(Served action, Policy policy) {
      this(action, policy, false);
    }

    /** The pools that are forwarded to, by weight; empty where nothing is forwarded. */
    public List<WeightedPool> backends() {
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
