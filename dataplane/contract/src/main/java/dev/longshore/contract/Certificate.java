package dev.longshore.contract;

import java.util.List;

/**
 * A server certificate and the names it is served for.
 *
 * @param key the Secret it comes from
 * @param hosts exact or wildcard names, lower case, sorted; {@link RuleKey#ANY_HOST} is every name
 *     without a certificate of its own. Of two certificates for a name, the client's abilities
 *     decide; none: only the settings refer to it
 * @param chain PEM, leaf first
 * @param privateKey PEM (PKCS #8)
 */
public record Certificate(CertificateKey key, List<String> hosts, String chain, Secret privateKey) {
  public Certificate {
    hosts = hosts.stream().sorted().distinct().toList();
  }

  /**
   * Names a certificate.
   *
   * @param namespace of the Secret
   * @param secret its name
   */
  public record CertificateKey(String namespace, String secret) {
    /** Keyed: tenants choose the names. */
    @Override
    public int hashCode() {
      return KeyedHash.of(namespace, secret);
    }
  }
}
