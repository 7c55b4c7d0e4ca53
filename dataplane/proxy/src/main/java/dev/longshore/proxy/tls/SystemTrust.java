package dev.longshore.proxy.tls;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** The certificates that the JDK comes with, read once: there are about 150. */
final class SystemTrust {
  private static volatile @Nullable TrustManagerFactory factory;

  private SystemTrust() {}

  /**
   * What trusts them.
   *
   * @throws UnusableTlsException if the JDK's file can't be read
   */
  static TrustManagerFactory factory() throws UnusableTlsException {
    TrustManagerFactory known = factory;
    if (known == null) {
      try {
        known = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        known.init((KeyStore) null);
        factory = known;
      } catch (GeneralSecurityException e) {
        throw new UnusableTlsException(
            "trustedCertificates", "is not given, and those of the system can't be read", e);
      }
    }
    return known;
  }
}
