package dev.longshore.operator.translate.claim;

import dev.longshore.contract.Matches;
import dev.longshore.contract.RuleAction.Forward;
import dev.longshore.contract.RuleAction.WeightedPool;
import dev.longshore.contract.RuleKey;
import dev.longshore.operator.translate.verdict.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which of the requests for a rule a second Ingress gets: those that a condition sends there, but
 * for those that one keeps back, and a part of the others by weight. It has no place of its own,
 * and everything but the backend is as the rule says that it stands beside.
 *
 * @param decided by conditions, whether the canary gets what meets them
 * @param weight 0 to {@code total}
 * @param total at least 1
 */
public record Canary(Map<Matches, Boolean> decided, int weight, int total) {
  public Canary {
    decided = Map.copyOf(decided);
  }

  /** The places of the rules that it adds to one. */
  public Stream<RuleKey> places(RuleKey main) {
    return decided.keySet().stream().map(matches -> at(main, matches));
  }

  private static RuleKey at(RuleKey main, Matches matches) {
    return new RuleKey(main.host(), main.pathType(), main.path(), matches);
  }

  /**
   * What becomes of requests that meet conditions, or none.
   *
   * @param main of the rule that it stands beside
   * @param own of its own rule
   * @param matches {@link Matches#NONE}: what no condition decides
   * @return null when it has no such conditions
   */
  public Outcome.@Nullable Serve outcome(Outcome.Serve main, Outcome.Serve own, Matches matches) {
    if (matches.count() == 0) {
      return with(main, split(main, own));
    }
    Boolean canary = decided.get(matches);
    return canary == null ? null : canary ? with(main, own.backends()) : main;
  }

  private static Outcome.Serve with(Outcome.Serve main, List<WeightedPool> backends) {
    return main.action() instanceof Forward forward
        ? new Outcome.Serve(
            new Forward(backends, forward.rewrite(), ""), main.policy(), main.forcesHttps())
        : main;
  }

  /** An Ingress's rule has one backend. */
  private List<WeightedPool> split(Outcome.Serve main, Outcome.Serve own) {
    if (weight == 0) {
      return main.backends();
    }
    if (weight >= total) {
      return own.backends();
    }
    Map<WeightedPool, WeightedPool> pools = new LinkedHashMap<>();
    main.backends().forEach(b -> pools.put(b, new WeightedPool(b.pool(), total - weight)));
    own.backends().forEach(b -> pools.put(b, new WeightedPool(b.pool(), weight)));
    return new ArrayList<>(pools.values());
  }
}
