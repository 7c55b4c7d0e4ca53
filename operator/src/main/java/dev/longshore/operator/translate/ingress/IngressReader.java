package dev.longshore.operator.translate.ingress;

import dev.longshore.api.v1alpha1.Location;
import dev.longshore.api.v1alpha1.Policy.Insecure;
import dev.longshore.api.v1alpha1.Policy.Upgrade;
import dev.longshore.contract.Matches;
import dev.longshore.contract.PathType;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.RuleAction.Forward;
import dev.longshore.contract.RuleAction.PathRewrite;
import dev.longshore.contract.RuleAction.Redirect;
import dev.longshore.contract.RuleAction.Respond;
import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.contract.RuleAction.Served;
import dev.longshore.contract.RuleAction.WeightedPool;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.policy.Policy;
import dev.longshore.operator.translate.claim.Canary;
import dev.longshore.operator.translate.claim.Claims;
import dev.longshore.operator.translate.claim.ClaimsBuilder;
import dev.longshore.operator.translate.claim.ClassBinding;
import dev.longshore.operator.translate.claim.ClassName;
import dev.longshore.operator.translate.claim.HostClaim;
import dev.longshore.operator.translate.claim.References;
import dev.longshore.operator.translate.claim.ResourceTranslator.Context;
import dev.longshore.operator.translate.claim.RuleClaim.Strength;
import dev.longshore.operator.translate.field.Hosts;
import dev.longshore.operator.translate.foreign.ForeignAnnotations;
import dev.longshore.operator.translate.ingress.nginx.NginxAnnotations;
import dev.longshore.operator.translate.policy.Layers;
import dev.longshore.operator.translate.policy.Mistakes;
import dev.longshore.operator.translate.policy.PolicyReader;
import dev.longshore.operator.translate.policy.SingleLeaves;
import dev.longshore.operator.translate.policy.Source;
import dev.longshore.operator.translate.policy.Statements;
import dev.longshore.operator.translate.rule.AcmeChallenges;
import dev.longshore.operator.translate.rule.AnswerAnnotations;
import dev.longshore.operator.translate.rule.PathReader.Place;
import dev.longshore.operator.translate.rule.RespondReader;
import dev.longshore.operator.translate.tls.TlsReader;
import dev.longshore.operator.translate.upstream.AuthPools;
import dev.longshore.operator.translate.upstream.UpstreamReader;
import dev.longshore.operator.translate.verdict.Outcome;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import io.fabric8.kubernetes.api.model.networking.v1.HTTPIngressPath;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBackend;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.IngressSpec;
import io.fabric8.kubernetes.api.model.networking.v1.IngressTLS;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads an Ingress into claims: every path of every rule is one, and the default backend takes what
 * is left of each of its hosts. {@code ImplementationSpecific} is Prefix here.
 */
final class IngressReader {
  private static final String ALIAS = "server-alias";
  private static final int MOST_ALIASES = 32;

  private final Ingress ingress;
  private final IngressSpec spec;
  private final ClaimsBuilder claims;
  private final TlsReader tls;
  private final IngressBackends backends;
  private final IngressRewrites rewrites;
  private final AuthPools services;
  private final References references;
  private final IngressAnnotations annotations;
  private final IngressRedirects redirects;
  private final NginxAnnotations nginx;
  private final Layers layers;
  private final Layers layersOfChallenges;
  private final @Nullable Canary canary;
  private final Problems whole = new Problems();

  /** Of {@link #whole}, what concerns the paths that ACME servers ask for. */
  private final Problems wholeOfChallenges = new Problems();

  private final Set<RuleKey> roots = new HashSet<>();
  private int index;

  /** What a host says of its own paths is not for those that ACME servers ask for. */
  private static final Source CHALLENGE =
      new Statements(Mistakes.REFUSE)
          .state(SingleLeaves.UPGRADE, Upgrade.ALLOW, "upgrade")
          .state(SingleLeaves.INSECURE, Insecure.ALLOW, "insecure");

