package dev.longshore.proxy.subscribe;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;

/** An authority, and the certificates it gives. */
final class TestPki {
  private final X509Bundle authority;

  TestPki() {
    try {
      authority =
          new CertificateBuilder()
              .ecp256()
              .subject("CN=test authority")
              .setIsCertificateAuthority(true)
              .buildSelfSigned();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** The bundle that data planes are given. */
  String bundle() {
    return authority.getCertificatePEM();
  }

  /** A server's certificate for one name. */
  X509Bundle issue(String name) {
    try {
      return new CertificateBuilder()
          .ecp256()
          .subject("CN=operator")
          .addSanDnsName(name)
          .addExtendedKeyUsageServerAuth()
          .buildIssuedBy(authority);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
