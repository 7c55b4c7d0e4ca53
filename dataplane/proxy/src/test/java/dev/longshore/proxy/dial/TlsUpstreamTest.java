package dev.longshore.proxy.dial;

import static dev.longshore.proxy.testing.RawClient.get;
import static dev.longshore.proxy.testing.RawClient.handshake;
import static dev.longshore.proxy.testing.RawClient.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.contract.Secret;
import dev.longshore.contract.UpstreamPool.HealthCheck;
import dev.longshore.contract.UpstreamPool.Passive;
import dev.longshore.contract.UpstreamTls;
import dev.longshore.contract.UpstreamTls.ClientCertificate;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.RawUpstream.Script;
import dev.longshore.proxy.testing.TestCertificates;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import io.netty.pkitesting.X509Bundle;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Endpoints that are spoken to over TLS: which are trusted, and what becomes of the others. */
@Tag("tls")
class TlsUpstreamTest {
  private static final X509Bundle INTERNAL = TestCertificates.issue("chat.internal");
  private static final X509Bundle SAME_HOST = TestCertificates.issue("chat.example.com");

  @ParameterizedTest
  @EnumSource(Wire.class)
  void tunnelsAndRequestsGoToAnEndpointThatIsTrusted(Wire wire) {
    try (RawUpstream upstream = secured(INTERNAL, RawUpstream.ECHO);
        TestProxy proxy = proxy(upstream, trusting("chat.internal"));
        RawClient client = proxy.connect(wire)) {
      String early = message("early");
      assertThat(client.send(handshake("/") + early).readHead().status()).isEqualTo(101);
      assertThat(client.read(early.length())).isEqualTo(early);
      String message = message("x".repeat(60_000));
      client.send(message);
      assertThat(client.read(message.length())).isEqualTo(message);
    }
  }

  @Test
  void plainRequestsShareAConnection() throws Exception {
    try (RawUpstream upstream = secured(INTERNAL, RawUpstream.answer("hello"));
        TestProxy proxy = proxy(upstream, trusting("chat.internal"));
        RawClient client = proxy.connect(Wire.PLAIN)) {
      for (int i = 0; i < 5; i++) {
        assertThat(client.readBody(client.send(get("/")).readHead())).isEqualTo("hello");
      }
      assertThat(upstream.accepted()).isEqualTo(1);
      assertThat(upstream.request().first("host")).isEqualTo("chat.example.com");
    }
  }

