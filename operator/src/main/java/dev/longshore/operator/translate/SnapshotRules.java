package dev.longshore.operator.translate;

import dev.longshore.contract.Certificate;
import dev.longshore.contract.EndpointSet;
import dev.longshore.contract.LocationRule;
import dev.longshore.contract.Matches;
import dev.longshore.contract.PathType;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.RuleAction;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.RuleAction.WeightedPool;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.SnapshotError;
import dev.longshore.contract.SnapshotValidator;
import dev.longshore.contract.policy.Policy;
import dev.longshore.operator.translate.claim.Claims;
import dev.longshore.operator.translate.claim.PoolClaim;
import dev.longshore.operator.translate.claim.RuleClaim;
import dev.longshore.operator.translate.claim.TlsClaim;
import dev.longshore.operator.translate.verdict.Outcome;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Holds the claims of a resource against the snapshot's own rules before they go into one: what a
 * data plane would refuse is refused here, with a verdict on its own resource alone, whatever the
 * readers overlooked. Cost: as that of reading the resource.
 */
final class SnapshotRules {
  private final Claims claims;
  private final Problems problems = new Problems();
  private final Map<PoolKey, Problem> pools = new HashMap<>();
  private final Map<Policy, Optional<Problem>> policies = new IdentityHashMap<>();
  private final Map<String, Problem> hosts = new HashMap<>();

  private SnapshotRules(Claims claims) {
    this.claims = claims;
  }

  /** The same claims, if nothing is wrong with them; else with those refused that are wrong. */
  static Claims hold(Claims claims) {
    return new SnapshotRules(claims).hold();
  }

  private Claims hold() {
    claims.pools().forEach(this::pool);
    List<TlsClaim> tls = claims.tls().stream().map(this::tls).toList();
    List<RuleClaim> rules = new ArrayList<>();
    for (RuleClaim rule : claims.rules()) {
      RuleClaim held = rule(rule);
      if (held != null) {
        rules.add(held);
      }
    }
    if (rules.equals(claims.rules()) && tls.equals(claims.tls()) && pools.isEmpty()) {
      return claims;
    }
    Map<PoolKey, PoolClaim> kept = new HashMap<>(claims.pools());
    kept.keySet().removeAll(pools.keySet());
    List<Problem> all = new ArrayList<>(claims.problems());
    all.addAll(problems.all());
    return new Claims(
        claims.claimant(), rules, tls, kept, claims.unresolved(), all, claims.references());
  }

  private void pool(PoolKey key, PoolClaim claim) {
    List<SnapshotError> errors = new ArrayList<>(SnapshotValidator.check(claim.pool()));
    if (claim.credentials() != null) {
      errors.addAll(SnapshotValidator.check(claim.credentials()));
    }
    EndpointSet fixed = claim.fixed();
    if (fixed != null) {
      errors.addAll(SnapshotValidator.check(fixed));
    }
    Problem problem = problem(errors, claim.fieldPath());
    if (problem != null) {
      pools.put(key, problem);
    }
  }

  private TlsClaim tls(TlsClaim claim) {
    TlsClaim.Usable usable = claim.certificate();
    if (usable == null) {
      return claim;
    }
    Certificate certificate =
        new Certificate(
            usable.key(), List.of(claim.host()), usable.pair().chain(), usable.pair().privateKey());
    Problem problem = problem(SnapshotValidator.check(certificate), claim.fieldPath());
    if (problem == null) {
      return claim;
    }
    hosts.put(claim.host(), problem);
    return new TlsClaim(claim.host(), claim.fieldPath(), null);
  }

  private @Nullable RuleClaim rule(RuleClaim rule) {
    if (!(rule.outcome() instanceof Outcome.Serve serve)) {
      return placed(rule);
    }
    Problem problem = hosts.get(rule.key().host());
    for (WeightedPool backend : serve.backends()) {
      problem = problem == null ? pools.get(backend.pool()) : problem;
    }
    PoolKey asked = serve.policy().asks();
    if (problem == null && asked != null) {
      problem = pools.get(asked);
    }
    if (problem == null) {
      problem =
          policies
              .computeIfAbsent(
                  serve.policy(),
                  policy ->
                      Optional.ofNullable(
                          problem(SnapshotValidator.check(policy), rule.rulePath())))
              .orElse(null);
    }
    if (problem == null) {
      problem = problem(errors(rule, serve.action()), rule.rulePath());
    }
    return problem == null ? rule : placed(rule.with(rule.strength(), new Outcome.Refuse(problem)));
  }

  /** A rule that answers 503 where it stands; if that can't be, its whole host does. */
  private @Nullable RuleClaim placed(RuleClaim rule) {
    if (!(rule.outcome() instanceof Outcome.Refuse refuse)) {
      return rule;
    }
    Unavailable closed = new Unavailable(refuse.problem().reason(), refuse.problem().text());
    if (errors(rule, closed).isEmpty()) {
      return rule;
    }
    RuleKey host = new RuleKey(rule.key().host(), PathType.PREFIX, "/", Matches.NONE);
    RuleClaim whole =
        new RuleClaim(
            host,
            rule.source(),
            RuleClaim.Strength.FALLBACK,
            rule.hostPath(),
            rule.rulePath(),
            refuse,
            null,
            false,
            null);
    // No request is for a host that can't be named.
    return problem(errors(whole, closed), rule.hostPath()) == null ? whole : null;
  }

  private static List<SnapshotError> errors(RuleClaim rule, RuleAction action) {
    return SnapshotValidator.check(new LocationRule(rule.key(), rule.source(), action));
  }

  private @Nullable Problem problem(List<SnapshotError> errors, String fieldPath) {
    if (errors.isEmpty()) {
      return null;
    }
    Problem problem =
        Problem.warning(
            Reason.INVALID, fieldPath, "is not taken by data planes: " + errors.getFirst());
    problems.fault(problem);
    return problem;
  }
}
