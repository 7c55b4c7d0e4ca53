package dev.longshore.operator.translate.host;

import dev.longshore.contract.PoolKey;
import dev.longshore.contract.RuleAction.Forward;
import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.contract.RuleAction.WeightedPool;
import dev.longshore.operator.translate.claim.Claimant;
import dev.longshore.operator.translate.claim.PoolClaim;
import dev.longshore.operator.translate.claim.RuleClaim;
import dev.longshore.operator.translate.verdict.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One of those who want a place; the first in order gets it.
 *
 * @param pools of the claimant
 */
record Contender(Claimant claimant, RuleClaim rule, Map<PoolKey, PoolClaim> pools)
    implements Comparable<Contender> {
  private static final PoolKey UNNAMED = new PoolKey("", "", "", "");

  private static final Comparator<Contender> ORDER =
      Comparator.comparing((Contender contender) -> contender.rule.strength())
          .thenComparing(Contender::claimant)
          .thenComparing(contender -> contender.rule.source().index())
          .thenComparing(contender -> contender.rule.hostPath());

  /** In what the two differ, as the end of a sentence; null: they say the same. */
  @Nullable String difference(Contender other) {
    if (!(rule.outcome() instanceof Outcome.Serve mine)
        || !(other.rule.outcome() instanceof Outcome.Serve theirs)) {
      // Of a rule that can't be served something else is said already.
      return rule.outcome() instanceof Outcome.Refuse ? null : "can't be served";
    }
    if (!targets(mine).equals(other.targets(theirs))) {
      return "goes to another backend";
    }
    if (mine.backends().isEmpty()) {
      return mine.equals(theirs) ? null : "is answered otherwise";
    }
    return rewrite(mine).equals(rewrite(theirs)) && mine.policy().equals(theirs.policy())
        ? null
        : "goes to the same backend with other settings";
  }

  private static Rewrite rewrite(Outcome.Serve serve) {
    return serve.action() instanceof Forward forward ? forward.rewrite() : Rewrite.NONE;
  }

  /** Its pools, whatever they are called. */
  private List<Object> targets(Outcome.Serve serve) {
    List<Object> targets = new ArrayList<>();
    for (WeightedPool backend : serve.backends()) {
      PoolClaim claim = pools.get(backend.pool());
      targets.add(claim == null ? backend.pool() : claim.pool().named(UNNAMED));
      targets.add(backend.weight());
    }
    return targets;
  }

  @Override
  public int compareTo(Contender other) {
    return ORDER.compare(this, other);
  }
}
