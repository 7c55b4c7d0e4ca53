package dev.longshore.contract;

import dev.longshore.contract.UpstreamTls.ClientCertificate;
import org.jspecify.annotations.Nullable;

/**
 * Whom a data plane trusts of endpoints, and what it presents to them. It may take hundreds of
 * kibibytes and is the same for many pools, so a snapshot holds each once, by the hash of its
 * content; see {@link SharedCredentials}.
 *
 * @param trustedCertificates PEM of those that an endpoint's certificate must lead to; null: the
 *     system's
 * @param clientCertificate what is presented when it is asked for; null: nothing
 */
public record UpstreamCredentials(
    @Nullable String trustedCertificates, @Nullable ClientCertificate clientCertificate) {
  /** The length of its texts, in characters. */
  public int length() {
    int length = trustedCertificates == null ? 0 : trustedCertificates.length();
    return clientCertificate == null
        ? length
        : length
            + clientCertificate.chain().length()
            + clientCertificate.privateKey().reveal().length();
  }
}
