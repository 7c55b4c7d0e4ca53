package dev.longshore.proxy.testing;

import dev.longshore.contract.Certificate;
import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.Secret;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.NetUtil;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** Certificates of one authority, made when they are first asked for. */
public final class TestCertificates {
  /** The host that most tests ask for. */
  public static final String HOST = "chat.example.com";

  /** Names the certificate of {@link #HOST}, which every {@link TestRoutes} has. */
  public static final CertificateKey KEY = new CertificateKey("test", "chat-tls");

  private static final String ALTERNATIVE_NAMES = "2.5.29.17";
  private static final int SEQUENCE = 0x30;
  private static final int DNS_NAME = 0x82;
  private static final int ADDRESS = 0x87;

  private TestCertificates() {}

  /** The authority. */
  public static X509Bundle authority() {
    return Made.AUTHORITY;
  }

  /** A chain and key for names, by the authority, ECDSA. */
  public static X509Bundle issue(String... names) {
    return issue(CertificateBuilder::ecp256, names);
  }

  /** A chain and key for names, by the authority, with a kind of key. */
  public static X509Bundle issue(UnaryOperator<CertificateBuilder> edit, String... names) {
    CertificateBuilder builder =
        edit.apply(new CertificateBuilder())
            .subject("CN=" + names[0])
            .addExtendedKeyUsageServerAuth()
            .addExtendedKeyUsageClientAuth();
    return made(
        builder.addExtensionOctetString(ALTERNATIVE_NAMES, false, names(names)), authority());
  }

  /** DER of DNS names and IPv4 addresses; the builder has no wildcards. */
  private static byte[] names(String... names) {
    ByteArrayOutputStream list = new ByteArrayOutputStream();
    for (String name : names) {
      boolean address = NetUtil.isValidIpV4Address(name);
      byte[] bytes =
          address
              ? InetAddress.ofLiteral(name).getAddress()
              : name.getBytes(StandardCharsets.US_ASCII);
      list.write(address ? ADDRESS : DNS_NAME);
      list.write(bytes.length);
      list.writeBytes(bytes);
    }
    ByteArrayOutputStream der = new ByteArrayOutputStream();
    der.write(SEQUENCE);
    der.write(list.size());
    der.writeBytes(list.toByteArray());
    return der.toByteArray();
  }

  private static X509Bundle made(CertificateBuilder builder, X509Bundle issuer) {
    try {
      return builder.buildIssuedBy(issuer);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** As a snapshot holds it. */
  public static Certificate certificate(CertificateKey key, X509Bundle bundle, String... hosts) {
    return new Certificate(
        key, List.of(hosts), bundle.getCertificatePathPEM(), new Secret(bundle.getPrivateKeyPEM()));
  }

  /** The certificate of {@link #HOST}. */
  public static Certificate ofHost() {
    return Made.OF_HOST;
  }

  /** A context of the JDK that shows a certificate and trusts the authority. */
  public static SSLContext serving(X509Bundle bundle) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          bundle.toKeyManagerFactory().getKeyManagers(),
          new TrustManager[] {authority().toTrustManager()},
          null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A client's context that trusts the authority. */
  public static SSLContext clientContext() {
    return Made.CLIENT;
  }

  /** A context of the JDK that trusts an authority. */
  public static SSLContext trusting(X509Bundle authority) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {authority.toTrustManager()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A self-signed authority. */
  public static X509Bundle newAuthority() {
    try {
      return new CertificateBuilder()
          .ecp256()
          .subject("CN=Longshore test authority")
          .setIsCertificateAuthority(true)
          .notAfter(Instant.now().plus(Duration.ofDays(30)))
          .buildSelfSigned();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class Made {
    static final X509Bundle AUTHORITY = newAuthority();
    static final SSLContext CLIENT = trusting(AUTHORITY);
    static final Certificate OF_HOST = certificate(KEY, made(leaf(), AUTHORITY), HOST);

    private static CertificateBuilder leaf() {
      return new CertificateBuilder().ecp256().subject("CN=" + HOST).addSanDnsName(HOST);
    }
  }
}
