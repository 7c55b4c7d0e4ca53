package dev.longshore.proxy.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.Certificate;
import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.Settings;
import dev.longshore.contract.Settings.Hsts;
import dev.longshore.contract.Settings.ProxyProtocol;
import dev.longshore.contract.Settings.TlsVersion;
import dev.longshore.contract.policy.InsecureMode;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.Patience;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestCertificates;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import dev.longshore.proxy.testing.TlsClient;
import dev.longshore.proxy.testing.Wire;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Handshakes of clients, and what of a connection's TLS decides about its requests. */
@Tag("tls")
class TlsListenerTest {
  private static final X509Bundle RSA =
      TestCertificates.issue(CertificateBuilder::rsa2048, "chat.example.com");
  private static final X509Bundle WILDCARD = TestCertificates.issue("*.example.com");
  private static final X509Bundle OTHER = TestCertificates.issue("other.example.org");

  private final RawUpstream upstream = RawUpstream.answering("hello");
  private final TestProxy proxy = TestProxy.start(routes());

  @AfterEach
  void end() {
    proxy.close();
    upstream.close();
  }

  private TestRoutes routes() {
    return new TestRoutes()
        .certificate(certificate("wildcard", WILDCARD, "*.example.com"))
        .certificate(certificate("other", OTHER, "other.example.org"))
        .all()
        .to(upstream.address());
  }

  @Test
  void theNameDecidesAboutTheCertificate() throws Exception {
    assertThat(subject(TlsClient.to(proxy).name("chat.example.com")))
        .isEqualTo("CN=chat.example.com");
    assertThat(subject(TlsClient.to(proxy).name("CHAT.example.com")))
        .isEqualTo("CN=chat.example.com");
    assertThat(subject(TlsClient.to(proxy).name("www.example.com"))).isEqualTo("CN=*.example.com");
    assertThat(subject(TlsClient.to(proxy).name("other.example.org")))
        .isEqualTo("CN=other.example.org");
  }

  @Test
  void aNameWithoutCertificateIsRefusedByName() throws Exception {
    for (TlsClient client :
        List.of(
            TlsClient.to(proxy).name("a.b.example.com"),
            TlsClient.to(proxy).name("example.net"),
            TlsClient.to(proxy))) {
      assertThatThrownBy(client::connect)
          .isInstanceOf(SSLException.class)
          .hasMessageContaining("unrecognized_name");
    }
    assertThat(metric("longshore_tls_handshakes_total{outcome=\"no_certificate\"}")).isEqualTo(3);
    proxy.apply(new TestRoutes().without(TestCertificates.KEY));
    assertThatThrownBy(() -> TlsClient.to(proxy).name("chat.example.com").connect())
        .hasMessageContaining("unrecognized_name");
  }

  @Test
  void aDefaultCertificateIsForEveryOtherName() throws Exception {
    proxy.apply(routes().settings(tls(TlsVersion.TLS_1_2, TlsVersion.TLS_1_3, key("other"), null)));
    assertThat(subject(TlsClient.to(proxy).name("example.net"))).isEqualTo("CN=other.example.org");
    assertThat(subject(TlsClient.to(proxy))).isEqualTo("CN=other.example.org");
    assertThat(subject(TlsClient.to(proxy).name("chat.example.com")))
        .isEqualTo("CN=chat.example.com");
  }

