package dev.longshore.operator.translate;

import dev.longshore.api.v1alpha1.Location;
import dev.longshore.api.v1alpha1.WebSocketRoute;
import dev.longshore.api.v1alpha1.WebSocketRouteSpec;
import dev.longshore.contract.CanonicalSize;
import dev.longshore.contract.LocationRule;
import dev.longshore.contract.RuleAction;
import dev.longshore.contract.RuleAction.Forward;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.SharedCredentials;
import dev.longshore.contract.policy.Policy;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.translate.Quota.Use;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.IngressSpec;
import io.fabric8.kubernetes.api.model.networking.v1.IngressTLS;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a resource takes of its namespace's quota: first as far as it can be told without reading
 * it, for reading multiplies its locations by its hosts; then exactly.
 */
final class Demand {
  private static final int POLICY_ID = 32;

  /** A rule has no less, with its source and its action. */
  private static final int RULE_BYTES = 256;

  private Demand() {}

  /**
   * Of a resource that is not read yet, in time proportional to its manifest: how many rules there
   * are, a host that has TLS alone counted as one, and what of their texts each host repeats.
   */
  static Use atLeast(HasMetadata resource) {
    return switch (resource) {
      case WebSocketRoute route -> atLeast(route.getSpec());
      case Ingress ingress -> atLeast(ingress.getSpec());
      default -> Use.NONE;
    };
  }

  private static Use atLeast(@Nullable WebSocketRouteSpec spec) {
    if (spec == null) {
      return Use.NONE;
    }
    long hosts = spec.hosts() == null ? 1 : Math.min(RouteReader.MOST_HOSTS, spec.hosts().size());
    List<Location> locations = spec.locations() == null ? List.of() : spec.locations();
    int most = Math.min(RouteReader.MOST_LOCATIONS, locations.size());
    long chars = 0;
    for (Location location : locations.subList(0, most)) {
      chars += RULE_BYTES + chars(location);
    }
    return new Use(hosts * most, 0, 0, 0, hosts * chars);
  }

  private static long chars(@Nullable Location location) {
    if (location == null) {
      return 0;
    }
    long chars = length(location.path());
    Location.Match match = location.match();
    if (match != null && match.headers() != null) {
      for (Location.HeaderMatch header : match.headers()) {
        chars += length(header.name()) + length(header.value());
      }
    }
    if (match != null && match.query() != null) {
      for (Location.QueryMatch query : match.query()) {
        chars += length(query.name()) + length(query.value());
      }
    }
    return chars;
  }

  private static int length(@Nullable String text) {
    return text == null ? 0 : text.length();
  }

  /** A default backend is a rule of every host. */
  private static Use atLeast(@Nullable IngressSpec spec) {
    if (spec == null) {
      return Use.NONE;
    }
    int each = spec.getDefaultBackend() == null ? 0 : 1;
    long rules = each;
    if (spec.getRules() != null) {
      for (IngressRule rule : spec.getRules()) {
        rules += each;
        rules += rule == null || rule.getHttp() == null ? 0 : size(rule.getHttp().getPaths());
      }
    }
    return new Use(rules + tlsAlone(spec), 0, 0, 0, rules * RULE_BYTES);
  }

  /**
   * Hosts that have an entry of TLS and no rule: they are claimed and looked after all the same.
   */
  private static long tlsAlone(IngressSpec spec) {
    if (spec.getTls() == null || spec.getTls().isEmpty()) {
      return 0;
    }
    Set<String> hosts = new HashSet<>();
    for (IngressTLS tls : spec.getTls()) {
      if (tls != null && tls.getHosts() != null) {
        hosts.addAll(tls.getHosts());
      }
    }
    if (spec.getRules() != null) {
      for (IngressRule rule : spec.getRules()) {
        hosts.remove(rule == null ? null : rule.getHost());
      }
    }
    return hosts.size();
  }

  private static long tlsAlone(Claims claims) {
    Set<String> hosts = new HashSet<>();
    claims.tls().forEach(tls -> hosts.add(tls.host()));
    claims.rules().forEach(rule -> hosts.remove(rule.key().host()));
    return hosts.size();
  }

  private static int size(@Nullable List<?> list) {
    return list == null ? 0 : list.size();
  }

  /**
   * Of claims.
   *
   * @param endpoints how many endpoints the pools have at most
   */
  static Use of(Claims claims, long endpoints) {
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
        claims.rules().size() + tlsAlone(claims),
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
      case Outcome.Serve serve ->
          new Forward(serve.backends(), serve.rewrite(), "0".repeat(POLICY_ID));
      case Outcome.Refuse refuse ->
          new Unavailable(refuse.problem().reason(), refuse.problem().text());
    };
  }
}
