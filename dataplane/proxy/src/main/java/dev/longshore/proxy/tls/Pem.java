package dev.longshore.proxy.tls;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.PemCertificates;
import dev.longshore.contract.PrivateKeys;
import dev.longshore.contract.Secret;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;

/**
 * Reads the PEM of a snapshot, whose shape its validator has checked. What is thrown is an {@link
 * IllegalArgumentException} that says nothing of a key.
 */
final class Pem {
  private Pem() {}

  /** A chain in its order; at least one. */
  static List<X509Certificate> chain(String pem) {
    return PemCertificates.read(pem, HardLimits.CHAIN_CERTIFICATES);
  }

  /** Certificates to trust; at least one. */
  static List<X509Certificate> trusted(String pem) {
    return PemCertificates.read(pem, HardLimits.TRUSTED_CERTIFICATES);
  }

  /** The private key, which is that of the certificate. */
  static PrivateKey key(Secret pem, X509Certificate leaf) {
    String text = pem.reveal();
    int start = text.indexOf('\n');
    int end = text.indexOf("-----END");
    byte[] der;
    try {
      der = Base64.getMimeDecoder().decode(text.substring(start, end));
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      // Without the cause: its message may quote the key.
      throw new IllegalArgumentException("is not a key in PEM");
    }
    return PrivateKeys.read(der, leaf.getPublicKey());
  }
}
