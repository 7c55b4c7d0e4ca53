package dev.longshore.operator.translate.route;

import dev.longshore.api.v1alpha1.Location;
import dev.longshore.api.v1alpha1.WebSocketRoute;
import dev.longshore.api.v1alpha1.WebSocketRouteSpec;
import dev.longshore.contract.Matches;
import dev.longshore.contract.PathType;
import dev.longshore.contract.RuleAction.Forward;
import dev.longshore.contract.RuleAction.Respond;
import dev.longshore.contract.RuleAction.Served;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.policy.Policy;
import dev.longshore.operator.translate.claim.Claims;
import dev.longshore.operator.translate.claim.ClaimsBuilder;
import dev.longshore.operator.translate.claim.ClassBinding;
import dev.longshore.operator.translate.claim.HostClaim;
import dev.longshore.operator.translate.claim.References;
import dev.longshore.operator.translate.claim.ResourceTranslator.Context;
import dev.longshore.operator.translate.claim.RuleClaim.Strength;
import dev.longshore.operator.translate.field.Hosts;
import dev.longshore.operator.translate.field.Names;
import dev.longshore.operator.translate.field.PathPatterns;
import dev.longshore.operator.translate.policy.Layers;
import dev.longshore.operator.translate.policy.PolicyReader;
import dev.longshore.operator.translate.policy.Source;
import dev.longshore.operator.translate.rule.AcmeChallenges;
import dev.longshore.operator.translate.rule.PathReader;
import dev.longshore.operator.translate.rule.PathReader.Place;
import dev.longshore.operator.translate.rule.RedirectReader;
import dev.longshore.operator.translate.rule.RespondReader;
import dev.longshore.operator.translate.rule.RewriteReader;
import dev.longshore.operator.translate.tls.TlsReader;
import dev.longshore.operator.translate.upstream.AuthPools;
import dev.longshore.operator.translate.upstream.UpstreamReader;
import dev.longshore.operator.translate.verdict.Outcome;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a WebSocketRoute into claims: every location on every host is one rule. What the schema
 * would have refused is refused here too, for a folder has no API server.
 */
final class RouteReader {
  static final int MOST_HOSTS = 64;
  private static final int MOST_TLS = 64;
  static final int MOST_LOCATIONS = 128;

  private final WebSocketRouteSpec spec;
  private final ClassBinding binding;
  private final References references;
  private final ClaimsBuilder claims;
  private final TlsReader tls;
  private final RouteUpstreams upstreams;
  private final Problems whole = new Problems();
  private final AuthPools services;
  private final Layers layers;

  private RouteReader(WebSocketRouteSpec spec, Context context) {
    References references = context.references();
    this.spec = spec;
    this.binding = context.binding();
    this.references = references;
    this.claims = new ClaimsBuilder(context.claimant(), references);
    this.tls = new TlsReader(references, claims);
    UpstreamReader reader = new UpstreamReader(context.options(), references);
    this.upstreams = new RouteUpstreams(claims, reader);
    this.services = new AuthPools(claims, reader, references);
    this.layers = context.binding().layers().under(Source.of(spec.policy(), "spec.policy"));
  }

  static Claims read(WebSocketRoute route, Context context) {
    WebSocketRouteSpec spec = route.getSpec();
    if (spec == null) {
      Problems problems = new Problems();
      problems.fault(Reason.INVALID, "spec", "is missing");
      return Claims.none(context.claimant(), problems);
    }
    return new RouteReader(spec, context).read();
  }

  private Claims read() {
    if (binding.fault() != null) {
      whole.fault(binding.fault());
    }
    List<HostClaim> hosts = hosts();
    readTls(hosts);
    upstreams.read(spec.upstreams(), whole);
    List<Location> locations = Objects.requireNonNullElse(spec.locations(), List.of());
    bounded("spec.locations", locations.size(), 1, MOST_LOCATIONS);
    claims.problems().addAll(whole);
    Problems policyProblems = new Problems();
    Policy policy = PolicyReader.read(layers, references, services, policyProblems);
    for (int i = 0; i < Math.min(MOST_LOCATIONS, locations.size()); i++) {
      readLocation(i, locations.get(i), hosts, policy, policyProblems);
    }
    checkNames(locations);
    return claims.build();
  }

  private List<HostClaim> hosts() {
    List<String> named = spec.hosts();
    if (named == null) {
      return List.of(new HostClaim(RuleKey.ANY_HOST, "spec.hosts", null));
    }
    bounded("spec.hosts", named.size(), 1, MOST_HOSTS);
    return hosts(named, "spec.hosts");
  }

  private List<HostClaim> hosts(List<String> named, String fieldPath) {
    Map<String, HostClaim> hosts = new LinkedHashMap<>();
    for (int i = 0; i < Math.min(MOST_HOSTS, named.size()); i++) {
      String text = named.get(i);
      String path = fieldPath + "[" + i + "]";
      Problems problems = new Problems();
      String host = problems.parse(path, () -> Hosts.parse(text));
      String meant = host == null ? Hosts.meant(text) : host;
      if (meant != null) {
        hosts.putIfAbsent(meant, new HostClaim(meant, path, problems.firstFault()));
      }
      claims.problems().addAll(problems);
    }
    return List.copyOf(hosts.values());
  }

