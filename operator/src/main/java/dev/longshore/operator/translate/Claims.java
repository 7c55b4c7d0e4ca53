package dev.longshore.operator.translate;

import dev.longshore.contract.PoolKey;
import dev.longshore.operator.source.ResourceRef;
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
record Claims(
    Claimant claimant,
    List<RuleClaim> rules,
    List<TlsClaim> tls,
    Map<PoolKey, PoolClaim> pools,
    List<String> unresolved,
    List<Problem> problems,
    Set<ResourceRef> references) {
  Claims {
    rules = List.copyOf(rules);
    tls = List.copyOf(tls);
    pools = Map.copyOf(pools);
    unresolved = List.copyOf(unresolved);
    problems = List.copyOf(problems);
    references = Set.copyOf(references);
  }

  /** The claims of a resource that can't be read at all. */
  static Claims none(Claimant claimant, Problems problems) {
    return new Claims(
        claimant, List.of(), List.of(), Map.of(), List.of(), problems.all(), Set.of());
  }
}
