package dev.longshore.proxy.tls;

import dev.longshore.contract.Secret;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Reads the PEM of a snapshot, whose shape its validator has checked. What is thrown is an {@link
 * IllegalArgumentException} that says nothing of a key.
 */
final class Pem {
  private Pem() {}

  /** The certificates in their order; at least one. */
  static List<X509Certificate> certificates(String pem) {
    List<X509Certificate> certificates = new ArrayList<>();
    try {
      CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.ISO_8859_1)))
          .forEach(certificate -> certificates.add((X509Certificate) certificate));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("has a certificate that can't be read", e);
    }
    if (certificates.isEmpty()) {
      throw new IllegalArgumentException("has no certificate");
    }
    return certificates;
  }

  /** The private key, which is that of the certificate. */
  static PrivateKey key(Secret pem, X509Certificate leaf) {
    PrivateKey key = key(pem, leaf.getPublicKey());
    if (!belongTogether(key, leaf.getPublicKey())) {
      throw new IllegalArgumentException("is not the key of the first certificate");
    }
    return key;
  }

  private static PrivateKey key(Secret pem, PublicKey publicKey) {
    String algorithm = publicKey.getAlgorithm();
    String text = pem.reveal();
    int start = text.indexOf('\n');
    int end = text.indexOf("-----END");
    try {
      byte[] der = Base64.getMimeDecoder().decode(text.substring(start, end));
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
    } catch (GeneralSecurityException | IllegalArgumentException | IndexOutOfBoundsException e) {
      // Without the cause: its message may quote the key.
      throw new IllegalArgumentException(
          "can't be read as a key of the certificate's kind (" + algorithm + ")");
    }
  }

  private static boolean belongTogether(PrivateKey key, PublicKey publicKey) {
    byte[] proof = "Do they belong together?".getBytes(StandardCharsets.US_ASCII);
    try {
      Signature signature = Signature.getInstance(KeyKind.of(publicKey).signature());
      signature.initSign(key);
      signature.update(proof);
      byte[] signed = signature.sign();
      signature.initVerify(publicKey);
      signature.update(proof);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
