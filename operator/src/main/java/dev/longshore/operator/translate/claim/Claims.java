package dev.longshore.operator.translate.claim;

import dev.longshore.contract.PoolKey;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.translate.verdict.Outcome;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one resource, by itself, would like to have in the snapshot. Others' claims are not looked
 * at yet.
 *
 * @param claimant whose claims
 * @param rules its rules
 * @param tls the hosts it wants TLS for
 * @param pools its upstreams that were resolved
 * @param unresolved field paths of its upstreams that were not
 * @param problems what is wrong with the manifest
 * @param references every resource that was looked for
 */
public record Claims(
    Claimant claimant,
    List<RuleClaim> rules,
    List<TlsClaim> tls,
    Map<PoolKey, PoolClaim> pools,
    List<String> unresolved,
    List<Problem> problems,
    Set<ResourceRef> references) {
  public Claims {
    rules = List.copyOf(rules);
    tls = List.copyOf(tls);
    pools = Map.copyOf(pools);
    unresolved = List.copyOf(unresolved);
    problems = List.copyOf(problems);
    references = Set.copyOf(references);
  }

  /** The claims of a resource that can't be read at all. */
  public static Claims none(Claimant claimant, Problems problems) {
    return new Claims(
        claimant, List.of(), List.of(), Map.of(), List.of(), problems.all(), Set.of());
  }

  /**
   * The same places, of which none is served, because the namespace has no room for them: they keep
   * what they are older for, so that no laxer rule gets their traffic.
   */
  public Claims beyond(Problem problem) {
    return closed(problem, references);
  }

  /**
   * The same places, of which none is served.
   *
   * @param concern resources whose change is another chance
   */
  public Claims closed(Problem problem, Set<ResourceRef> concern) {
    Outcome refused = new Outcome.Refuse(problem);
    List<RuleClaim> closed =
        rules.stream().map(rule -> rule.with(rule.strength(), refused)).toList();
    return new Claims(claimant, closed, List.of(), Map.of(), List.of(), List.of(problem), concern);
  }

  /** Nothing of it, because the namespace has no room even for its closed places. */
  public static Claims nothing(Claimant claimant, Problem problem, Set<ResourceRef> references) {
    return new Claims(
        claimant, List.of(), List.of(), Map.of(), List.of(), List.of(problem), references);
  }

  /**
   * The same places, of which none is served, because the manifest was not read as it is written.
   * They yield to everybody who states the same place: a mistake takes nothing from others.
   *
   * @param why what could not be read, and where
   */
  public Claims refused(String why) {
    Problem problem = Problem.warning(Reason.INVALID, "spec", why);
    List<RuleClaim> refusedRules =
        rules.stream()
            .map(rule -> rule.with(RuleClaim.Strength.FALLBACK, new Outcome.Refuse(problem)))
            .toList();
    return new Claims(
        claimant, refusedRules, List.of(), Map.of(), List.of(), List.of(problem), references);
  }
}
