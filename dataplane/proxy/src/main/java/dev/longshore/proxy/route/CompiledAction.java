package dev.longshore.proxy.route;

import dev.longshore.contract.RuleAction.PathRewrite;
import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.contract.RuleKey;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.policy.CompiledPolicy;
import dev.longshore.proxy.route.RequestTarget.Accepted;
import dev.longshore.proxy.upstream.Pool;
import org.jspecify.annotations.Nullable;

/** What becomes of a request that a rule matched, with everything looked up beforehand. */
public sealed interface CompiledAction {

  /** It is served, under a policy. */
  sealed interface Served extends CompiledAction {
    /** What is enforced. */
    CompiledPolicy policy();
  }

  /**
   * Proxy it.
   *
   * @param pools where to, by weight
   * @param rewrite changes to target and Host
   * @param pattern makes paths of what the rule's pattern matched; null: they are not
   * @param policy what is enforced
   */
  record Forward(
      WeightedPools pools,
      Rewrite rewrite,
      @Nullable PatternRewriter pattern,
      CompiledPolicy policy)
      implements Served {

    /**
     * The pool for one request, see {@link WeightedPools}; its retries stay in it.
     *
     * @return null when every weight is 0: answer 503
     */
    public @Nullable Pool choosePool(RequestView request) {
      return pools.choose(request);
    }

    /**
     * The target that goes upstream.
     *
     * @param target that matched
     * @param key of the rule that it matched
     */
    public String rewriteTarget(Accepted target, RuleKey key) {
      if (pattern != null) {
        return pattern.rewrite(target);
      }
      PathRewrite path = rewrite.path();
      return path == null ? target.forwardTarget() : PathRewriter.rewrite(path, target, key);
    }
  }

  /**
   * Answer where else to ask.
   *
   * @param policy what is enforced before
   */
  record Redirect(Redirection to, CompiledPolicy policy) implements Served {}

  /**
   * Answer without asking anybody.
   *
   * @param policy what is enforced before
   */
  record Respond(LocalAnswer answer, CompiledPolicy policy) implements Served {}

  /** It can't be served. */
  record Refuse(LocalAnswer answer) implements CompiledAction {}
}
