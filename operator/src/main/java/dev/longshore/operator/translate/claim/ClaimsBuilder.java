package dev.longshore.operator.translate.claim;

import dev.longshore.contract.PoolKey;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.RuleSource;
import dev.longshore.operator.translate.claim.RuleClaim.Strength;
import dev.longshore.operator.translate.verdict.Outcome;
import dev.longshore.operator.translate.verdict.Problems;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/** Collects the claims of one resource while it is read. */
public final class ClaimsBuilder {
  private final Claimant claimant;
  private final References references;
  private final Problems problems = new Problems();
  private final List<RuleClaim> rules = new ArrayList<>();
  private final List<TlsClaim> tls = new ArrayList<>();
  private final Map<PoolKey, PoolClaim> pools = new LinkedHashMap<>();
  private final SequencedSet<String> unresolved = new LinkedHashSet<>();

  public ClaimsBuilder(Claimant claimant, References references) {
    this.claimant = claimant;
    this.references = references;
  }

  Claimant claimant() {
    return claimant;
  }

  /** What is wrong with the manifest. */
  public Problems problems() {
    return problems;
  }

  /** The key of an upstream of this resource. */
  public PoolKey poolKey(String upstream) {
    return new PoolKey(
        claimant.ref().kind().label(), claimant.namespace(), claimant.ref().name(), upstream);
  }

  /** Adds a pool. */
  public void pool(PoolClaim pool) {
    pools.put(pool.pool().key(), pool);
  }

  /** Tells of a field whose target isn't there. */
  public void unresolved(String fieldPath) {
    unresolved.add(fieldPath);
  }

  /** Adds a certificate for hosts. */
  public void tls(TlsClaim claim) {
    tls.add(claim);
  }

  /**
   * Claims a rule.
   *
   * @param index place of the rule in the resource
   * @param location what people know it by
   */
  public void rule(
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
  public void rule(
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

  /** What was claimed, never to change again. */
  public Claims build() {
    return new Claims(
        claimant, rules, tls, pools, List.copyOf(unresolved), problems.all(), references.asked());
  }
}
