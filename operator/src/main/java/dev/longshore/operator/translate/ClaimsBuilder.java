package dev.longshore.operator.translate;

import dev.longshore.contract.PoolKey;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.RuleSource;
import dev.longshore.operator.translate.RuleClaim.Strength;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/** Collects the claims of one resource while it is read. */
final class ClaimsBuilder {
  private final Claimant claimant;
  private final References references;
  private final Problems problems = new Problems();
  private final List<RuleClaim> rules = new ArrayList<>();
  private final List<TlsClaim> tls = new ArrayList<>();
  private final Map<PoolKey, PoolClaim> pools = new LinkedHashMap<>();
  private final SequencedSet<String> unresolved = new LinkedHashSet<>();

  ClaimsBuilder(Claimant claimant, References references) {
    this.claimant = claimant;
    this.references = references;
  }

  Claimant claimant() {
    return claimant;
  }

  /** What is wrong with the manifest. */
  Problems problems() {
    return problems;
  }

  /** The key of an upstream of this resource. */
  PoolKey poolKey(String upstream) {
    return new PoolKey(
        claimant.ref().kind().label(), claimant.namespace(), claimant.ref().name(), upstream);
  }

  void pool(PoolClaim pool) {
    pools.put(pool.pool().key(), pool);
  }

  void unresolved(String fieldPath) {
    unresolved.add(fieldPath);
  }

  void tls(TlsClaim claim) {
    tls.add(claim);
  }

  /**
   * Claims a rule.
   *
   * @param index place of the rule in the resource
   * @param location what people know it by
   */
  void rule(
      RuleKey key,
      Strength strength,
      int index,
      String location,
      String hostPath,
      String rulePath,
      Outcome outcome) {
    rule(key, strength, index, location, hostPath, rulePath, outcome, null, false, null);
  }

  /**
   * Claims a rule of an Ingress, whose host may take all paths for regular expressions.
   *
   * @param pattern its place then; null: the same
   * @param enforces whether it is one that makes it so
   * @param canary which requests it gets of another rule; null: it is no canary
   */
  void rule(
      RuleKey key,
      Strength strength,
      int index,
      String location,
      String hostPath,
      String rulePath,
      Outcome outcome,
      @Nullable RuleKey pattern,
      boolean enforces,
      @Nullable Canary canary) {
    rules.add(
        new RuleClaim(
            key,
            new RuleSource(
                claimant.ref().kind().label(),
                claimant.namespace(),
                claimant.ref().name(),
                index,
                location,
                claimant.createdAt()),
            strength,
            hostPath,
            rulePath,
            outcome,
            pattern,
            enforces,
            canary));
  }

  Claims build() {
    return new Claims(
        claimant, rules, tls, pools, List.copyOf(unresolved), problems.all(), references.asked());
  }
}
