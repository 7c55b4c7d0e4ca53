package dev.longshore.operator.translate.tls;

import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.RuleKey;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.translate.claim.ClaimsBuilder;
import dev.longshore.operator.translate.claim.HostClaim;
import dev.longshore.operator.translate.claim.References;
import dev.longshore.operator.translate.claim.TlsClaim;
import dev.longshore.operator.translate.claim.TlsClaim.Usable;
import dev.longshore.operator.translate.field.Hosts;
import dev.longshore.operator.translate.field.Names;
import dev.longshore.operator.translate.secret.TlsSecrets;
import dev.longshore.operator.translate.secret.TlsSecrets.KeyPair;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads one entry of {@code spec.tls}, which WebSocketRoutes and Ingresses have alike: finds the
 * Secret, checks the certificate against the hosts, and claims TLS for them.
 */
public final class TlsReader {
  private final References references;
  private final ClaimsBuilder claims;
  private final Map<String, Problem> faults = new HashMap<>();

  public TlsReader(References references, ClaimsBuilder claims) {
    this.references = references;
    this.claims = claims;
  }

  /** An entry with the hosts it is for; {@code fieldPath} is that of the entry. */
  public void read(List<HostClaim> hosts, @Nullable String secretName, String fieldPath) {
    Problems problems = new Problems();
    KeyPair pair = pair(references, secretName, fieldPath + ".secretName", problems);
    Set<String> seen = new HashSet<>();
    for (HostClaim host : hosts) {
      if (!seen.add(host.host())) {
        continue;
      }
      Usable certificate = null;
      if (pair != null && secretName != null) {
        checkCovers(pair, host, fieldPath, problems);
        certificate = new Usable(new CertificateKey(references.namespace(), secretName), pair);
      } else if (problems.firstFault() != null) {
        faults.putIfAbsent(host.host(), problems.firstFault());
      }
      claims.tls(new TlsClaim(host.host(), fieldPath, certificate));
    }
    claims.problems().mention(problems);
  }

  /**
   * An entry without a Secret, as an Ingress may have: the default certificate is for its hosts.
   */
  public void byDefault(List<HostClaim> hosts, String fieldPath) {
    hosts.stream()
        .map(HostClaim::host)
        .distinct()
        .forEach(host -> claims.tls(new TlsClaim(host, fieldPath, null)));
  }

  /** Why rules of that host can't be served; null when its certificates are right. */
  public @Nullable Problem fault(String host) {
    return faults.get(host);
  }

  /**
   * The chain and key of a Secret that a field names.
   *
   * @param path of the field
   * @param problems hears of what is wrong
   * @return null if there was a fault
   */
  public static @Nullable KeyPair pair(
      References references, @Nullable String secretName, String path, Problems problems) {
    if (secretName == null || secretName.isEmpty()) {
      problems.fault(Reason.INVALID, path, "is missing: name a Secret of type " + TlsSecrets.TYPE);
      return null;
    }
    if (problems.parse(path, () -> Names.object(secretName)) == null) {
      return null;
    }
    Secret secret = references.secret(secretName);
    String shown = references.shownSecret(secretName);
    if (secret == null) {
      problems.fault(
          Reason.SECRET_NOT_FOUND,
          path,
          references.missingSecret(secretName)
              + ", and what needs it answers 503 until it is there");
      return null;
    }
    try {
      KeyPair pair =
          references
              .certificates()
              .pair(new ResourceRef(Kind.SECRET, references.namespace(), secretName), secret);
      if (pair.notAfter().isBefore(references.now())) {
        problems.warn(
            Reason.INVALID_CERTIFICATE,
            path,
            "the certificate of "
                + shown
                + " expired at "
                + pair.notAfter()
                + ", and clients refuse it: renew it");
      }
      return pair;
    } catch (IllegalArgumentException e) {
      problems.fault(
          Reason.INVALID_CERTIFICATE,
          path,
          shown + " " + e.getMessage() + "; what needs it answers 503 until that is right");
      return null;
    }
  }

  /** Served all the same: a client that trusts it by name, or by itself, may get along with it. */
  private static void checkCovers(
      KeyPair pair, HostClaim host, String fieldPath, Problems problems) {
    if (host.host().equals(RuleKey.ANY_HOST)
        || pair.names().stream().anyMatch(name -> Hosts.covers(name, host.host()))) {
      return;
    }
    problems.warn(
        Reason.INVALID_CERTIFICATE,
        fieldPath + ".secretName",
        "the certificate is for "
            + (pair.names().isEmpty()
                ? "no host (it has no subjectAltName)"
                : String.join(", ", pair.names().subList(0, Math.min(5, pair.names().size()))))
            + ", not for "
            + Quote.of(host.host())
            + ", whose clients will refuse it");
  }
}
