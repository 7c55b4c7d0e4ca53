package dev.longshore.proxy.tls;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import org.jspecify.annotations.Nullable;

/** The certificates that the JDK comes with, read once: there are about 150. */
final class SystemTrust {
  private static volatile @Nullable EndpointTrust trust;

  private SystemTrust() {}

  /**
   * What trusts them.
   *
   * @throws UnusableTlsException if the JDK's file can't be read
   */
  static EndpointTrust get() throws UnusableTlsException {
    EndpointTrust known = trust;
    if (known == null) {
      try {
        known = EndpointTrust.of((KeyStore) null);
        trust = known;
      } catch (GeneralSecurityException e) {
        throw new UnusableTlsException(
            "trustedCertificates", "is not given, and those of the system can't be read", e);
      }
    }
    return known;
  }
}
