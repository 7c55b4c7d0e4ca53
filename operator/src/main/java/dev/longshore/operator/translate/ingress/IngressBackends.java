package dev.longshore.operator.translate.ingress;

import dev.longshore.api.v1alpha1.LocalRef;
import dev.longshore.api.v1alpha1.Policy.Upgrade;
import dev.longshore.api.v1alpha1.ServiceRef;
import dev.longshore.api.v1alpha1.Upstream;
import dev.longshore.contract.PoolKey;
import dev.longshore.operator.translate.claim.ClaimsBuilder;
import dev.longshore.operator.translate.claim.PoolClaim;
import dev.longshore.operator.translate.claim.References;
import dev.longshore.operator.translate.claim.ResourceTranslator.Context;
import dev.longshore.operator.translate.ingress.nginx.NginxAnnotations;
import dev.longshore.operator.translate.ingress.nginx.Served;
import dev.longshore.operator.translate.policy.Mistakes;
import dev.longshore.operator.translate.policy.PolicyAnnotations;
import dev.longshore.operator.translate.policy.SingleLeaves;
import dev.longshore.operator.translate.policy.Source;
import dev.longshore.operator.translate.policy.Statements;
import dev.longshore.operator.translate.upstream.ServicePorts;
import dev.longshore.operator.translate.upstream.UpstreamReader;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBackend;
import io.fabric8.kubernetes.api.model.networking.v1.IngressServiceBackend;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the backends of an Ingress into pools, and what annotations say of its Services. */
final class IngressBackends {
  private final References references;
  private final ClaimsBuilder claims;
  private final UpstreamReader upstreamReader;
  private final IngressAnnotations annotations;
  private final NginxAnnotations nginx;
  private final Served served;
  private final Map<String, Problems> pools = new HashMap<>();
  private final Set<String> services = new HashSet<>();

  IngressBackends(
      Context context,
      ClaimsBuilder claims,
      IngressAnnotations annotations,
      NginxAnnotations nginx,
      Served served) {
    this.references = context.references();
    this.claims = claims;
    this.upstreamReader = new UpstreamReader(context.options(), references);
    this.annotations = annotations;
    this.nginx = nginx;
    this.served = served;
  }

  /** Services that {@code websocket-services} doesn't list are not upgraded. */
  @Nullable Source denial(@Nullable String service) {
    Set<String> upgraded = annotations.webSocketServices();
    if (upgraded == null || (service != null && upgraded.contains(service))) {
      return null;
    }
    return new Statements(Mistakes.REFUSE)
        .state(SingleLeaves.UPGRADE, Upgrade.DENY, PolicyAnnotations.path("websocket-services"));
  }

  /**
   * The pool of a backend; null if it can't be served, which is among the problems then.
   *
   * @param challenge whether it answers ACME servers, which speak HTTP in the clear
   */
  @Nullable PoolKey pool(
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
    boolean plain = challenge && nginx.isUnplain();
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
      return NginxAnnotations.nginxPath(
          field.startsWith("tls.serverName") ? "proxy-ssl-name" : "proxy-ssl-secret");
    }
    String annotation = IngressAnnotations.upstreamPath(field);
    return annotation == null ? path + "." + field : annotation;
  }

  private Upstream upstream(ServiceRef service, boolean plain) {
    Upstream common = annotations.upstream();
    boolean secure = !plain && nginx.isSecure();
    Upstream.Protocol theirs = nginx.spoken();
    return new Upstream(
        null,
        service,
        null,
        plain ? Upstream.Protocol.WS : theirs != null ? theirs : common.protocol(),
        secure ? upstreamTls() : null,
        balancing(common.loadBalancing()),
        common.affinity() == null ? served.affinity() : common.affinity(),
        null,
        null,
        null,
        null);
  }

  /** As our own annotation says; where it says nothing, as one of ingress-nginx does. */
  private Upstream.@Nullable LoadBalancing balancing(Upstream.@Nullable LoadBalancing own) {
    Upstream.LoadBalancing theirs = served.balancing();
    return theirs == null || (own != null && own.policy() != null)
        ? own
        : new Upstream.LoadBalancing(
            theirs.policy(), theirs.hashOn(), own == null ? null : own.slowStart());
  }

  /** As {@code proxy-ssl-secret} and {@code proxy-ssl-name} say; null: they say nothing. */
  private Upstream.@Nullable Tls upstreamTls() {
    String named = nginx.sslSecret();
    String name = named == null ? null : named.substring(named.indexOf('/') + 1);
    if (name == null) {
      return nginx.sslName() == null ? null : new Upstream.Tls(nginx.sslName(), null, null);
    }
    Secret secret = references.secret(name);
    Map<String, String> data = secret == null ? null : secret.getData();
    return new Upstream.Tls(
        nginx.sslName(),
        List.of(new LocalRef(LocalRef.Kind.SECRET, name)),
        data == null || !data.containsKey("tls.crt") ? null : new Upstream.SecretRef(name));
  }

  /** A Secret of another namespace closes all rules. */
  void checkNamespace(Problems whole) {
    String secret = nginx.sslSecret();
    int slash = secret == null || !nginx.isSecure() ? -1 : secret.indexOf('/');
    if (secret != null
        && slash >= 0
        && !secret.substring(0, slash).equals(references.namespace())) {
      whole.fault(
          Reason.REF_NOT_PERMITTED,
          NginxAnnotations.nginxPath("proxy-ssl-secret"),
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

  /** The Service of a backend; null: it has none. */
  static @Nullable String serviceName(@Nullable IngressBackend backend) {
    return backend == null || backend.getService() == null ? null : backend.getService().getName();
  }

  /** After all backends: what the annotation lists should be one of them. */
  void checkWebSocketServices() {
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
                PolicyAnnotations.path("websocket-services"),
                Quote.of(service) + " is not the Service of any backend of this Ingress");
      }
    }
  }
}
