package dev.longshore.contract;

import dev.longshore.contract.RuleAction.Respond;
import dev.longshore.contract.RuleAction.Served;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.policy.FixedAnswer;
import dev.longshore.contract.policy.Policy;
import java.util.Collection;
import java.util.List;

/**
 * Checks that what rules and pools refer to is in the snapshot, and that a host's rules together
 * are within bounds.
 */
final class ReferenceChecks {
  private final RoutingSnapshot snapshot;
  private final Collection<SnapshotError> errors;

  ReferenceChecks(RoutingSnapshot snapshot, Collection<SnapshotError> errors) {
    this.snapshot = snapshot;
    this.errors = errors;
  }

  void check(LocationRule rule) {
    switch (rule.action()) {
      case Served served -> {
        Field action = Field.of(new EntryRef.Rule(rule.key()), errors).at("action");
        List<RuleAction.WeightedPool> backends = served.backends();
        for (int i = 0; i < backends.size(); i++) {
          PoolKey pool = backends.get(i).pool();
          if (snapshot.pools().get(pool) == null) {
            action.at("backends").at(i).at("pool").wrong(missing(new EntryRef.Pool(pool)));
          }
        }
        Policy policy = snapshot.policies().get(served.policy());
        if (policy == null) {
          action.at("policy").wrong(missing(new EntryRef.PolicyId(served.policy())));
        }
        PoolKey asked = policy == null ? null : policy.asks();
        if (asked != null && snapshot.pools().get(asked) == null) {
          action.at("policy").wrong(missing(new EntryRef.Pool(asked)));
        }
        if (served instanceof Respond && policy != null && !policy.has(FixedAnswer.class)) {
          action.at("policy").wrong("refers to a policy that has no fixedAnswer");
        }
      }
      case Unavailable unavailable -> {}
    }
  }

  /** What a rule and others of its host add up to. */
  void total(RuleKey key) {
    if (BoundedPattern.instructionsOf(key) > 0) {
      int sum = snapshot.references().instructions(key.host());
      if (sum > HardLimits.PATTERN_INSTRUCTIONS_PER_HOST) {
        Field.of(new EntryRef.Rule(key), errors)
            .at("key")
            .wrong(
                "has a pattern on a host whose patterns have about %,d instructions; %,d are possible"
                    .formatted(sum, HardLimits.PATTERN_INSTRUCTIONS_PER_HOST));
      }
    }
    if (key.matches().count() > 0) {
      int count = snapshot.references().conditional(key);
      if (count > HardLimits.CONDITIONAL_RULES_PER_PATH) {
        Field.of(new EntryRef.Rule(key), errors)
            .at("key")
            .at("matches")
            .wrong(
                "is one of %,d rules with conditions on one path; %,d are possible"
                    .formatted(count, HardLimits.CONDITIONAL_RULES_PER_PATH));
      }
    }
  }

  void check(UpstreamPool pool) {
    if (snapshot.endpointSets().get(pool.endpoints()) == null) {
      Field.of(new EntryRef.Pool(pool.key()), errors)
          .at("endpoints")
          .wrong(missing(new EntryRef.Endpoints(pool.endpoints())));
    }
    UpstreamTls tls = pool.tls();
    if (tls != null && snapshot.credentialsOf(tls) == null) {
      Field.of(new EntryRef.Pool(pool.key()), errors)
          .at("tls")
          .at("credentials")
          .wrong(missing(new EntryRef.Credentials(String.valueOf(tls.credentials()))));
    }
  }

  void check(Settings settings) {
    Certificate.CertificateKey key = settings.tls().defaultCertificate();
    if (key != null && snapshot.certificates().get(key) == null) {
      Field.of(new EntryRef.AllSettings(), errors)
          .at("tls")
          .at("defaultCertificate")
          .wrong(missing(new EntryRef.Tls(key)));
    }
  }

  private static String missing(EntryRef entry) {
    return "refers to " + entry.path() + ", which the snapshot does not hold";
  }
}
