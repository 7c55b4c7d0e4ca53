package dev.longshore.proxy.dial.http2;

import static dev.longshore.proxy.testing.RawClient.get;
import static dev.longshore.proxy.testing.RawClient.handshake;
import static dev.longshore.proxy.testing.RawClient.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.Secret;
import dev.longshore.contract.UpstreamPool.Protocol;
import dev.longshore.contract.UpstreamTls;
import dev.longshore.contract.UpstreamTls.ClientCertificate;
import dev.longshore.proxy.testing.Http2Upstream;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestCertificates;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import io.netty.pkitesting.X509Bundle;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Endpoints that speak HTTP/2 over TLS, and what of a pool of HTTP/2 goes by HTTP/1.1. */
@Tag("tls")
class Http2TlsTest {
  private static final X509Bundle INTERNAL = TestCertificates.issue("chat.internal");

  private static UpstreamTls trusting(@Nullable ClientCertificate own) {
    return new UpstreamTls(
        "chat.internal", TestCertificates.authority().getCertificatePathPEM(), own);
  }

  private static TestProxy proxy(InetSocketAddress upstream, @Nullable UpstreamTls tls) {
    TestRoutes.Rule rule = new TestRoutes().all().pool(pool -> pool.with(Protocol.HTTP_2));
    return TestProxy.start((tls == null ? rule : rule.tls(tls)).to(upstream));
  }

  @ParameterizedTest
  @EnumSource(Wire.class)
  void requestsGoByStreamsWhereBothSidesShowWhoTheyAre(Wire wire) throws Exception {
    X509Bundle own = TestCertificates.issue("proxy.internal");
    ClientCertificate shown =
        new ClientCertificate(own.getCertificatePathPEM(), new Secret(own.getPrivateKeyPEM()));
    try (Http2Upstream upstream =
            Http2Upstream.secured(
                TestCertificates.serving(INTERNAL),
                true,
                List.of("h2", "http/1.1"),
                Http2Upstream.ECHO);
        TestProxy proxy = proxy(upstream.address(), trusting(shown));
        RawClient client = proxy.connect(wire)) {
      for (int i = 0; i < 5; i++) {
        client.send(get("/" + i));
        assertThat(client.readHead().status()).isEqualTo(200);
        assertThat(client.readChunks().body()).isEqualTo("/" + i + " ");
        assertThat(upstream.request().field(":scheme")).isEqualTo("https");
      }
      assertThat(upstream.accepted()).isEqualTo(1);
    }
  }

  @Test
  void whoDoesNotAgreeOnHttp2IsNotAsked() {
    try (Http2Upstream upstream =
            Http2Upstream.secured(
                TestCertificates.serving(INTERNAL), false, List.of(), Http2Upstream.ECHO);
        TestProxy proxy = proxy(upstream.address(), trusting(null));
        RawClient client = proxy.connect(Wire.PLAIN)) {
      assertThat(client.send(get("/")).readHead().status()).isEqualTo(502);
      await().untilAsserted(() -> assertThat(proxy.accessLog()).contains("h2 by ALPN"));
      assertThat(proxy.metric("longshore_upstream_failures_total{kind=\"tls\"}")).isPositive();
    }
  }

  @ParameterizedTest
  @EnumSource(Wire.class)
  void handshakesGoByConnectionsOfTheirOwn(Wire wire) {
    try (RawUpstream upstream = RawUpstream.echoing();
        TestProxy proxy = proxy(upstream.address(), null);
        RawClient client = proxy.connect(wire)) {
      assertThat(client.send(handshake("/")).readHead().status()).isEqualTo(101);
      String message = message("hello");
      client.send(message);
      assertThat(client.read(message.length())).isEqualTo(message);
    }
  }

  @Test
  void handshakesOverTlsOfferHttp1Alone() {
    try (RawUpstream upstream =
            RawUpstream.secured(TestCertificates.serving(INTERNAL), false, RawUpstream.ECHO);
        TestProxy proxy = proxy(upstream.address(), trusting(null));
        RawClient client = proxy.connect(Wire.PLAIN)) {
      assertThat(client.send(handshake("/")).readHead().status()).isEqualTo(101);
      String message = message("hello");
      client.send(message);
      assertThat(client.read(message.length())).isEqualTo(message);
    }
  }
}
