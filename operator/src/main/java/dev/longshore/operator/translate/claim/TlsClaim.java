package dev.longshore.operator.translate.claim;

import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.operator.translate.secret.TlsSecrets.KeyPair;
import org.jspecify.annotations.Nullable;

/**
 * A host that a resource wants TLS for.
 *
 * @param host the host
 * @param fieldPath the entry of {@code spec.tls}
 * @param certificate which certificate; null when it can't be used, or is the default one
 */
public record TlsClaim(String host, String fieldPath, @Nullable Usable certificate) {

  /** A certificate whose chain and key are right. */
  public record Usable(CertificateKey key, KeyPair pair) {}
}
