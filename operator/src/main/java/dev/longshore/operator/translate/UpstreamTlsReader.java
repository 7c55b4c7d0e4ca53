package dev.longshore.operator.translate;

import dev.longshore.api.v1alpha1.LocalRef;
import dev.longshore.api.v1alpha1.Upstream;
import dev.longshore.contract.UpstreamTls;
import dev.longshore.contract.UpstreamTls.ClientCertificate;
import dev.longshore.operator.translate.TlsSecrets.KeyPair;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Reads how the TLS of endpoints is verified, and what is presented to them. */
final class UpstreamTlsReader {
  private static final int MOST_REFERENCES = 8;

  private final References references;
  private final UnaryOperator<String> path;
  private final Problems problems;

  /**
   * A reader for one upstream.
   *
   * @param path from a field of the upstream to its field path
   * @param problems hears of what is wrong; with a fault, what is read must not be used
   */
  UpstreamTlsReader(References references, UnaryOperator<String> path, Problems problems) {
    this.references = references;
    this.path = path;
    this.problems = problems;
  }

  UpstreamTls read(Upstream.@Nullable Tls tls) {
    return tls == null
        ? UpstreamTls.SYSTEM
        : new UpstreamTls(serverName(tls), trusted(tls), clientCertificate(tls));
  }

  private @Nullable String serverName(Upstream.Tls tls) {
    String name = tls.serverName();
    if (name == null) {
      return null;
    }
    return problems.parse(
        path.apply("tls.serverName"),
        () -> {
          if (Hosts.isWildcard(name)) {
            throw new IllegalArgumentException(Quote.of(name) + " is not the name of one host");
          }
          return Hosts.parse(name);
        });
  }

  private @Nullable String trusted(Upstream.Tls tls) {
    List<LocalRef> refs = tls.caCertificateRefs();
    if (refs == null) {
      return null;
    }
    String field = "tls.caCertificateRefs";
    if (refs.isEmpty() || refs.size() > MOST_REFERENCES) {
      // Empty must not mean the system's.
      problems.fault(
          Reason.INVALID,
          path.apply(field),
          "has " + refs.size() + " items: from 1 to " + MOST_REFERENCES);
    }
    StringBuilder pem = new StringBuilder();
    for (int i = 0; i < Math.min(MOST_REFERENCES, refs.size()); i++) {
      String part = trusted(refs.get(i), path.apply(field + "[" + i + "]"));
      if (part != null) {
        pem.append(part);
      }
    }
    return pem.toString();
  }

  private @Nullable String trusted(LocalRef ref, String at) {
    String name =
        problems.parse(
            at + ".name", () -> Names.object(Objects.requireNonNullElse(ref.name(), "")));
    if (name == null) {
      return null;
    }
    return switch (ref.kind()) {
      case CONFIG_MAP -> {
        ConfigMap map = references.configMap(name);
        String shown = "ConfigMap " + references.namespace() + "/" + name;
        if (map == null) {
          problems.fault(Reason.CONFIG_MAP_NOT_FOUND, at, "there is no " + shown);
        }
        yield map == null ? null : certificates(shown, at, () -> TlsSecrets.trusted(map));
      }
      case SECRET -> {
        Secret secret = references.secret(name);
        String shown = references.shownSecret(name);
        if (secret == null) {
          problems.fault(Reason.SECRET_NOT_FOUND, at, "there is no " + shown);
        }
        yield secret == null ? null : certificates(shown, at, () -> TlsSecrets.trusted(secret));
      }
      case null -> {
        problems.fault(Reason.INVALID, at + ".kind", "is missing: write ConfigMap or Secret");
        yield null;
      }
    };
  }

  private @Nullable String certificates(String shown, String at, Supplier<String> reader) {
    try {
      return reader.get();
    } catch (IllegalArgumentException e) {
      problems.fault(Reason.INVALID_CERTIFICATE, at, shown + " " + e.getMessage());
      return null;
    }
  }

  private @Nullable ClientCertificate clientCertificate(Upstream.Tls tls) {
    Upstream.SecretRef ref = tls.clientCertificateRef();
    if (ref == null) {
      return null;
    }
    KeyPair pair =
        TlsReader.pair(
            references, ref.name(), path.apply("tls.clientCertificateRef.name"), problems);
    return pair == null ? null : new ClientCertificate(pair.chain(), pair.privateKey());
  }
}
