package dev.longshore.operator.pki;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A certificate that stands where a cluster will have one, so that manifests can be judged before.
 * Nobody trusts it, and it serves nobody.
 *
 * @param chain PEM
 * @param key PEM
 */
public record PlaceholderCertificate(String chain, String key) {
  private static final Duration LIFETIME = Duration.ofDays(90);

  /**
   * Makes one.
   *
   * @param names hosts, wildcards too; at least one
   */
  public static PlaceholderCertificate of(List<String> names) {
    Instant now = Instant.now();
    ServerIdentity identity = Authority.create(now, LIFETIME).issue(names, now, LIFETIME);
    return new PlaceholderCertificate(
        AuthorityPem.of(identity.chain()), AuthorityPem.of(identity.key()));
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "a placeholder";
  }
}
