package dev.longshore.contract;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Reads certificates in PEM (RFC 7468), the same way in operator and data plane. How many there
 * are, how large each is, and what kind of key it has is found out before any is parsed, so that a
 * bad one costs nobody anything.
 */
public final class PemCertificates {
  private static final String DASHES = "-----";
  private static final String BEGIN = "-----BEGIN ";
  private static final String LABEL = "CERTIFICATE";

  private PemCertificates() {}

  /**
   * The certificates in their order. Text between them is passed over, as is usual in bundles.
   *
   * @param pem of a length that was checked
   * @param most how many may be there, in all
   * @throws IllegalArgumentException if there is none, one too many, something else than
   *     certificates, or one that can't be read or isn't taken; the message begins with a verb and
   *     quotes nothing
   */
  public static List<X509Certificate> read(String pem, int most) {
    List<byte[]> blocks = blocks(pem, most);
    for (int i = 0; i < blocks.size(); i++) {
      try {
        CertificateDer.check(blocks.get(i));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            (blocks.size() == 1
                    ? "has a certificate"
                    : "has a certificate, number " + (i + 1) + ",")
                + (String.valueOf(e.getMessage()).startsWith("that ") ? " " : " that ")
                + e.getMessage(),
            e);
      }
    }
    List<X509Certificate> certificates = new ArrayList<>(blocks.size());
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (byte[] der : blocks) {
        certificates.add(
            (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("has a certificate that can't be read", e);
    }
    return certificates;
  }

  private static List<byte[]> blocks(String pem, int most) {
    List<byte[]> blocks = new ArrayList<>();
    int begin = pem.indexOf(BEGIN);
    while (begin >= 0) {
      int label = begin + BEGIN.length();
      int body = pem.indexOf(DASHES, label);
      int end = body < 0 ? -1 : pem.indexOf("-----END ", body + DASHES.length());
      if (end < 0) {
        throw new IllegalArgumentException("has a PEM block without its end");
      }
      if (!pem.substring(label, body).equals(LABEL)
          || !pem.startsWith(LABEL + DASHES, end + "-----END ".length())) {
        throw new IllegalArgumentException(
            "has a PEM block that is not a CERTIFICATE: leave in it certificates only");
      }
      if (blocks.size() == most) {
        throw new IllegalArgumentException("has more than " + most + " certificates");
      }
      blocks.add(decoded(pem.substring(body + DASHES.length(), end)));
      begin = pem.indexOf(BEGIN, end + 1);
    }
    if (blocks.isEmpty()) {
      throw new IllegalArgumentException(
          "has no certificate in PEM (" + BEGIN + LABEL + DASHES + ")");
    }
    return blocks;
  }

  private static byte[] decoded(String base64) {
    byte[] der;
    try {
      der = Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("has a certificate that can't be read: no base64", e);
    }
    if (der.length > HardLimits.CERTIFICATE_BYTES) {
      throw new IllegalArgumentException(
          "has a certificate of %,d bytes: at most %,d"
              .formatted(der.length, HardLimits.CERTIFICATE_BYTES));
    }
    return der;
  }
}
