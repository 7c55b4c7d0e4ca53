package dev.longshore.cli.check;

import dev.longshore.api.v1alpha1.Auth;
import dev.longshore.api.v1alpha1.LocalRef;
import dev.longshore.api.v1alpha1.Location;
import dev.longshore.api.v1alpha1.LongshoreConfig;
import dev.longshore.api.v1alpha1.LongshoreConfigSpec;
import dev.longshore.api.v1alpha1.Policy;
import dev.longshore.api.v1alpha1.Upstream;
import dev.longshore.api.v1alpha1.WebSocketRouteSpec;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.IngressTLS;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What manifests refer to and nobody commits: Secrets, and the bundles of authorities that
 * controllers write. Those that are among the manifests are not listed.
 */
final class AbsentReferences {
  /** A name and the hash of no password. */
  private static final String USERS = "expected:{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=";

  /** The public key of RFC 7515's appendix A.3, by which nobody is let in here. */
  private static final String KEYS =
      "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\","
          + "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
          + "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";

  private static final String SSL_SECRET = "nginx.ingress.kubernetes.io/proxy-ssl-secret";

  private final View manifests;
  private final Map<ResourceRef, Set<String>> certificates = new TreeMap<>();
  private final Map<ResourceRef, Map<String, String>> entries = new TreeMap<>();
  private final Set<ResourceRef> bundles = new TreeSet<>();

  private AbsentReferences(View manifests) {
    this.manifests = manifests;
  }

  static AbsentReferences of(View manifests) {
    AbsentReferences references = new AbsentReferences(manifests);
    manifests.ingresses().forEach(references::ingress);
    manifests.routes().forEach((ref, route) -> references.route(ref.namespace(), route.getSpec()));
    manifests.configs().forEach((ref, config) -> references.config(config));
    return references;
  }

  /** Secrets with certificates, and the names that each is to have. */
  Map<ResourceRef, Set<String>> certificates() {
    return certificates;
  }

  /**
   * Secrets and ConfigMaps with values of headers, users and keys: the entries that are taken from
   * each, with something that could stand there.
   */
  Map<ResourceRef, Map<String, String>> entries() {
    return entries;
  }

  /** ConfigMaps with authorities. */
  Set<ResourceRef> bundles() {
    return bundles;
  }

  private void ingress(ResourceRef ref, Ingress ingress) {
    if (ingress.getSpec() == null) {
      return;
    }
    for (IngressTLS tls : list(ingress.getSpec().getTls())) {
      List<String> hosts = list(tls.getHosts());
      certificate(
          ref.namespace(),
          tls.getSecretName(),
          hosts.isEmpty()
              ? list(ingress.getSpec().getRules()).stream()
                  .map(IngressRule::getHost)
                  .filter(Objects::nonNull)
                  .toList()
              : hosts);
    }
    Map<String, String> annotations = ingress.getMetadata().getAnnotations();
    String secret = annotations == null ? null : annotations.get(SSL_SECRET);
    if (secret != null) {
      String own = ref.namespace() + "/";
      certificate(
          ref.namespace(),
          secret.startsWith(own) ? secret.substring(own.length()) : secret.strip(),
          List.of());
    }
    users(ref.namespace(), IngressAuth.of(ingress).users());
  }

  private void route(String namespace, @Nullable WebSocketRouteSpec spec) {
    if (spec == null) {
      return;
    }
    for (WebSocketRouteSpec.Tls tls : list(spec.tls())) {
      certificate(namespace, tls.secretName(), tls.hosts() == null ? spec.hosts() : tls.hosts());
    }
    for (Upstream upstream : list(spec.upstreams())) {
      if (upstream.tls() != null) {
        upstreamTls(namespace, upstream.tls());
      }
    }
    headers(namespace, spec.policy());
    auth(namespace, spec.policy());
    for (Location location : list(spec.locations())) {
      headers(namespace, location.policy());
      auth(namespace, location.policy());
    }
  }

  private void upstreamTls(String namespace, Upstream.Tls tls) {
    if (tls.clientCertificateRef() != null) {
      certificate(namespace, tls.clientCertificateRef().name(), List.of());
    }
    for (LocalRef authorities : list(tls.caCertificateRefs())) {
      String name = authorities.name();
      if (authorities.kind() == LocalRef.Kind.SECRET) {
        certificate(namespace, name, List.of());
      } else if (name != null && !name.isEmpty()) {
        ResourceRef map = new ResourceRef(Kind.CONFIG_MAP, namespace, name);
        if (manifests.configMaps().get(map) == null) {
          bundles.add(map);
        }
      }
    }
  }

  private void headers(String namespace, @Nullable Policy policy) {
    if (policy == null || policy.headers() == null) {
      return;
    }
    edit(namespace, policy.headers().request());
    edit(namespace, policy.headers().response());
  }

  private void edit(String namespace, Policy.@Nullable HeaderEdit edit) {
    if (edit == null) {
      return;
    }
    for (Policy.HeaderValue value : list(edit.set())) {
      Policy.SecretKeyRef from =
          value.valueFrom() == null ? null : value.valueFrom().secretKeyRef();
      if (from != null && from.name() != null && from.key() != null) {
        entry(new ResourceRef(Kind.SECRET, namespace, from.name()), from.key(), "expected");
      }
    }
  }

  private void auth(String namespace, @Nullable Policy policy) {
    Auth auth = policy == null ? null : policy.auth();
    if (auth == null) {
      return;
    }
    users(namespace, auth.basic() == null ? null : auth.basic().secretName());
    LocalRef keys = auth.jwt() == null ? null : auth.jwt().jwks();
    if (keys != null && keys.name() != null) {
      Kind kind = keys.kind() == LocalRef.Kind.SECRET ? Kind.SECRET : Kind.CONFIG_MAP;
      entry(new ResourceRef(kind, namespace, keys.name()), "jwks.json", KEYS);
    }
  }

  private void users(String namespace, @Nullable String secret) {
    if (secret != null && !secret.isEmpty()) {
      entry(new ResourceRef(Kind.SECRET, namespace, secret), "auth", USERS);
    }
  }

  private void entry(ResourceRef ref, String key, String value) {
    boolean absent =
        ref.kind() == Kind.SECRET
            ? manifests.secrets().get(ref) == null
            : manifests.configMaps().get(ref) == null;
    if (absent) {
      entries.computeIfAbsent(ref, r -> new TreeMap<>()).put(key, value);
    }
  }

  private void config(LongshoreConfig config) {
    LongshoreConfigSpec spec = config.getSpec();
    if (spec != null
        && spec.defaultCertificate() != null
        && spec.defaultCertificate().namespace() != null) {
      certificate(
          spec.defaultCertificate().namespace(), spec.defaultCertificate().name(), List.of());
    }
  }

  private void certificate(String namespace, @Nullable String name, @Nullable List<String> hosts) {
    if (name == null || name.isEmpty()) {
      return;
    }
    ResourceRef secret = new ResourceRef(Kind.SECRET, namespace, name);
    if (manifests.secrets().get(secret) == null) {
      certificates.computeIfAbsent(secret, absent -> new TreeSet<>()).addAll(list(hosts));
    }
  }

  private static <T> List<T> list(@Nullable List<T> list) {
    return list == null ? List.of() : list.stream().filter(Objects::nonNull).toList();
  }
}
