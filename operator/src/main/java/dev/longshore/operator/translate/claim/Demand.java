package dev.longshore.operator.translate.claim;

import dev.longshore.contract.CanonicalSize;
import dev.longshore.contract.LocationRule;
import dev.longshore.contract.RuleAction;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.SharedCredentials;
import dev.longshore.contract.policy.Policy;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.translate.claim.Quota.Use;
import dev.longshore.operator.translate.secret.TlsSecrets;
import dev.longshore.operator.translate.verdict.Outcome;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the claims of a resource take of its namespace's quota, exactly. As far as it can be told
 * without reading, for reading multiplies locations by hosts, a kind's translator tells it.
 */
public final class Demand {
  private static final int POLICY_ID = 32;

  /** A rule has no less, with its source and its action. */
  public static final int RULE_BYTES = 256;

  private Demand() {}

  private static long tlsAlone(Claims claims) {
    Set<String> hosts = new HashSet<>();
    claims.tls().forEach(tls -> hosts.add(tls.host()));
    claims.rules().forEach(rule -> hosts.remove(rule.key().host()));
    return hosts.size();
  }

  /** A canary adds rules with conditions to the one that it stands beside. */
  private static long places(Claims claims) {
    return claims.rules().stream()
        .mapToLong(rule -> 1 + (rule.canary() == null ? 0 : rule.canary().decided().size()))
        .sum();
  }

  /**
   * Of claims.
   *
   * @param endpoints how many endpoints the pools have at most
   */
  public static Use of(Claims claims, long endpoints) {
    long bytes = 0;
    Set<SharedCredentials> credentials = new HashSet<>();
    for (PoolClaim pool : claims.pools().values()) {
      bytes += CanonicalSize.of(pool.pool());
      if (pool.credentials() != null && credentials.add(pool.credentials())) {
        bytes += pool.credentials().content().length();
      }
    }
    long certificates =
        claims.references().stream()
            .filter(ref -> ref.kind().reading() == Kind.Reading.REFERENCED)
            .filter(ref -> ref.namespace().equals(claims.claimant().namespace()))
            .count();
    Set<TlsSecrets.KeyPair> pairs = Collections.newSetFromMap(new IdentityHashMap<>());
    for (TlsClaim tls : claims.tls()) {
      TlsClaim.Usable usable = tls.certificate();
      bytes += tls.host().length();
      if (usable != null && pairs.add(usable.pair())) {
        bytes += usable.pair().chain().length() + usable.pair().privateKey().reveal().length();
      }
    }
    return new Use(
        places(claims) + tlsAlone(claims),
        claims.pools().size(),
        endpoints,
        certificates,
        bytes + rules(claims.rules()));
  }

  /** The rules of a location differ by their hosts alone, so one of them is written. */
  private static long rules(List<RuleClaim> rules) {
    long bytes = 0;
    Map<Integer, Integer> ofLocation = new HashMap<>();
    Set<Policy> policies = Collections.newSetFromMap(new IdentityHashMap<>());
    for (RuleClaim rule : rules) {
      int host = rule.key().host().length();
      Integer hostless = ofLocation.get(rule.source().index());
      if (hostless == null) {
        LocationRule written = new LocationRule(rule.key(), rule.source(), action(rule.outcome()));
        hostless = CanonicalSize.of(written) - host;
        ofLocation.put(rule.source().index(), hostless);
        if (rule.outcome() instanceof Outcome.Serve serve && policies.add(serve.policy())) {
          bytes += CanonicalSize.of(serve.policy());
        }
      }
      bytes += hostless + host;
    }
    return bytes;
  }

  private static RuleAction action(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Serve serve -> serve.action().under("0".repeat(POLICY_ID));
      case Outcome.Refuse refuse ->
          new Unavailable(refuse.problem().reason(), refuse.problem().text());
    };
  }
}