  @Test
  void bothKindsOfCertificateServeOneHost() throws Exception {
    proxy.apply(routes().certificate(certificate("chat-rsa", RSA, "chat.example.com")));
    TlsClient both = TlsClient.to(proxy).name("chat.example.com");
    assertThat(algorithm(both)).isEqualTo("EC");
    assertThat(algorithm(both.versions("TLSv1.2"))).isEqualTo("EC");
    TlsClient rsa =
        TlsClient.to(proxy)
            .name("chat.example.com")
            .versions("TLSv1.2")
            .suites("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    assertThat(algorithm(rsa)).isEqualTo("RSA");
  }

  @Test
  void versionsAreThoseOfTheSettings() throws Exception {
    assertThat(version("TLSv1.2")).isEqualTo("TLSv1.2");
    assertThat(version("TLSv1.2", "TLSv1.3")).isEqualTo("TLSv1.3");
    proxy.apply(routes().settings(tls(TlsVersion.TLS_1_3, TlsVersion.TLS_1_3, null, null)));
    assertThat(version("TLSv1.2", "TLSv1.3")).isEqualTo("TLSv1.3");
    assertThatThrownBy(() -> version("TLSv1.2")).isInstanceOf(SSLHandshakeException.class);
    proxy.apply(routes().settings(tls(TlsVersion.TLS_1_2, TlsVersion.TLS_1_2, null, null)));
    assertThat(version("TLSv1.2", "TLSv1.3")).isEqualTo("TLSv1.2");
    assertThatThrownBy(() -> version("TLSv1.3")).isInstanceOf(SSLHandshakeException.class);
    await()
        .untilAsserted(
            () ->
                assertThat(metric("longshore_tls_handshakes_total{outcome=\"failed\"}"))
                    .isEqualTo(2));
  }

  @Test
  void suitesAreThoseOfTheSettings() throws Exception {
    Settings.Tls chosen =
        new Settings.Tls(
            TlsVersion.TLS_1_2,
            TlsVersion.TLS_1_3,
            List.of("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
            null,
            null);
    proxy.apply(routes().settings(new TestSettings().tls(chosen).build()));
    try (RawClient client =
        TlsClient.to(proxy).name("chat.example.com").versions("TLSv1.2").connect()) {
      assertThat(TlsClient.tls(client).getSession().getCipherSuite())
          .isEqualTo("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
    }
    assertThat(version("TLSv1.3")).isEqualTo("TLSv1.3");
    assertThatThrownBy(
            () ->
                TlsClient.to(proxy)
                    .name("chat.example.com")
                    .suites("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")
                    .connect())
        .isInstanceOf(SSLHandshakeException.class);
  }

  @Test
  void whoOffersProtocolsGetsOneThatIsSpokenOrNothing() throws Exception {
    try (RawClient client =
        TlsClient.to(proxy).name("chat.example.com").protocols("h2", "http/1.1").connect()) {
      assertThat(TlsClient.tls(client).getApplicationProtocol()).isEqualTo("h2");
    }
    assertNoProtocolInCommon(proxy, "http/1.0");
    TestRoutes without = routes().settings(new TestSettings().http2(null).build());
    try (TestProxy older = TestProxy.start(without)) {
      try (RawClient client =
          TlsClient.to(older).name("chat.example.com").protocols("h2", "http/1.1").connect()) {
        assertThat(TlsClient.tls(client).getApplicationProtocol()).isEqualTo("http/1.1");
        assertThat(get(client, "chat.example.com").status()).isEqualTo(200);
      }
      assertNoProtocolInCommon(older, "h2");
    }
  }

  private static void assertNoProtocolInCommon(TestProxy proxy, String offered) {
    assertThatThrownBy(
            () -> TlsClient.to(proxy).name("chat.example.com").protocols(offered).connect())
        .hasMessageContaining("no_application_protocol");
  }

  @Test
  void aClientCantNegotiateAnew() throws Exception {
    try (RawClient client =
        TlsClient.to(proxy).name("chat.example.com").versions("TLSv1.2").connect()) {
      assertThat(get(client, "chat.example.com").status()).isEqualTo(200);
      assertThatThrownBy(
              () -> {
                TlsClient.tls(client).startHandshake();
                get(client, "chat.example.com");
              })
          .isInstanceOf(Exception.class);
    }
  }

  @Test
  void whatIsNoTlsIsClosed() throws Exception {
    for (byte[] bytes :
        List.of(
            "GET / HTTP/1.1\r\nHost: chat.example.com\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
            new byte[] {22, 3, 1, 0, 4, 2, 0, 0, 0},
            new byte[] {22, 3, 1, 0, 4, 1, 0x7f, 0, 0},
            new byte[] {22, 3, 1, 0, 6, 1, 0, 0, 2, 3, 3},
            new byte[] {21, 3, 1, 0, 2, 2, 40})) {
      try (Socket socket = new Socket()) {
        socket.connect(https());
        socket.setSoTimeout((int) Patience.MOST.toMillis());
        socket.getOutputStream().write(bytes);
        InputStream in = socket.getInputStream();
        assertThat(in.readAllBytes()).hasSizeLessThan(16);
      }
    }
    assertThat(get(TlsClient.to(proxy).name("chat.example.com").connect(), "chat.example.com"))
        .extracting(HttpHead::status)
        .isEqualTo(200);
  }

  @Test
  void aHandshakeHasAsLongAsAHead() throws Exception {
    proxy.apply(routes().settings(new TestSettings().headWithin(Duration.ofMillis(300)).build()));
    try (Socket socket = new Socket()) {
      socket.connect(https());
      socket.setSoTimeout((int) Patience.MOST.toMillis());
      socket.getOutputStream().write(new byte[] {22, 3, 1});
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
    await()
        .untilAsserted(
            () ->
                assertThat(metric("longshore_tls_handshakes_total{outcome=\"timed_out\"}"))
                    .isEqualTo(1));
  }

  @Test
  void aConnectionForOneHostMayNotAskForAnother() throws Exception {
    proxy.apply(
        routes()
            .rule("www.example.com", "/")
            .to(upstream.address())
            .rule("mail.example.com", "/")
            .to(upstream.address())
            .rule("other.example.org", "/")
            .to(upstream.address())
            .rule("plain.example.net", "/")
            .to(upstream.address()));
    try (RawClient client = TlsClient.to(proxy).name("chat.example.com").connect()) {
      assertThat(get(client, "chat.example.com:8443").status()).isEqualTo(200);
      assertThat(get(client, "other.example.org").status()).isEqualTo(421);
      assertThat(get(client, "www.example.com").status()).isEqualTo(421);
      assertThat(get(client, "plain.example.net").status()).as("no TLS of its own").isEqualTo(200);
      client.send(
          RawClient.handshake("/").replace("Host: chat.example.com", "Host: www.example.com"));
      assertThat(client.readHead().status()).isEqualTo(421);
    }
    try (RawClient client = TlsClient.to(proxy).name("www.example.com").connect()) {
      assertThat(get(client, "mail.example.com").status())
          .as("the same certificate")
          .isEqualTo(200);
      assertThat(get(client, "chat.example.com").status()).isEqualTo(421);
    }
  }

  @Test
  void inTheClearAHostWithTlsRedirects() {
    proxy.apply(
        new TestRoutes()
            .all()
            .policy(new TestPolicy().with(InsecureMode.REDIRECT).build())
            .to(upstream.address()));
    try (RawClient client = proxy.connect(Wire.PLAIN)) {
      client.send(
          "GET //a/../b?x=1 HTTP/1.1\r\nHost: chat.example.com:8080\r\n"
              + "Accept: application/json\r\n\r\n");
      HttpHead head = client.readHead();
      assertThat(head.status()).isEqualTo(308);
      assertThat(head.first("location")).isEqualTo("https://chat.example.com/b?x=1");
      assertThat(client.readBody(head)).contains("\"status\":308");
      client.send(RawClient.handshake("/"));
      assertThat(client.readHead().status()).isEqualTo(403);
    }
    try (RawClient client = proxy.connect(Wire.TLS)) {
      assertThat(get(client, "chat.example.com").status()).isEqualTo(200);
    }
  }

  @Test
  void tlsOfATrustedProxyInFrontIsTls() {
    TestRoutes routes =
        new TestRoutes()
            .all()
            .policy(new TestPolicy().with(InsecureMode.REDIRECT).build())
            .to(upstream.address());
    String request = RawClient.get("/", "X-Forwarded-Proto: https\r\n");
    proxy.apply(routes);
    try (RawClient client = proxy.connect(Wire.PLAIN)) {
      assertThat(client.send(request).readHead().status()).as("anybody's claim").isEqualTo(308);
    }
    proxy.apply(routes.settings(new TestSettings().trusting("127.0.0.0/8").build()));
    try (RawClient client = proxy.connect(Wire.PLAIN)) {
      assertThat(client.send(request).readHead().status()).isEqualTo(200);
    }
  }

  @Test
  void strictTransportSecurityIsSaidOverTlsOnly() {
    proxy.apply(
        routes()
            .settings(
                tls(
                    TlsVersion.TLS_1_2,
                    TlsVersion.TLS_1_3,
                    null,
                    new Hsts(Duration.ofDays(365), true))));
    try (RawClient client = proxy.connect(Wire.TLS)) {
      HttpHead head = get(client, "chat.example.com");
      assertThat(head.all("strict-transport-security"))
          .containsExactly("max-age=31536000; includeSubDomains");
      assertThat(get(client, "nowhere.example.net").all("strict-transport-security")).hasSize(1);
    }
    try (RawClient client = proxy.connect(Wire.PLAIN)) {
      assertThat(get(client, "chat.example.com").has("strict-transport-security")).isFalse();
    }
  }

  @Test
  void thePortThatTheClientKnowsIsForwarded() throws Exception {
    try (RawClient client = proxy.connect(Wire.TLS)) {
      assertThat(get(client, "chat.example.com").status()).isEqualTo(200);
      HttpHead request = upstream.request();
      assertThat(request.first("x-forwarded-proto")).isEqualTo("https");
      assertThat(request.first("x-forwarded-port")).isEqualTo("443");
    }
  }

  @Test
  void aProxyHeaderComesBeforeTheHandshake() throws Exception {
    proxy.apply(
        routes().settings(new TestSettings().proxyProtocol(ProxyProtocol.REQUIRED).build()));
    try (Socket transport = new Socket()) {
      transport.connect(https());
      transport.setSoTimeout((int) Patience.MOST.toMillis());
      transport
          .getOutputStream()
          .write(
              "PROXY TCP4 203.0.113.7 192.0.2.1 4711 443\r\n".getBytes(StandardCharsets.US_ASCII));
      var socket =
          (SSLSocket)
              TestCertificates.clientContext()
                  .getSocketFactory()
                  .createSocket(transport, "chat.example.com", 443, true);
      socket.startHandshake();
      try (RawClient client = RawClient.over(socket, transport)) {
        assertThat(get(client, "chat.example.com").status()).isEqualTo(200);
        HttpHead request = upstream.request();
        assertThat(request.first("x-real-ip")).isEqualTo("203.0.113.7");
        assertThat(request.first("x-forwarded-port")).isEqualTo("443");
        assertThat(request.first("x-forwarded-proto")).isEqualTo("https");
      }
    }
    assertThatThrownBy(() -> TlsClient.to(proxy).name("chat.example.com").connect())
        .isInstanceOf(IOException.class);
  }

  @Test
  void metricsSayWhenCertificatesExpire() throws Exception {
    assertThat(
            metric(
                "longshore_certificate_expiry_timestamp_seconds{namespace=\"test\",secret=\"other\"}"))
        .isEqualTo(OTHER.getCertificate().getNotAfter().toInstant().getEpochSecond());
    proxy.apply(routes().without(key("other")));
    assertThat(scrape()).doesNotContain("secret=\"other\"").contains("secret=\"wildcard\"");
  }

  private static HttpHead get(RawClient client, String host) {
    client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    HttpHead head = client.readHead();
    client.readBody(head);
    return head;
  }

  private static String subject(TlsClient client) throws Exception {
    try (RawClient connection = client.connect()) {
      return Objects.requireNonNull(TlsClient.shown(connection))
          .getSubjectX500Principal()
          .getName();
    }
  }

  private static String algorithm(TlsClient client) throws Exception {
    try (RawClient connection = client.connect()) {
      return Objects.requireNonNull(TlsClient.shown(connection)).getPublicKey().getAlgorithm();
    }
  }

  private String version(String... offered) throws Exception {
    try (RawClient client =
        TlsClient.to(proxy).name("chat.example.com").versions(offered).connect()) {
      assertThat(get(client, "chat.example.com").status()).isEqualTo(200);
      return TlsClient.tls(client).getSession().getProtocol();
    }
  }

  private InetSocketAddress https() {
    return proxy.dataPlane().boundHttps().getFirst();
  }

  private double metric(String name) throws Exception {
    return scrape()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElse(-1);
  }

  private String scrape() throws Exception {
    InetSocketAddress address = proxy.dataPlane().boundMetrics();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + address.getPort() + "/metrics"))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  private static Settings tls(
      TlsVersion least, TlsVersion most, @Nullable CertificateKey byDefault, @Nullable Hsts hsts) {
    return new TestSettings()
        .tls(new Settings.Tls(least, most, List.of(), byDefault, hsts))
        .build();
  }

  private static CertificateKey key(String secret) {
    return new CertificateKey("test", secret);
  }

  private static Certificate certificate(String secret, X509Bundle bundle, String... hosts) {
    return TestCertificates.certificate(key(secret), bundle, hosts);
  }
}