  @Test
  void withoutANameThatOfTheRequestCounts() {
    try (RawUpstream upstream = secured(SAME_HOST, RawUpstream.answer("hello"));
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .all()
                    .tls(trusting(null))
                    .to(upstream.address())
                    .rule("other.example.com", "/")
                    .tls(trusting(null))
                    .to(upstream.address())
                    .rule("third.example.com", "/")
                    .rewrite(new Rewrite(null, "chat.example.com:8443"))
                    .tls(trusting(null))
                    .to(upstream.address()))) {
      assertThat(status(proxy, get("/"))).isEqualTo(200);
      assertThat(status(proxy, get("/").replace("chat.", "other."))).isEqualTo(502);
      assertThat(status(proxy, get("/").replace("chat.", "third."))).isEqualTo(200);
    }
  }

  @Test
  void connectionsAreNotSharedAcrossNames() {
    try (RawUpstream upstream =
            secured(
                TestCertificates.issue("chat.example.com", "other.example.com"),
                RawUpstream.answer("hello"));
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .all()
                    .tls(trusting(null))
                    .to(upstream.address())
                    .rule("other.example.com", "/")
                    .tls(trusting(null))
                    .to(upstream.address()))) {
      for (int i = 0; i < 2; i++) {
        assertThat(status(proxy, get("/"))).isEqualTo(200);
        assertThat(status(proxy, get("/").replace("chat.", "other."))).isEqualTo(200);
      }
      assertThat(upstream.accepted()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "*.example.com"})
  void noClientChoosesTheNameThatIsVerified(String host) {
    // Endpoints without a Service: the certificate has to be for their address.
    try (RawUpstream one = secured(TestCertificates.issue("127.0.0.1"), RawUpstream.answer("a"));
        RawUpstream two = secured(TestCertificates.issue("127.0.0.1"), RawUpstream.answer("b"));
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .rule(host, "/")
                    .tls(trusting(null))
                    .health(new HealthCheck(new Passive(1, Duration.ofHours(1), 50), null, 0))
                    .to(one.address(), two.address()))) {
      for (int i = 0; i < 10; i++) {
        assertThat(status(proxy, get("/").replace("chat.", "evil" + i + "."))).isEqualTo(200);
      }
      assertThat(proxy.metric("longshore_endpoint_ejections_total")).isZero();
      assertThat(one.accepted() + two.accepted()).as("one idle connection each").isEqualTo(2);
    }
  }

  @Test
  void anUnknownAuthorityIsRefused() throws Exception {
    UpstreamTls other =
        new UpstreamTls("chat.internal", TestCertificates.newAuthority().getCertificatePEM(), null);
    refused(INTERNAL, other);
  }

  @Test
  void theSystemsAuthoritiesAreMeantWhenNoneIsGiven() throws Exception {
    refused(INTERNAL, new UpstreamTls("chat.internal", null, null));
  }

  @Test
  void anotherNameIsRefused() throws Exception {
    refused(SAME_HOST, trusting("chat.internal"));
  }

  @Test
  void anExpiredCertificateIsRefused() throws Exception {
    X509Bundle expired =
        TestCertificates.issue(
            builder ->
                builder
                    .ecp256()
                    .notBefore(Instant.now().minus(Duration.ofDays(2)))
                    .notAfter(Instant.now().minus(Duration.ofDays(1))),
            "chat.internal");
    refused(expired, trusting("chat.internal"));
  }

  private static void refused(X509Bundle shown, UpstreamTls tls) throws Exception {
    try (RawUpstream upstream = secured(shown, RawUpstream.answer("secret"));
        TestProxy proxy = proxy(upstream, tls)) {
      assertThat(status(proxy, get("/"))).isEqualTo(502);
      assertThat(status(proxy, handshake("/"))).isEqualTo(502);
      assertThat(upstream.gotRequest()).isFalse();
      assertThat(failures(proxy, "tls")).isEqualTo(2);
    }
  }

  @Test
  void anEndpointMayAskForACertificate() {
    X509Bundle own = TestCertificates.issue("longshore");
    UpstreamTls with =
        new UpstreamTls(
            "chat.internal",
            TestCertificates.authority().getCertificatePEM(),
            new ClientCertificate(own.getCertificatePathPEM(), new Secret(own.getPrivateKeyPEM())));
    try (RawUpstream upstream =
            RawUpstream.secured(
                TestCertificates.serving(INTERNAL), true, RawUpstream.answer("hello"));
        TestProxy proxy = proxy(upstream, with)) {
      assertThat(status(proxy, get("/"))).isEqualTo(200);
      proxy.apply(new TestRoutes().all().tls(trusting("chat.internal")).to(upstream.address()));
      assertThat(status(proxy, get("/"))).as("without one").isEqualTo(502);
    }
  }

  @Test
  void aChangeOfTrustHoldsForTheNextRequest() {
    X509Bundle authority = TestCertificates.newAuthority();
    UpstreamTls other = new UpstreamTls("chat.internal", authority.getCertificatePEM(), null);
    try (RawUpstream upstream = secured(INTERNAL, RawUpstream.answer("hello"));
        TestProxy proxy = proxy(upstream, trusting("chat.internal"))) {
      assertThat(status(proxy, get("/"))).isEqualTo(200);
      proxy.apply(new TestRoutes().all().tls(other).to(upstream.address()));
      assertThat(status(proxy, get("/"))).as("an idle connection was there").isEqualTo(502);
      proxy.apply(new TestRoutes().all().tls(trusting("chat.internal")).to(upstream.address()));
      assertThat(status(proxy, get("/"))).isEqualTo(200);
    }
  }

  @Test
  void tunnelsOutliveTheContextTheyWereMadeWith() {
    try (RawUpstream upstream = secured(INTERNAL, RawUpstream.ECHO);
        TestProxy proxy = proxy(upstream, trusting("chat.internal"));
        RawClient client = proxy.connect(Wire.TLS)) {
      assertThat(client.send(handshake("/")).readHead().status()).isEqualTo(101);
      proxy.apply(new TestRoutes().all().unavailable());
      for (int i = 0; i < 100; i++) {
        String message = message("message " + i);
        client.send(message);
        assertThat(client.read(message.length())).isEqualTo(message);
      }
    }
  }

  @Test
  void whatSpeaksNoTlsIsABadGatewayAndWhatIsSilentTooLate() throws Exception {
    try (RawUpstream plain =
            RawUpstream.start(
                conversation -> {
                  conversation.read(1);
                  conversation.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
                });
        TestProxy proxy = proxy(plain, trusting("chat.internal"))) {
      assertThat(status(proxy, get("/"))).isEqualTo(502);
    }
    try (RawUpstream silent = RawUpstream.start(conversation -> TimeUnit.SECONDS.sleep(10));
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .all()
                    .policy(
                        new TestPolicy().answerWithin(Duration.ofMillis(300)).retries(0).build())
                    .tls(trusting("chat.internal"))
                    .to(silent.address()))) {
      assertThat(status(proxy, get("/"))).isEqualTo(504);
      assertThat(failures(proxy, "connect_timeout")).isEqualTo(1);
    }
  }

  @Test
  void anAnswerThatEndsWithTheConnectionIsCompleteBehindACloseNotifyOnly() {
    Script polite =
        conversation -> {
          conversation.readRequest();
          conversation.send("HTTP/1.1 200 OK\r\n\r\nall of it");
          conversation.close();
        };
    Script cut =
        conversation -> {
          conversation.readRequest();
          conversation.send("HTTP/1.1 200 OK\r\n\r\nhalf of it");
          conversation.cut();
        };
    try (RawUpstream upstream = secured(INTERNAL, polite);
        TestProxy proxy = proxy(upstream, trusting("chat.internal"));
        RawClient client = proxy.connect(Wire.PLAIN)) {
      assertThat(client.readBody(client.send(get("/")).readHead())).isEqualTo("all of it");
    }
    try (RawUpstream upstream = secured(INTERNAL, cut);
        TestProxy proxy = proxy(upstream, trusting("chat.internal"));
        RawClient client = proxy.connect(Wire.PLAIN)) {
      HttpHead head = client.send(get("/")).readHead();
      assertThatThrownBy(() -> client.readBody(head)).isInstanceOf(UncheckedIOException.class);
    }
  }

  private static RawUpstream secured(X509Bundle shown, Script script) {
    return RawUpstream.secured(TestCertificates.serving(shown), false, script);
  }

  private static UpstreamTls trusting(@Nullable String name) {
    return new UpstreamTls(name, TestCertificates.authority().getCertificatePEM(), null);
  }

  private static TestProxy proxy(RawUpstream upstream, UpstreamTls tls) {
    return TestProxy.start(
        new TestRoutes()
            .all()
            .policy(new TestPolicy().retries(0).build())
            .tls(tls)
            .to(upstream.address()));
  }

  private static int status(TestProxy proxy, String request) {
    try (RawClient client = proxy.connect(Wire.PLAIN)) {
      HttpHead head = client.send(request).readHead();
      if (head.status() != 101) {
        client.readBody(head);
      }
      return head.status();
    }
  }

  private static double failures(TestProxy proxy, String kind) throws Exception {
    InetSocketAddress address = proxy.dataPlane().boundMetrics();
    String name = "longshore_upstream_failures_total{kind=\"" + kind + "\"} ";
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + address.getPort() + "/metrics"))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body()
          .lines()
          .filter(line -> line.startsWith(name))
          .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
          .findFirst()
          .orElse(-1);
    }
  }
}
