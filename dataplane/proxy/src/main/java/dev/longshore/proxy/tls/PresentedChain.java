package dev.longshore.proxy.tls;

import dev.longshore.contract.HardLimits;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The certificates that an endpoint shows, before anybody looks for a path among them. An endpoint
 * is a tenant's, and the path is looked for on an event loop: among certificates of like names the
 * JDK tries every combination, so that 40 of them (12 KB) take seconds and 100 minutes. With
 * BoringSSL it is only given the first ten or so, with the JDK's TLS as many as come.
 */
final class PresentedChain {
  /** Longer ones BoringSSL refuses. */
  private static final int LONGEST_EXPONENT_BITS = 33;

  private PresentedChain() {}

  /**
   * The one path that leads upwards from the leaf: each certificate is issued by the next. What
   * doesn't belong to it is left out, self-issued ones too, which are of use only if they are
   * trusted already.
   *
   * @param shown as it came, the leaf first
   * @throws CertificateException if there are more, or larger ones, than anybody needs
   */
  static X509Certificate[] path(X509Certificate[] shown) throws CertificateException {
    if (shown.length > HardLimits.CHAIN_CERTIFICATES) {
      throw new CertificateException(
          "the endpoint shows %d certificates: at most %d are looked at"
              .formatted(shown.length, HardLimits.CHAIN_CERTIFICATES));
    }
    List<X509Certificate> others = new ArrayList<>();
    for (int i = 0; i < shown.length; i++) {
      checkSize(shown[i]);
      if (i > 0 && !isSelfIssued(shown[i])) {
        others.add(shown[i]);
      }
    }
    List<X509Certificate> path = new ArrayList<>();
    X509Certificate next = shown.length == 0 ? null : shown[0];
    while (next != null) {
      path.add(next);
      next = takeIssuer(next, others);
    }
    return path.toArray(X509Certificate[]::new);
  }

  private static @Nullable X509Certificate takeIssuer(
      X509Certificate of, List<X509Certificate> others) {
    List<X509Certificate> named = new ArrayList<>();
    for (X509Certificate each : others) {
      if (each.getSubjectX500Principal().equals(of.getIssuerX500Principal())) {
        named.add(each);
      }
    }
    for (X509Certificate each : named) {
      // One alone is judged later, with all else of the path.
      if (named.size() == 1 || isSignedBy(of, each.getPublicKey())) {
        others.remove(each);
        return each;
      }
    }
    return null;
  }

  private static boolean isSignedBy(X509Certificate certificate, PublicKey key) {
    try {
      certificate.verify(key);
      return true;
    } catch (GeneralSecurityException | RuntimeException e) {
      return false;
    }
  }

  private static boolean isSelfIssued(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
  }

  private static void checkSize(X509Certificate certificate) throws CertificateException {
    if (certificate.getEncoded().length > HardLimits.CERTIFICATE_BYTES) {
      throw new CertificateException(
          "the endpoint shows a certificate of more than %,d bytes"
              .formatted(HardLimits.CERTIFICATE_BYTES));
    }
    if (certificate.getPublicKey() instanceof RSAPublicKey key
        && (key.getModulus().bitLength() > HardLimits.SHOWN_RSA_KEY_BITS
            || key.getPublicExponent().bitLength() > LONGEST_EXPONENT_BITS)) {
      throw new CertificateException(
          "the endpoint shows an RSA key of more than %,d bits, or with a long exponent"
              .formatted(HardLimits.SHOWN_RSA_KEY_BITS));
    }
  }
}