  private void readTls(List<HostClaim> all) {
    List<WebSocketRouteSpec.Tls> entries = Objects.requireNonNullElse(spec.tls(), List.of());
    bounded("spec.tls", entries.size(), 0, MOST_TLS);
    for (int i = 0; i < Math.min(MOST_TLS, entries.size()); i++) {
      WebSocketRouteSpec.Tls entry = entries.get(i);
      String path = "spec.tls[" + i + "]";
      List<String> hosts = entry.hosts();
      if (hosts != null) {
        bounded(path + ".hosts", hosts.size(), 1, MOST_HOSTS);
      }
      tls.read(hosts == null ? all : hosts(hosts, path + ".hosts"), entry.secretName(), path);
    }
  }

  private void readLocation(
      int index,
      Location location,
      List<HostClaim> hosts,
      Policy routePolicy,
      Problems routePolicyProblems) {
    String path = "spec.locations[" + index + "]";
    Problems problems = new Problems();
    problems.addAll(whole);
    Place place = place(location, path, problems);
    Problems matchProblems = new Problems();
    Matches matches = MatchesReader.read(location.match(), path + ".match", matchProblems);
    problems.addAll(matchProblems);
    Served action = action(location, place.type(), path, problems);
    Policy policy = routePolicy;
    if (location.policy() == null) {
      problems.addAll(routePolicyProblems);
    } else {
      Source own = Source.of(location.policy(), path + ".policy");
      policy = PolicyReader.read(layers.under(own), references, services, problems);
    }
    if (location.respond() != null) {
      UnaryOperator<String> field = name -> path + ".respond." + name;
      policy = policy.with(new RespondReader(references, field, problems).read(location.respond()));
    }
    claims.problems().addAll(problems);
    Strength strength = matchProblems.hasFault() ? Strength.FALLBACK : place.strength();
    String name = location.name();
    String shown = name != null && isLabel(name) ? name : path;
    String pattern = pattern(place, action);
    for (HostClaim host : hosts) {
      Problem fault = problems.firstFault();
      if (fault == null) {
        fault = host.fault();
      }
      if (fault == null && !AcmeChallenges.cover(place.type(), place.path())) {
        fault = tls.fault(host.host());
      }
      claims.rule(
          new RuleKey(host.host(), place.type(), place.path(), matches),
          host.fault() == null ? strength : Strength.FALLBACK,
          index,
          shown,
          host.fieldPath(),
          path + ".path",
          fault == null ? new Outcome.Serve(action, policy) : new Outcome.Refuse(fault),
          pattern == null ? null : new RuleKey(host.host(), PathType.REGEX, pattern, matches),
          false,
          null);
    }
  }

  /**
   * Its place where an Ingress makes patterns of all paths of the host, and they would go before
   * it; null: it stays, for it comes first anyway, or is rewritten by what is behind its prefix.
   */
  private static @Nullable String pattern(Place place, Served action) {
    return place.type() != PathType.PREFIX || RewriteReader.replacesPrefix(action)
        ? null
        : PathPatterns.ofPrefix(place.path());
  }

  private Served action(Location location, PathType type, String path, Problems problems) {
    long actions =
        Stream.of(location.upstream(), location.split(), location.redirect(), location.respond())
            .filter(Objects::nonNull)
            .count();
    if (actions != 1) {
      problems.fault(
          Reason.INVALID,
          path + ".upstream",
          "give exactly one of upstream, split, redirect and respond");
      return new Respond("");
    }
    if (location.redirect() == null && location.respond() == null) {
      return new Forward(
          upstreams.backends(location, path, problems),
          RewriteReader.read(location.rewrite(), type, path + ".rewrite", problems),
          "");
    }
    if (location.rewrite() != null) {
      problems.fault(
          Reason.INVALID, path + ".rewrite", "is of what goes to an upstream: remove it");
    }
    return location.redirect() == null
        ? new Respond("")
        : RedirectReader.read(
            location.redirect(), type, redirectPath(path + ".redirect"), problems);
  }

  private static UnaryOperator<String> redirectPath(String path) {
    return field -> field.isEmpty() ? path : path + "." + field;
  }

  private static Place place(Location location, String path, Problems problems) {
    PathType type =
        switch (location.pathType()) {
          case null -> PathType.PREFIX;
          case EXACT -> PathType.EXACT;
          case PREFIX -> PathType.PREFIX;
          case REGEX -> PathType.REGEX;
        };
    return PathReader.read(
        Objects.requireNonNullElse(location.path(), ""), type, path + ".path", problems);
  }

  private void checkNames(List<Location> locations) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < Math.min(MOST_LOCATIONS, locations.size()); i++) {
      String name = locations.get(i).name();
      if (name == null) {
        continue;
      }
      String path = "spec.locations[" + i + "].name";
      if (!isLabel(name)) {
        claims.problems().parse(path, () -> Names.label(name));
      } else if (!names.add(name)) {
        claims
            .problems()
            .warn(
                Reason.INVALID, path, Quote.of(name) + " is the name of two locations: rename one");
      }
    }
  }

  private static boolean isLabel(String name) {
    try {
      Names.label(name);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private void bounded(String path, int size, int least, int most) {
    if (size < least || size > most) {
      whole.fault(Reason.INVALID, path, "has " + size + " items: from " + least + " to " + most);
    }
  }
}