  private IngressReader(Ingress ingress, Context context) {
    References references = context.references();
    ClassBinding binding = context.binding();
    this.ingress = ingress;
    this.spec = ingress.getSpec();
    this.claims = new ClaimsBuilder(context.claimant(), references);
    this.tls = new TlsReader(references, claims);
    Map<String, String> written = ingress.getMetadata().getAnnotations();
    this.references = references;
    this.annotations = new IngressAnnotations(written);
    this.nginx = new NginxAnnotations(written, references.namespace());
    ForeignAnnotations foreign =
        new ForeignAnnotations(written, nginx, !list(spec.getTls()).isEmpty());
    this.canary = nginx.isCanary() ? IngressCanary.read(nginx, whole) : null;
    this.backends = new IngressBackends(context, claims, annotations, nginx, foreign.served());
    this.services =
        new AuthPools(claims, new UpstreamReader(context.options(), references), references);
    this.rewrites = new IngressRewrites(annotations, nginx);
    this.redirects = new IngressRedirects(annotations, nginx, foreign.served());
    Layers unguarded = binding.layers().under(foreign.served().policy());
    this.layers = unguarded.under(foreign.served().guards()).under(annotations.policy());
    this.layersOfChallenges = unguarded.under(annotations.policy()).under(CHALLENGE);
    for (Problems problems : List.of(whole, wholeOfChallenges)) {
      if (binding.fault() != null) {
        problems.fault(binding.fault());
      }
      problems.addAll(annotations.problems());
    }
    backends.checkNamespace(whole);
    whole.addAll(foreign.problems());
    wholeOfChallenges.addAll(foreign.problemsOfChallenges());
  }

  static Claims read(Ingress ingress, Context context) {
    if (ingress.getSpec() == null) {
      Problems problems = new Problems();
      problems.fault(Reason.INVALID, "spec", "is missing");
      return Claims.none(context.claimant(), problems);
    }
    return new IngressReader(ingress, context).read();
  }

