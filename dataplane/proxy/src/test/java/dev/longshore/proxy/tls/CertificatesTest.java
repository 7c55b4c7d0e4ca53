package dev.longshore.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.Certificate;
import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.Secret;
import dev.longshore.contract.Settings;
import dev.longshore.contract.Settings.TlsVersion;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.contract.SnapshotError;
import dev.longshore.proxy.testing.TestCertificates;
import dev.longshore.proxy.testing.TestSettings;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is shown what, and what is kept and let go from one snapshot to the next. */
class CertificatesTest {
  private static final int ECDSA_P256 = 1;
  private static final X509Bundle ECDSA = TestCertificates.issue("chat.example.com");
  private static final X509Bundle RSA =
      TestCertificates.issue(CertificateBuilder::rsa2048, "chat.example.com");

  private RoutingSnapshot snapshot = RoutingSnapshot.EMPTY;
  private Certificates certificates = Certificates.empty();

  @AfterEach
  void letGo() {
    apply(snapshot -> SnapshotBuilder.from(RoutingSnapshot.EMPTY));
  }

  @Test
  void exactBeforeWildcardOfOneLabelBeforeEveryNameBeforeDefault() {
    apply(
        s ->
            s.put(of("exact", ECDSA, "chat.example.com"))
                .put(of("wildcard", ECDSA, "*.example.com"))
                .put(of("default", ECDSA))
                .settings(settings(TlsVersion.TLS_1_2, key("default"))));
    assertThat(chosen("chat.example.com")).isEqualTo(key("exact"));
    assertThat(chosen("www.example.com")).isEqualTo(key("wildcard"));
    assertThat(chosen("a.b.example.com")).isEqualTo(key("default"));
    assertThat(chosen("example.com")).isEqualTo(key("default"));
    assertThat(chosen(null)).isEqualTo(key("default"));
    apply(s -> s.put(of("every", ECDSA, "*")));
    assertThat(chosen("a.b.example.com")).isEqualTo(key("every"));
    assertThat(chosen(null)).isEqualTo(key("every"));
    assertThat(chosen("chat.example.com")).isEqualTo(key("exact"));
  }

  @Test
  void withoutADefaultOtherNamesGetNothing() {
    apply(s -> s.put(of("exact", ECDSA, "chat.example.com")));
    assertThat(chosen("other.example.com")).isNull();
    assertThat(chosen(null)).isNull();
  }

  @Test
  void ofTwoKindsTheCheaperOneThatTheClientVerifies() {
    apply(
        s ->
            s.put(of("a-rsa", RSA, "chat.example.com"))
                .put(of("b-ecdsa", ECDSA, "chat.example.com")));
    assertThat(chosen("chat.example.com")).isEqualTo(key("b-ecdsa"));
    ClientHello old = new ClientHello("chat.example.com", true, false, false, false, ECDSA_P256);
    assertThat(certificates.choose(old)).extracting(ServerContext::key).isEqualTo(key("a-rsa"));
    apply(s -> s.removeCertificate(key("a-rsa")));
    assertThat(certificates.choose(old)).extracting(ServerContext::key).isEqualTo(key("b-ecdsa"));
  }

  @Test
  void whatDidNotChangeStaysAndTheRestIsFreed() {
    apply(s -> s.put(of("one", ECDSA, "one.example.com")).put(of("two", ECDSA, "two.example.com")));
    ServerContext one = context("one.example.com");
    ServerContext two = context("two.example.com");
    // Other hosts are no other certificate.
    apply(s -> s.put(of("one", ECDSA, "1.example.com")));
    assertThat(context("1.example.com")).isSameAs(one);
    assertThat(chosen("one.example.com")).isNull();
    apply(s -> s.put(of("one", RSA, "1.example.com")));
    assertThat(one.context().holders()).isZero();
    assertThat(one.handler(io.netty.buffer.UnpooledByteBufAllocator.DEFAULT, true)).isNull();
    assertThat(context("two.example.com")).isSameAs(two);
    assertThat(two.context().holders()).isOne();
    ServerContext newer = context("1.example.com");
    apply(s -> s.removeCertificate(key("one")));
    assertThat(newer.context().holders()).isZero();
    assertThat(two.context().holders()).isOne();
  }

  @Test
  void otherVersionsAreOtherContexts() {
    apply(s -> s.put(of("one", ECDSA, "one.example.com")));
    ServerContext before = context("one.example.com");
    apply(s -> s.settings(settings(TlsVersion.TLS_1_2, key("one"))));
    assertThat(context("one.example.com")).isSameAs(before);
    apply(s -> s.settings(settings(TlsVersion.TLS_1_3, key("one"))));
    assertThat(before.context().holders()).isZero();
    assertThat(context("one.example.com").context().holders()).isOne();
  }

  @Test
  void whatCantBeUsedIsNamedAndNothingIsKeptOfIt() {
    apply(s -> s.put(of("one", ECDSA, "one.example.com")));
    ServerContext one = context("one.example.com");
    Certificate mixed =
        new Certificate(
            key("mixed"),
            List.of(),
            ECDSA.getCertificatePathPEM(),
            new Secret(TestCertificates.issue("x.example.com").getPrivateKeyPEM()));
    Certificate noChain =
        new Certificate(
            key("torn"),
            List.of(),
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            new Secret(ECDSA.getPrivateKeyPEM()));
    Certificate otherKind =
        new Certificate(
            key("other"),
            List.of(),
            ECDSA.getCertificatePathPEM(),
            new Secret(RSA.getPrivateKeyPEM()));
    RoutingSnapshot next =
        SnapshotBuilder.from(snapshot)
            .put(of("one", RSA, "one.example.com"))
            .put(mixed)
            .put(noChain)
            .put(otherKind)
            .build();
    Certificates.Update update = certificates.prepare(snapshot, next);
    assertThat(update.errors())
        .extracting(SnapshotError::toString)
        .containsExactlyInAnyOrder(
            "certificates[test/mixed].privateKey: is not the key of the first certificate",
            "certificates[test/torn].chain: has a certificate that can't be read: its DER is not"
                + " that of X.509",
            "certificates[test/other].privateKey: can't be read as a key of the certificate's kind"
                + " (EC)");
    update.abandon();
    assertThat(one.context().holders()).isOne();
  }

  private ServerContext context(String host) {
    return Objects.requireNonNull(certificates.choose(client(host)), host);
  }

  private @Nullable CertificateKey chosen(@Nullable String host) {
    ServerContext context = certificates.choose(client(host));
    return context == null ? null : context.key();
  }

  private static ClientHello client(@Nullable String host) {
    return new ClientHello(host, true, false, true, true, ECDSA_P256);
  }

  private void apply(UnaryOperator<SnapshotBuilder> edit) {
    RoutingSnapshot next = edit.apply(SnapshotBuilder.from(snapshot)).build();
    Certificates.Update update = certificates.prepare(snapshot, next);
    assertThat(update.errors()).isEmpty();
    certificates = update.certificates();
    snapshot = next;
    update.commit();
  }

  private static Settings settings(TlsVersion least, CertificateKey byDefault) {
    return new TestSettings()
        .http2(null)
        .tls(new Settings.Tls(least, TlsVersion.TLS_1_3, List.of(), byDefault, null))
        .build();
  }

  private static CertificateKey key(String secret) {
    return new CertificateKey("test", secret);
  }

  private static Certificate of(String secret, X509Bundle bundle, String... hosts) {
    return TestCertificates.certificate(key(secret), bundle, hosts);
  }
}
