package dev.longshore.contract;

import dev.longshore.contract.policy.Policy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds everything that is wrong with a snapshot: what a data plane may rely on once nothing is.
 * Every error has its path and says what would be right. Pure; for any thread.
 */
public final class SnapshotValidator {
  private static final Comparator<SnapshotError> ORDER =
      Comparator.comparing(SnapshotError::path).thenComparing(SnapshotError::problem);

  private final RoutingSnapshot snapshot;
  private final Set<SnapshotError> errors = new LinkedHashSet<>();
  private final ReferenceChecks references;
  private boolean rulesDangle;
  private boolean poolsDangle;

  private SnapshotValidator(RoutingSnapshot snapshot) {
    this.snapshot = snapshot;
    references = new ReferenceChecks(snapshot, errors);
  }

  /**
   * Checks every entry.
   *
   * @return all errors, sorted by path; empty: the snapshot is valid
   */
  public static List<SnapshotError> validate(RoutingSnapshot snapshot) {
    SnapshotValidator validator = new SnapshotValidator(snapshot);
    snapshot.rules().forEach((key, rule) -> validator.rule(rule));
    snapshot.pools().forEach((key, pool) -> validator.pool(pool));
    snapshot.endpointSets().forEach((key, set) -> validator.endpointSet(set));
    snapshot.certificates().forEach((key, certificate) -> validator.certificate(certificate));
    snapshot.policies().forEach(validator::policy);
    snapshot.credentials().forEach(validator::credentials);
    ListenerChecks.check(snapshot.listeners(), validator.errors);
    validator.settings();
    return validator.sorted();
  }

  /**
   * Checks what differs from a snapshot that is known to be valid, in time proportional to the
   * difference. An entry that went while others still refer to it is found by the reference counts
   * that a snapshot carries; only then, to name its referrers, all rules or pools are visited.
   *
   * @param validBefore a snapshot without errors
   * @return the same errors as {@link #validate(RoutingSnapshot)} finds in {@code next}
   */
  public static List<SnapshotError> validate(RoutingSnapshot validBefore, RoutingSnapshot next) {
    SnapshotValidator validator = new SnapshotValidator(next);
    validator.changes(validBefore);
    return validator.sorted();
  }

  /** What is wrong with a rule by itself; what it refers to is not looked for. */
  public static List<SnapshotError> check(LocationRule rule) {
    List<SnapshotError> errors = new ArrayList<>();
    RuleChecks.check(rule, Field.of(new EntryRef.Rule(rule.key()), errors));
    return errors;
  }

  /** What is wrong with a pool by itself. */
  public static List<SnapshotError> check(UpstreamPool pool) {
    List<SnapshotError> errors = new ArrayList<>();
    EntryChecks.check(pool, Field.of(new EntryRef.Pool(pool.key()), errors));
    return errors;
  }

  /** What is wrong with credentials. */
  public static List<SnapshotError> check(SharedCredentials shared) {
    List<SnapshotError> errors = new ArrayList<>();
    EntryChecks.check(shared.content(), Field.of(new EntryRef.Credentials(shared.id()), errors));
    return errors;
  }

  /** What is wrong with an endpoint set. */
  public static List<SnapshotError> check(EndpointSet set) {
    List<SnapshotError> errors = new ArrayList<>();
    EntryChecks.check(set, Field.of(new EntryRef.Endpoints(set.key()), errors));
    return errors;
  }

  /** What is wrong with a certificate's shape; see who loads it for the rest. */
  public static List<SnapshotError> check(Certificate certificate) {
    List<SnapshotError> errors = new ArrayList<>();
    EntryChecks.check(certificate, Field.of(new EntryRef.Tls(certificate.key()), errors));
    return errors;
  }

  /** What is wrong with a listener by itself. */
  public static List<SnapshotError> check(Listener listener) {
    List<SnapshotError> errors = new ArrayList<>();
    ListenerChecks.check(listener, Field.of(new EntryRef.OfListener(listener.name()), errors));
    return errors;
  }

  /** What is wrong with a policy. */
  public static List<SnapshotError> check(Policy policy) {
    List<SnapshotError> errors = new ArrayList<>();
    policy.check(Field.of(new EntryRef.PolicyId("-"), errors));
    return errors;
  }

  private void changes(RoutingSnapshot before) {
    before.rules().diff(snapshot.rules(), (key, older, newer) -> rule(newer));
    before
        .pools()
        .diff(
            snapshot.pools(),
            (key, older, newer) -> {
              pool(newer);
              rulesDangle |= newer == null && snapshot.references().has(key);
            });
    before
        .endpointSets()
        .diff(
            snapshot.endpointSets(),
            (key, older, newer) -> {
              endpointSet(newer);
              poolsDangle |= newer == null && snapshot.references().has(key);
            });
    before
        .certificates()
        .diff(
            snapshot.certificates(),
            (key, older, newer) -> {
              certificate(newer);
              if (newer == null && key.equals(snapshot.settings().tls().defaultCertificate())) {
                references.check(snapshot.settings());
              }
            });
    before
        .policies()
        .diff(
            snapshot.policies(),
            (id, older, newer) -> {
              policy(id, newer);
              rulesDangle |= newer == null && snapshot.references().hasPolicy(id);
            });
    before
        .credentials()
        .diff(
            snapshot.credentials(),
            (id, older, newer) -> {
              credentials(id, newer);
              poolsDangle |= newer == null && snapshot.references().hasCredentials(id);
            });
    if (!before.listeners().equals(snapshot.listeners())) {
      ListenerChecks.check(snapshot.listeners(), errors);
    }
    if (!before.settings().equals(snapshot.settings())) {
      settings();
    }
    if (rulesDangle) {
      snapshot.rules().forEach((key, rule) -> references.check(rule));
    }
    if (poolsDangle) {
      snapshot.pools().forEach((key, pool) -> references.check(pool));
    }
  }

  private void rule(@Nullable LocationRule rule) {
    if (rule != null) {
      RuleChecks.check(rule, Field.of(new EntryRef.Rule(rule.key()), errors));
      references.check(rule);
      references.total(rule.key());
    }
  }

  private void pool(@Nullable UpstreamPool pool) {
    if (pool != null) {
      EntryChecks.check(pool, Field.of(new EntryRef.Pool(pool.key()), errors));
      references.check(pool);
    }
  }

  private void endpointSet(@Nullable EndpointSet set) {
    if (set != null) {
      EntryChecks.check(set, Field.of(new EntryRef.Endpoints(set.key()), errors));
    }
  }

  private void certificate(@Nullable Certificate certificate) {
    if (certificate != null) {
      EntryChecks.check(certificate, Field.of(new EntryRef.Tls(certificate.key()), errors));
    }
  }

  private void policy(String id, @Nullable Policy policy) {
    if (policy != null) {
      Field field = Field.of(new EntryRef.PolicyId(id), errors);
      policy.check(field);
      String right = Canonical.hash(policy).policyId();
      if (!right.equals(id)) {
        field.wrong("has the content of policy " + right);
      }
    }
  }

  private void credentials(String id, @Nullable SharedCredentials shared) {
    if (shared != null) {
      EntryChecks.check(shared.content(), Field.of(new EntryRef.Credentials(id), errors));
    }
  }

  private void settings() {
    EntryChecks.check(snapshot.settings(), Field.of(new EntryRef.AllSettings(), errors));
    references.check(snapshot.settings());
  }

  private List<SnapshotError> sorted() {
    return errors.stream().sorted(ORDER).toList();
  }
}
