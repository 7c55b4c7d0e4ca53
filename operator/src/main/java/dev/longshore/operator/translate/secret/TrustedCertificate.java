package dev.longshore.operator.translate.secret;

import java.util.Comparator;

/**
 * A certificate that endpoints may be verified by.
 *
 * @param pem with its final line break
 * @param subject in the canonical form, which is the same for names that match
 */
public record TrustedCertificate(String pem, String subject)
    implements Comparable<TrustedCertificate> {
  private static final Comparator<TrustedCertificate> BY_CONTENT =
      Comparator.comparing(TrustedCertificate::pem);

  @Override
  public int compareTo(TrustedCertificate other) {
    return BY_CONTENT.compare(this, other);
  }
}
