package dev.longshore.operator.translate;

import dev.longshore.api.v1alpha1.LocalRef;
import dev.longshore.api.v1alpha1.Location;
import dev.longshore.api.v1alpha1.Policy.Insecure;
import dev.longshore.api.v1alpha1.Policy.Upgrade;
import dev.longshore.api.v1alpha1.ServiceRef;
import dev.longshore.api.v1alpha1.Upstream;
import dev.longshore.contract.Matches;
import dev.longshore.contract.PathType;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.contract.RuleAction.WeightedPool;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.policy.Policy;
import dev.longshore.operator.translate.PathReader.Place;
import dev.longshore.operator.translate.ResourceTranslator.Context;
import dev.longshore.operator.translate.RuleClaim.Strength;
import dev.longshore.operator.translate.policy.Layers;
import dev.longshore.operator.translate.policy.Mistakes;
import dev.longshore.operator.translate.policy.PolicyReader;
import dev.longshore.operator.translate.policy.SingleLeaves;
import dev.longshore.operator.translate.policy.Source;
import dev.longshore.operator.translate.policy.Statements;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.networking.v1.HTTPIngressPath;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBackend;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.IngressServiceBackend;
import io.fabric8.kubernetes.api.model.networking.v1.IngressSpec;
import io.fabric8.kubernetes.api.model.networking.v1.IngressTLS;
import java.util.ArrayList;
import java.util.HashMap;
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
  private final Ingress ingress;
  private final IngressSpec spec;
  private final ClaimsBuilder claims;
  private final TlsReader tls;
  private final UpstreamReader upstreamReader;
  private final IngressAnnotations annotations;
  private final ForeignAnnotations foreign;
  private final References references;
  private final Layers layers;
  private final Problems whole = new Problems();

  /** Of {@link #whole}, what concerns the paths that ACME servers ask for. */
  private final Problems wholeOfChallenges = new Problems();

  private final Map<String, Problems> pools = new HashMap<>();
  private final Set<String> services = new HashSet<>();
  private int index;

  /** What a host says of its own paths is not for those that ACME servers ask for. */
  private static final Source CHALLENGE =
      new Statements(Mistakes.REFUSE)
          .state(SingleLeaves.UPGRADE, Upgrade.ALLOW, "upgrade")
          .state(SingleLeaves.INSECURE, Insecure.ALLOW, "insecure");

  private IngressReader(
      Ingress ingress,
      Context context) {
    References references = context.references();
    ClassBinding binding = context.binding();
    this.ingress = ingress;
    this.spec = ingress.getSpec();
    this.claims = new ClaimsBuilder(context.claimant(), references);
    this.tls = new TlsReader(references, claims);
    this.upstreamReader = new UpstreamReader(context.options(), references);
    this.annotations = new IngressAnnotations(ingress.getMetadata().getAnnotations());
    this.references = references;
    this.foreign =
        new ForeignAnnotations(
            ingress.getMetadata().getAnnotations(), !list(spec.getTls()).isEmpty());
    this.layers = binding.layers().under(foreign.policy()).under(annotations.policy());
    for (Problems problems : List.of(whole, wholeOfChallenges)) {
      if (binding.fault() != null) {
        problems.fault(binding.fault());
      }
      problems.addAll(annotations.problems());
    }
    checkNamespace(foreign.sslSecret());
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
    if (foreign.isCanary()) {
      whole.fault(
          Reason.UNSUPPORTED_VALUE,
          ForeignAnnotations.nginxPath("canary"),
          "a canary is not served yet: it gets no request, and takes nothing from the Ingress"
              + " beside which it stands; write spec.locations[].split in a WebSocketRoute for"
              + " both");
      claims.problems().addAll(whole);
      return claims.build();
    }
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
    readTls(List.copyOf(hosts.values()));
    claims.problems().addAll(whole);
    for (int i = 0; i < rules.size(); i++) {
      HostClaim host = hostOfRule.get(i);
      if (host != null) {
        readRule(rules.get(i), host, "spec.rules[" + i + "]");
      }
    }
    if (spec.getDefaultBackend() != null) {
      readDefaultBackend(hosts);
    } else if (rules.isEmpty()) {
      claims
          .problems()
          .fault(Reason.INVALID, "spec", "has neither rules nor defaultBackend: give one of them");
    }
    checkWebSocketServices();
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
          Rewrite.NONE);
    }
    for (int i = 0; i < paths.size(); i++) {
      HTTPIngressPath entry = paths.get(i);
      String at = path + ".http.paths[" + i + "]";
      Problems problems = new Problems();
      PathType type = type(entry.getPathType(), at + ".pathType", problems);
      // Only ImplementationSpecific may leave it out.
      String text = entry.getPath() == null || entry.getPath().isEmpty() ? "/" : entry.getPath();
      String target = foreign.rewriteTarget();
      boolean regex = foreign.isRegex() || (target != null && !target.equals(text));
      Place place = IngressPaths.read(text, type, regex, at + ".path", problems);
      claim(
          place,
          host,
          entry.getBackend(),
          at,
          at + ".backend",
          problems,
          rewrite(place, text, problems));
    }
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
    Rewrite rewrite = rewrite(rest, rest.path(), problems);
    claim(rest, host, spec.getDefaultBackend(), path, path, problems, rewrite);
  }

  private void claim(
      Place place,
      HostClaim host,
      @Nullable IngressBackend backend,
      String path,
      String backendPath,
      Problems problems,
      Rewrite rewrite) {
    boolean challenge = AcmeChallenges.cover(place.type(), place.path());
    problems.addAll(challenge ? wholeOfChallenges : whole);
    if (backend == null && !problems.hasFault()) {
      problems.fault(Reason.INVALID, backendPath, "is missing: name a Service");
    }
    String service = serviceName(backend);
    PoolKey pool = backend == null ? null : pool(backend, backendPath, challenge, problems);
    Layers own = layers.under(challenge ? CHALLENGE : denial(service));
    Policy policy = PolicyReader.read(own, null, problems);
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
        host.fault() == null ? place.strength() : Strength.FALLBACK,
        index++,
        path,
        host.fieldPath(),
        path,
        fault != null || pool == null
            ? new Outcome.Refuse(Objects.requireNonNull(fault))
            : new Outcome.Serve(List.of(new WeightedPool(pool, 1)), rewrite, policy));
  }

  /** Our own annotations go first; then those of ingress-nginx. */
  private Rewrite rewrite(Place place, String text, Problems problems) {
    if (AcmeChallenges.cover(place.type(), place.path())) {
      return Rewrite.NONE;
    }
    Location.Rewrite own = annotations.rewrite();
    Location.PathRewrite path = own == null ? null : own.path();
    String host = own == null ? null : own.host();
    boolean foreignPath = path == null;
    boolean foreignHost = host == null;
    if (foreignPath) {
      path = foreignPath(text, problems);
    }
    if (foreignHost) {
      host = foreign.vhost();
    }
    if (path == null && host == null) {
      return Rewrite.NONE;
    }
    Problems found = new Problems();
    // What is closed as a regular expression has its own message.
    PathType type = place.type() == PathType.REGEX ? PathType.PREFIX : place.type();
    Rewrite rewrite = RewriteReader.read(new Location.Rewrite(path, host), type, "", found);
    for (Problem problem : found.all()) {
      boolean ofHost = problem.fieldPath().startsWith(".host");
      problems.fault(
          Reason.of(problem),
          ofHost
              ? foreignHost
                  ? ForeignAnnotations.nginxPath("upstream-vhost")
                  : IngressAnnotations.rewritePath("host")
              : foreignPath
                  ? ForeignAnnotations.nginxPath("rewrite-target")
                  : IngressAnnotations.rewritePath("path"),
          problem.message());
    }
    if (foreignPath && path != null && !found.hasFault()) {
      problems.note(
          Reason.TRANSLATED,
          ForeignAnnotations.nginxPath("rewrite-target"),
          "is served: the whole path becomes "
              + Quote.of(path.value())
              + "; to replace the path of the rule alone, write longshore.dev/rewrite-path");
    }
    if (foreignHost && host != null && !found.hasFault()) {
      problems.note(
          Reason.TRANSLATED,
          ForeignAnnotations.nginxPath("upstream-vhost"),
          "is served as longshore.dev/rewrite-host: " + host);
    }
    return rewrite;
  }

  /** As ingress-nginx does: the whole path becomes the target, unless the target is the path. */
  private Location.@Nullable PathRewrite foreignPath(String text, Problems problems) {
    String target = foreign.rewriteTarget();
    if (target == null || target.equals(text)) {
      return null;
    }
    String at = ForeignAnnotations.nginxPath("rewrite-target");
    if (target.indexOf('$') >= 0) {
      problems.fault(
          Reason.UNSUPPORTED_VALUE,
          at,
          Quote.of(target)
              + " takes parts of a regular expression, which is not served yet, so the rules answer"
              + " 503: to take away a prefix, write it as a path of type Prefix, and"
              + " longshore.dev/rewrite-path: /");
      return null;
    }
    return new Location.PathRewrite(Location.PathRewriteType.REPLACE_FULL, target);
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
          ForeignAnnotations.path(ClassName.ANNOTATION),
          Quote.of(byAnnotation)
              + " goes before spec.ingressClassName, which is "
              + Quote.of(byField)
              + ": remove one of them");
    }
  }

  /** Services that {@code websocket-services} doesn't list are not upgraded. */
  private @Nullable Source denial(@Nullable String service) {
    Set<String> upgraded = annotations.webSocketServices();
    if (upgraded == null || (service != null && upgraded.contains(service))) {
      return null;
    }
    return new Statements(Mistakes.REFUSE)
        .state(SingleLeaves.UPGRADE, Upgrade.DENY, IngressAnnotations.path("websocket-services"));
  }

  private @Nullable PoolKey pool(
      IngressBackend backend, String path, boolean challenge, Problems problems) {
    IngressServiceBackend service = backend.getService();
    if (backend.getResource() != null || service == null) {
      problems.fault(
          Reason.UNSUPPORTED_VALUE,
          path + (backend.getResource() != null ? ".resource" : ".service"),
          backend.getResource() != null
              ? "backends other than Services are not served: write service"
              : "is missing: name a Service");
      return null;
    }
    ServiceRef ref = ref(service);
    // What answers challenges speaks HTTP in the clear, whatever the application does.
    boolean plain = challenge && foreign.isSecure();
    PoolKey key =
        claims.poolKey(
            service.getName() + ":" + shown(ref.port()) + (plain ? ":acme-challenge" : ""));
    services.add(String.valueOf(service.getName()));
    // The same backend may stand at several paths.
    Problems earlier = pools.get(key.upstream());
    if (earlier == null) {
      Problems found = new Problems();
      PoolClaim pool =
          upstreamReader.read(key, upstream(ref, plain), field -> at(field, path), found);
      if (pool == null) {
        claims.unresolved(path + ".service");
      } else {
        claims.pool(pool);
      }
      pools.put(key.upstream(), found);
      earlier = found;
    }
    problems.addAll(earlier);
    return earlier.hasFault() ? null : key;
  }

  private static String at(String field, String path) {
    if (field.startsWith("tls.")) {
      return ForeignAnnotations.nginxPath(
          field.startsWith("tls.serverName") ? "proxy-ssl-name" : "proxy-ssl-secret");
    }
    String annotation = IngressAnnotations.upstreamPath(field);
    return annotation == null ? path + "." + field : annotation;
  }

  private Upstream upstream(ServiceRef service, boolean plain) {
    Upstream common = annotations.upstream();
    boolean secure = !plain && foreign.isSecure();
    return new Upstream(
        null,
        service,
        null,
        secure ? Upstream.Protocol.WSS : plain ? Upstream.Protocol.WS : common.protocol(),
        secure ? upstreamTls() : null,
        common.loadBalancing(),
        common.affinity(),
        null,
        null,
        null,
        null);
  }

  /** As {@code proxy-ssl-secret} and {@code proxy-ssl-name} say; null: they say nothing. */
  private Upstream.@Nullable Tls upstreamTls() {
    String named = foreign.sslSecret();
    String name = named == null ? null : named.substring(named.indexOf('/') + 1);
    if (name == null) {
      return foreign.sslName() == null ? null : new Upstream.Tls(foreign.sslName(), null, null);
    }
    Secret secret = references.secret(name);
    Map<String, String> data = secret == null ? null : secret.getData();
    return new Upstream.Tls(
        foreign.sslName(),
        List.of(new LocalRef(LocalRef.Kind.SECRET, name)),
        data == null || !data.containsKey("tls.crt") ? null : new Upstream.SecretRef(name));
  }

  private void checkNamespace(@Nullable String secret) {
    int slash = secret == null || !foreign.isSecure() ? -1 : secret.indexOf('/');
    if (secret != null
        && slash >= 0
        && !secret.substring(0, slash).equals(references.namespace())) {
      whole.fault(
          Reason.REF_NOT_PERMITTED,
          ForeignAnnotations.nginxPath("proxy-ssl-secret"),
          Quote.of(secret) + " is not of the namespace of the Ingress: copy it there");
    }
  }

  private static ServiceRef ref(IngressServiceBackend service) {
    var port = service.getPort();
    if (port == null) {
      return new ServiceRef(service.getName(), null);
    }
    String name = port.getName() == null || port.getName().isEmpty() ? null : port.getName();
    Integer number = port.getNumber() == null || port.getNumber() == 0 ? null : port.getNumber();
    return new ServiceRef(service.getName(), new ServiceRef.Port(number, name));
  }

  private static String shown(ServiceRef.@Nullable Port port) {
    return port == null || (port.number() == null && port.name() == null)
        ? ""
        : ServicePorts.key(port);
  }

  private static @Nullable String serviceName(@Nullable IngressBackend backend) {
    return backend == null || backend.getService() == null ? null : backend.getService().getName();
  }

  private void checkWebSocketServices() {
    Set<String> upgraded = annotations.webSocketServices();
    if (upgraded == null) {
      return;
    }
    for (String service : upgraded) {
      if (!services.contains(service)) {
        claims
            .problems()
            .warn(
                Reason.INVALID_ANNOTATION,
                IngressAnnotations.path("websocket-services"),
                Quote.of(service) + " is not the Service of any backend of this Ingress");
      }
    }
  }

  private static <T> List<T> list(@Nullable List<T> list) {
    return list == null ? List.of() : list.stream().filter(Objects::nonNull).toList();
  }
}
