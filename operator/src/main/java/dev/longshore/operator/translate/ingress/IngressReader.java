package dev.longshore.operator.translate.ingress;

import dev.longshore.api.v1alpha1.Location;
import dev.longshore.api.v1alpha1.Policy.Insecure;
import dev.longshore.api.v1alpha1.Policy.Upgrade;
import dev.longshore.contract.Matches;
import dev.longshore.contract.PathType;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.RuleAction.Forward;
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
import dev.longshore.operator.translate.claim.HostClaim;
import dev.longshore.operator.translate.claim.References;
import dev.longshore.operator.translate.claim.ResourceTranslator.Context;
import dev.longshore.operator.translate.claim.RuleClaim.Strength;
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
import dev.longshore.operator.translate.rule.RewriteReader;
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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads an Ingress into claims: every path of every rule is one, and the default backend takes what
 * is left of each of its hosts. {@code ImplementationSpecific} is Prefix here. Longer than most,
 * for an annotation of the whole changes what each path becomes, and these are read together.
 */
final class IngressReader {
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
    IngressClassNames.warnOfTwo(ingress, whole);
    List<IngressRule> rules = list(spec.getRules());
    IngressHosts hosts = new IngressHosts(rules, nginx, claims.problems(), whole);
    Map<String, HostClaim> others = canary == null ? redirects.others(hosts.all()) : Map.of();
    others.forEach((other, to) -> hosts.add(new HostClaim(other, redirects.at(), null)));
    // A canary claims nothing, so it wants no certificate.
    if (canary == null) {
      hosts.readTls(list(spec.getTls()), tls);
    }
    claims.problems().addAll(whole);
    for (int i = 0; i < rules.size(); i++) {
      HostClaim host = hosts.ofRule(i);
      if (host != null) {
        readRule(rules.get(i), host, "spec.rules[" + i + "]");
        if (!host.host().equals(RuleKey.ANY_HOST)) {
          for (HostClaim alias : hosts.aliases()) {
            readRule(rules.get(i), alias, "spec.rules[" + i + "]");
          }
        }
      }
    }
    others.forEach(
        (other, to) -> claimOther(Objects.requireNonNull(hosts.all().get(other)), to.host()));
    if (spec.getDefaultBackend() != null && canary == null) {
      Map<String, HostClaim> own = new LinkedHashMap<>(hosts.all());
      own.keySet().removeAll(others.keySet());
      readDefaultBackend(own);
    } else if (rules.isEmpty()) {
      claims
          .problems()
          .fault(Reason.INVALID, "spec", "has neither rules nor defaultBackend: give one of them");
    }
    backends.checkWebSocketServices();
    return claims.build();
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
        pattern == null || RewriteReader.replacesPrefix(served.action())
            ? null
            : new RuleKey(host.host(), PathType.REGEX, pattern, Matches.NONE),
        enforces,
        canary);
  }

  /** A host of somebody's rule goes before one that is another's further name. */
  private boolean isAlias(HostClaim host) {
    return host.fieldPath().equals(NginxAnnotations.nginxPath(IngressHosts.ALIAS))
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

  private static <T> List<T> list(@Nullable List<T> list) {
    return list == null ? List.of() : list.stream().filter(Objects::nonNull).toList();
  }
}
