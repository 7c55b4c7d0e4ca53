package dev.longshore.contract;

import java.util.List;

/**
 * A server certificate and the names it is served for.
 *
 * @param key the Secret it comes from
 * @param hosts exact or wildcard names, lower case, sorted
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
  public record CertificateKey(String namespace, String secret) {}
}
