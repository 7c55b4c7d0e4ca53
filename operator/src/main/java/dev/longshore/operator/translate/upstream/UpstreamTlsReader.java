package dev.longshore.operator.translate.upstream;

import dev.longshore.api.v1alpha1.LocalRef;
import dev.longshore.api.v1alpha1.Upstream;
import dev.longshore.contract.SharedCredentials;
import dev.longshore.contract.UpstreamTls;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.translate.claim.References;
import dev.longshore.operator.translate.field.Hosts;
import dev.longshore.operator.translate.field.Names;
import dev.longshore.operator.translate.secret.CredentialsReader;
import dev.longshore.operator.translate.secret.TlsSecrets.KeyPair;
import dev.longshore.operator.translate.secret.TrustedCertificate;
import dev.longshore.operator.translate.tls.TlsReader;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Objects;
import java.util.SequencedSet;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Reads how the TLS of endpoints is verified, and what is presented to them. */
final class UpstreamTlsReader {
  private static final int MOST_REFERENCES = 8;

  private static final String CA_REFS = "tls.caCertificateRefs";

  private final References references;
  private final CredentialsReader credentials;
  private final UnaryOperator<String> path;
  private final Problems problems;

  /**
   * What was read.
   *
   * @param credentials those that the TLS names; null: it names none
   */
  record Read(UpstreamTls tls, @Nullable SharedCredentials credentials) {}

  /**
   * A reader for one upstream.
   *
   * @param credentials of all upstreams of the resource
   * @param path from a field of the upstream to its field path
   * @param problems hears of what is wrong; with a fault, what is read must not be used
   */
  UpstreamTlsReader(
      References references,
      CredentialsReader credentials,
      UnaryOperator<String> path,
      Problems problems) {
    this.references = references;
    this.credentials = credentials;
    this.path = path;
    this.problems = problems;
  }

  Read read(Upstream.@Nullable Tls tls) {
    if (tls == null) {
      return new Read(UpstreamTls.SYSTEM, null);
    }
    String serverName = serverName(tls);
    SequencedSet<TrustedCertificate> trusted = trusted(tls);
    KeyPair own = clientCertificate(tls);
    if (problems.hasFault() || (trusted == null && own == null)) {
      return new Read(new UpstreamTls(serverName, null, null), null);
    }
    try {
      SharedCredentials shared = credentials.read(trusted, own);
      return new Read(UpstreamTls.by(shared, serverName), shared);
    } catch (IllegalArgumentException e) {
      problems.fault(
          Reason.INVALID_CERTIFICATE,
          path.apply(trusted == null ? "tls.clientCertificateRef" : CA_REFS),
          String.valueOf(e.getMessage()));
      return new Read(UpstreamTls.SYSTEM, null);
    }
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

  /** Sorted, so that the order of references and of certificates makes no difference. */
  private @Nullable SequencedSet<TrustedCertificate> trusted(Upstream.Tls tls) {
    List<LocalRef> refs = tls.caCertificateRefs();
    if (refs == null) {
      return null;
    }
    if (refs.isEmpty() || refs.size() > MOST_REFERENCES) {
      // Empty must not mean the system's.
      problems.fault(
          Reason.INVALID,
          path.apply(CA_REFS),
          "has " + refs.size() + " items: from 1 to " + MOST_REFERENCES);
    }
    SequencedSet<TrustedCertificate> trusted = new TreeSet<>();
    for (int i = 0; i < Math.min(MOST_REFERENCES, refs.size()); i++) {
      trusted.addAll(trusted(refs.get(i), path.apply(CA_REFS + "[" + i + "]")));
    }
    return trusted;
  }

  private List<TrustedCertificate> trusted(LocalRef ref, String at) {
    String name =
        problems.parse(
            at + ".name", () -> Names.object(Objects.requireNonNullElse(ref.name(), "")));
    if (name == null) {
      return List.of();
    }
    return switch (ref.kind()) {
      case CONFIG_MAP ->
          certificates(
              new ResourceRef(Kind.CONFIG_MAP, references.namespace(), name),
              () -> references.configMap(name),
              Reason.CONFIG_MAP_NOT_FOUND,
              at);
      case SECRET ->
          certificates(
              new ResourceRef(Kind.SECRET, references.namespace(), name),
              () -> references.secret(name),
              Reason.SECRET_NOT_FOUND,
              at);
      case null -> {
        problems.fault(Reason.INVALID, at + ".kind", "is missing: write ConfigMap or Secret");
        yield List.of();
      }
    };
  }

  private List<TrustedCertificate> certificates(
      ResourceRef ref, Supplier<@Nullable HasMetadata> lookup, Reason missing, String at) {
    if (problems.parse(
            at,
            () -> {
              credentials.refer(ref);
              return ref;
            })
        == null) {
      return List.of();
    }
    HasMetadata source = lookup.get();
    String shown = ref.kind().label() + " " + ref.namespace() + "/" + ref.name();
    if (source == null) {
      problems.fault(missing, at, "there is no " + shown);
      return List.of();
    }
    try {
      return references.certificates().trusted(ref, source);
    } catch (IllegalArgumentException e) {
      problems.fault(Reason.INVALID_CERTIFICATE, at, shown + " " + e.getMessage());
      return List.of();
    }
  }

  private @Nullable KeyPair clientCertificate(Upstream.Tls tls) {
    Upstream.SecretRef ref = tls.clientCertificateRef();
    return ref == null
        ? null
        : TlsReader.pair(
            references, ref.name(), path.apply("tls.clientCertificateRef.name"), problems);
  }
}