  private Claims read() {
    warnOfTwoClasses();
    List<IngressRule> rules = list(spec.getRules());
    Map<String, HostClaim> hosts = new LinkedHashMap<>();
    List<@Nullable HostClaim> hostOfRule = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      HostClaim host = host(rules.get(i).getHost(), "spec.rules[" + i + "].host");
      hostOfRule.add(host);
      if (host != null) {
        hosts.putIfAbsent(host.host(), host);
      }
    }
    List<HostClaim> aliases = aliases(hosts);
    aliases.forEach(alias -> hosts.put(alias.host(), alias));
    Map<String, HostClaim> others = canary == null ? redirects.others(hosts) : Map.of();
    others.forEach((other, to) -> hosts.put(other, new HostClaim(other, redirects.at(), null)));
    // A canary claims nothing, so it wants no certificate.
    if (canary == null) {
      readTls(List.copyOf(hosts.values()));
    }
    claims.problems().addAll(whole);
    for (int i = 0; i < rules.size(); i++) {
      HostClaim host = hostOfRule.get(i);
      if (host != null) {
        readRule(rules.get(i), host, "spec.rules[" + i + "]");
        if (!host.host().equals(RuleKey.ANY_HOST)) {
          for (HostClaim alias : aliases) {
            readRule(rules.get(i), alias, "spec.rules[" + i + "]");
          }
        }
      }
    }
    others.forEach((other, to) -> claimOther(Objects.requireNonNull(hosts.get(other)), to.host()));
    if (spec.getDefaultBackend() != null && canary == null) {
      hosts.keySet().removeAll(others.keySet());
      readDefaultBackend(hosts);
    } else if (rules.isEmpty()) {
      claims
          .problems()
          .fault(Reason.INVALID, "spec", "has neither rules nor defaultBackend: give one of them");
    }
    backends.checkWebSocketServices();
    return claims.build();
  }

  private @Nullable HostClaim host(@Nullable String text, String path) {
    if (text == null || text.isEmpty()) {
      return new HostClaim(RuleKey.ANY_HOST, path, null);
    }
    Problems problems = new Problems();
    String host = problems.parse(path, () -> Hosts.parse(text));
    String meant = host == null ? Hosts.meant(text) : host;
    claims.problems().addAll(problems);
    return meant == null ? null : new HostClaim(meant, path, problems.firstFault());
  }

  /** Further names of the hosts that rules have; a host that a rule names needs none. */
  private List<HostClaim> aliases(Map<String, HostClaim> hosts) {
    Map<String, HostClaim> aliases = new LinkedHashMap<>();
    String at = NginxAnnotations.nginxPath(ALIAS);
    List<String> named = nginx.aliases();
    if (named.size() > MOST_ALIASES) {
      whole.warn(
          Reason.INVALID_ANNOTATION,
          at,
          "names " + named.size() + " hosts, of which the first " + MOST_ALIASES + " are served");
    }
    for (String name : named.subList(0, Math.min(named.size(), MOST_ALIASES))) {
      try {
        String host = Hosts.parse(name);
        if (!hosts.containsKey(host)) {
          aliases.putIfAbsent(host, new HostClaim(host, at, null));
        }
      } catch (IllegalArgumentException e) {
        whole.warn(Reason.INVALID_ANNOTATION, at, "is not served of all: " + e.getMessage());
      }
    }
    return List.copyOf(aliases.values());
  }

  private void readTls(List<HostClaim> all) {
    List<IngressTLS> entries = list(spec.getTls());
    for (int i = 0; i < entries.size(); i++) {
      String path = "spec.tls[" + i + "]";
      List<HostClaim> hosts = new ArrayList<>();
      List<String> named = list(entries.get(i).getHosts());
      for (int j = 0; j < named.size(); j++) {
        HostClaim host = host(named.get(j), path + ".hosts[" + j + "]");
        if (host != null) {
          hosts.add(host);
        }
      }
      String secretName = entries.get(i).getSecretName();
      if (secretName == null || secretName.isEmpty()) {
        tls.byDefault(named.isEmpty() ? all : hosts, path);
      } else {
        tls.read(named.isEmpty() ? all : hosts, secretName, path);
      }
    }
  }

  private void readRule(IngressRule rule, HostClaim host, String path) {
    List<HTTPIngressPath> paths =
        rule.getHttp() == null ? List.of() : list(rule.getHttp().getPaths());
    if (paths.isEmpty() && spec.getDefaultBackend() == null) {
      Problems problems = new Problems();
      problems.fault(
          Reason.INVALID, path + ".http", "has no paths, and there is no spec.defaultBackend");
      claim(
          new Place(PathType.PREFIX, "/", Strength.FALLBACK),
          host,
          null,
          path,
          path + ".http",
          problems,
          Rewrite.NONE,
          null,
          false);
    }
    for (int i = 0; i < paths.size(); i++) {
      HTTPIngressPath entry = paths.get(i);
      String at = path + ".http.paths[" + i + "]";
      Problems problems = new Problems();
      PathType type = type(entry.getPathType(), at + ".pathType", problems);
      // Only ImplementationSpecific may leave it out.
      String text = entry.getPath() == null || entry.getPath().isEmpty() ? "/" : entry.getPath();
      String target = nginx.rewriteTarget();
      boolean regex =
          (nginx.isRegex()
                  || (target != null && !target.equals(text))
                  // The rule that it stands beside says whether it is one.
                  || (canary != null && IngressPaths.isPattern(text)))
              && !AcmeChallenges.cover(type, text);
      Place place = IngressPaths.read(text, type, regex, at + ".path", problems);
      claim(
          place,
          host,
          entry.getBackend(),
          at,
          at + ".backend",
          problems,
          rewrites.read(place, text, problems),
          IngressPaths.pattern(place, text),
          regex);
      if (canary == null && redirects.hasRootOf(place)) {
        claimRoot(host, at);
      }
    }
  }

  /** Where {@code /} is sent, of the many paths that a rule has. */
  private void claimRoot(HostClaim host, String path) {
    RuleKey key = new RuleKey(host.host(), PathType.EXACT, "/", Matches.NONE);
    if (roots.add(key)) {
      Problems problems = new Problems();
      problems.addAll(whole);
      answer(
          new Place(PathType.EXACT, "/", Strength.FALLBACK),
          host,
          path,
          problems,
          redirects.root(),
          null,
          false);
    }
  }

  private void claimOther(HostClaim other, String to) {
    Problems problems = new Problems();
    problems.addAll(whole);
    answer(
        new Place(PathType.PREFIX, "/", Strength.FALLBACK),
        other,
        redirects.at(),
        problems,
        IngressRedirects.toHost(to),
        null,
        false);
  }

  private static PathType type(@Nullable String text, String path, Problems problems) {
    return switch (text) {
      case "Exact" -> PathType.EXACT;
      case "Prefix", "ImplementationSpecific" -> PathType.PREFIX;
      case null, default -> {
        problems.fault(
            Reason.INVALID,
            path,
            Quote.of(text) + " is not a path type: write Exact, Prefix or ImplementationSpecific");
        yield PathType.PREFIX;
      }
    };
  }

  /** What no rule of its hosts takes, and, without any host, everything else. */
  private void readDefaultBackend(Map<String, HostClaim> hosts) {
    Place rest = new Place(PathType.PREFIX, "/", Strength.FALLBACK);
    String path = "spec.defaultBackend";
    hosts.values().forEach(host -> claimRest(rest, host, path));
    if (!hosts.containsKey(RuleKey.ANY_HOST)) {
      claimRest(rest, new HostClaim(RuleKey.ANY_HOST, path, null), path);
    }
  }

  private void claimRest(Place rest, HostClaim host, String path) {
    Problems problems = new Problems();
    Rewrite rewrite = rewrites.read(rest, rest.path(), problems);
    claim(rest, host, spec.getDefaultBackend(), path, path, problems, rewrite, null, false);
  }

  private void claim(
      Place place,
      HostClaim host,
      @Nullable IngressBackend backend,
      String path,
      String backendPath,
      Problems problems,
      Rewrite rewrite,
      @Nullable String pattern,
      boolean enforces) {
    boolean challenge = AcmeChallenges.cover(place.type(), place.path());
    problems.addAll(challenge ? wholeOfChallenges : whole);
    if (!challenge && redirects.answers(place)) {
      answer(place, host, path, problems, redirects.of(place, problems), pattern, enforces);
      return;
    }
    if (backend == null && !problems.hasFault()) {
      problems.fault(Reason.INVALID, backendPath, "is missing: name a Service");
    }
    String service = IngressBackends.serviceName(backend);
    PoolKey pool =
        backend == null ? null : backends.pool(backend, backendPath, challenge, problems);
    Layers own = challenge ? layersOfChallenges : layers.under(backends.denial(service));
    Policy policy = PolicyReader.read(own, references, services, problems);
    Forward action =
        new Forward(pool == null ? List.of() : List.of(new WeightedPool(pool, 1)), rewrite, "");
    claim(
        place,
        host,
        path,
        problems,
        challenge,
        new Outcome.Serve(action, policy, nginx.isForced()),
        pattern,
        enforces);
  }

  private void claim(
      Place place,
      HostClaim host,
      String path,
      Problems problems,
      boolean challenge,
      Outcome.Serve served,
      @Nullable String pattern,
      boolean enforces) {
    claims.problems().addAll(problems);
    Problem fault = problems.firstFault();
    if (fault == null) {
      fault = host.fault();
    }
    if (fault == null && !challenge) {
      fault = tls.fault(host.host());
    }
    claims.rule(
        new RuleKey(host.host(), place.type(), place.path(), Matches.NONE),
        host.fault() == null && !isAlias(host) ? place.strength() : Strength.FALLBACK,
        index++,
        path,
        host.fieldPath(),
        path,
        fault == null ? served : new Outcome.Refuse(fault),
        pattern == null || replacesPrefix(served.action())
            ? null
            : new RuleKey(host.host(), PathType.REGEX, pattern, Matches.NONE),
        enforces,
        canary);
  }

  /** A pattern has none. */
  private static boolean replacesPrefix(Served action) {
    PathRewrite path =
        switch (action) {
          case Forward forward -> forward.rewrite().path();
          case Redirect redirect -> redirect.path();
          case Respond _ -> null;
        };
    return path != null && path.type() == PathRewrite.Type.REPLACE_PREFIX;
  }

  /** A host of somebody's rule goes before one that is another's further name. */
  private boolean isAlias(HostClaim host) {
    return host.fieldPath().equals(NginxAnnotations.nginxPath(ALIAS))
        || host.fieldPath().equals(redirects.at());
  }

  /** Nobody is asked, so the backend need not be there. */
  private void answer(
      Place place,
      HostClaim host,
      String path,
      Problems problems,
      Served action,
      @Nullable String pattern,
      boolean enforces) {
    Policy policy = PolicyReader.read(layers, references, services, problems);
    Location.Respond respond = annotations.respond();
    if (action instanceof Respond && respond != null) {
      policy =
          policy.with(
              new RespondReader(references, AnswerAnnotations::respondPath, problems)
                  .read(respond));
    }
    claim(
        place,
        host,
        path,
        problems,
        false,
        new Outcome.Serve(action, policy, nginx.isForced()),
        pattern,
        enforces);
  }

  /** The annotation goes before the field, as the API reference wants it. */
  private void warnOfTwoClasses() {
    String byAnnotation = IngressClassNames.legacy(ingress);
    String byField = spec.getIngressClassName();
    if (byAnnotation != null
        && byField != null
        && !byField.isEmpty()
        && !byField.equals(byAnnotation)) {
      whole.warn(
          Reason.INVALID_ANNOTATION,
          NginxAnnotations.path(ClassName.ANNOTATION),
          Quote.of(byAnnotation)
              + " goes before spec.ingressClassName, which is "
              + Quote.of(byField)
              + ": remove one of them");
    }
  }

  private static <T> List<T> list(@Nullable List<T> list) {
    return list == null ? List.of() : list.stream().filter(Objects::nonNull).toList();
  }
}
