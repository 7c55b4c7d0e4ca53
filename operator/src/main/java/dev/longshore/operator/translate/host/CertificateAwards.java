package dev.longshore.operator.translate.host;

import dev.longshore.contract.Certificate;
import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.operator.translate.claim.Claimant;
import dev.longshore.operator.translate.claim.TlsClaim;
import dev.longshore.operator.translate.secret.TlsSecrets.KeyPair;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides which certificates serve a host: of those whom it belongs to, of each kind of key the
 * first, for clients differ in what they verify. Not thread-safe.
 */
final class CertificateAwards {
  private final Map<CertificateKey, TreeMap<String, KeyPair>> hosts = new HashMap<>();
  private final Map<String, Map<String, Served>> awards = new HashMap<>();

  private record Served(Claimant by, TlsClaim.Usable certificate) {}

  /**
   * Decides anew for a host.
   *
   * @param changed hears of certificates that may be others, or for other hosts
   */
  void settle(String name, Host host, Consumer<CertificateKey> changed) {
    Map<String, Served> newer = new TreeMap<>();
    for (Map.Entry<Claimant, TreeMap<String, TlsClaim>> entry : host.tls().entrySet()) {
      for (TlsClaim claim : entry.getValue().values()) {
        TlsClaim.Usable certificate = claim.certificate();
        if (certificate != null && host.ruling().permits(entry.getKey())) {
          newer.putIfAbsent(certificate.pair().kind(), new Served(entry.getKey(), certificate));
        }
      }
    }
    Map<String, Served> older = awards.getOrDefault(name, Map.of());
    if (newer.equals(older)) {
      return;
    }
    for (Served award : older.values()) {
      CertificateKey key = award.certificate.key();
      TreeMap<String, KeyPair> pairs = Objects.requireNonNull(hosts.get(key));
      pairs.remove(name);
      if (pairs.isEmpty()) {
        hosts.remove(key);
      }
      changed.accept(key);
    }
    for (Served award : newer.values()) {
      TlsClaim.Usable certificate = award.certificate;
      hosts
          .computeIfAbsent(certificate.key(), key -> new TreeMap<>())
          .put(name, certificate.pair());
      changed.accept(certificate.key());
    }
    if (newer.isEmpty()) {
      awards.remove(name);
    } else {
      awards.put(name, newer);
    }
  }

  /** Whether a host has any of its own. */
  boolean serve(String name) {
    return awards.containsKey(name);
  }

  /** The certificate as it goes into the snapshot; null when no host is served with it. */
  @Nullable Certificate certificate(CertificateKey key) {
    TreeMap<String, KeyPair> pairs = hosts.get(key);
    if (pairs == null) {
      return null;
    }
    KeyPair pair = pairs.firstEntry().getValue();
    return new Certificate(key, List.copyOf(pairs.keySet()), pair.chain(), pair.privateKey());
  }

  /** That somebody else's certificate serves the host; null when it is the claim's own. */
  @Nullable Problem conflict(TlsClaim tls) {
    TlsClaim.Usable usable = tls.certificate();
    Served award =
        usable == null ? null : awards.getOrDefault(tls.host(), Map.of()).get(usable.pair().kind());
    return usable == null || award == null || award.certificate.key().equals(usable.key())
        ? null
        : Problem.warning(
            Reason.CONFLICTED,
            tls.fieldPath() + ".secretName",
            "host "
                + Quote.of(tls.host())
                + " is served with Secret "
                + award.certificate.key().namespace()
                + "/"
                + award.certificate.key().secret()
                + " by "
                + award.by.ref()
                + ", which goes first");
  }
}
