package dev.longshore.operator.pki;

import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** An authority for tests of servers on loopback. */
public final class TestAuthority {
  private final Authority authority = Authority.create(Instant.now(), Duration.ofDays(1));

  /** A new identity for {@code localhost}. */
  public ServerIdentity identity() {
    return authority.issue(List.of("localhost"), Instant.now(), Duration.ofHours(1));
  }

  /** For clients that trust it and nobody else. */
  public SSLContext trusting() throws Exception {
    return trusting(new Authorities(List.of(authority)));
  }

  static SSLContext trusting(Authorities authorities) throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    for (Authority one : authorities.all()) {
      trusted.setCertificateEntry(one.toString(), one.certificate());
    }
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }
}
