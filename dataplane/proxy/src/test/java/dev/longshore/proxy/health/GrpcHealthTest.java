package dev.longshore.proxy.health;

import static dev.longshore.proxy.health.Checks.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.UpstreamPool.Active;
import dev.longshore.contract.UpstreamPool.HealthCheck;
import dev.longshore.contract.UpstreamPool.Probe;
import dev.longshore.contract.UpstreamPool.Protocol;
import dev.longshore.contract.UpstreamTls;
import dev.longshore.proxy.testing.Http2Upstream;
import dev.longshore.proxy.testing.Http2Upstream.Peer;
import dev.longshore.proxy.testing.Http2Upstream.Request;
import dev.longshore.proxy.testing.Http2Upstream.Script;
import dev.longshore.proxy.testing.TestCertificates;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import io.netty.pkitesting.X509Bundle;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Endpoints that are probed by grpc.health.v1. */
@Timeout(60)
class GrpcHealthTest {
  private static final byte[] SERVING = {0, 0, 0, 0, 2, 8, 1};

  /** What an endpoint says. */
  enum Says {
    SERVING(true),
    SERVING_IN_PARTS(true),
    NOT_SERVING(false),
    NOTHING_OF_IT(false),
    AN_EMPTY_MESSAGE(false),
    UNIMPLEMENTED(false),
    NOT_FOUND(false),
    FAILED_BEHIND_SERVING(false),
    NO_STATUS(false),
    MUCH(false),
    LIES_OF_LENGTH(false),
    COMPRESSED(false),
    NO_GRPC(false),
    NOT_OK(false),
    RESET(false);

    private final boolean good;

    Says(boolean good) {
      this.good = good;
    }
  }

  private static void answer(Peer peer, int id, Says says) throws Exception {
    switch (says) {
      case SERVING -> message(peer, id, SERVING, "0");
      case SERVING_IN_PARTS -> {
        head(peer, id);
        for (byte each : SERVING) {
          peer.data(id, new byte[] {each}, false);
        }
        peer.headers(id, true, "grpc-status", "0");
      }
      case NOT_SERVING -> message(peer, id, new byte[] {0, 0, 0, 0, 2, 8, 2}, "0");
      case NOTHING_OF_IT -> message(peer, id, new byte[0], "0");
      case AN_EMPTY_MESSAGE -> message(peer, id, new byte[5], "0");
      case UNIMPLEMENTED -> alone(peer, id, "12");
      case NOT_FOUND -> alone(peer, id, "5");
      case FAILED_BEHIND_SERVING -> message(peer, id, SERVING, "13");
      case NO_STATUS -> {
        head(peer, id);
        peer.data(id, SERVING, true);
      }
      case MUCH -> message(peer, id, new byte[10_000], "0");
      case LIES_OF_LENGTH -> message(peer, id, new byte[] {0, 0, 0, 0, 3, 8, 1}, "0");
      case COMPRESSED -> message(peer, id, new byte[] {1, 0, 0, 0, 2, 8, 1}, "0");
      case NO_GRPC -> {
        peer.headers(id, false, ":status", "200", "content-type", "text/html");
        peer.data(id, SERVING, true);
      }
      case NOT_OK -> peer.headers(id, true, ":status", "503");
      case RESET -> peer.reset(id, 2);
    }
  }

  private static void head(Peer peer, int id) throws Exception {
    peer.headers(id, false, ":status", "200", "content-type", "application/grpc");
  }

  private static void message(Peer peer, int id, byte[] message, String status) throws Exception {
    head(peer, id);
    peer.data(id, message, false);
    peer.headers(id, true, "grpc-status", status);
  }

  private static void alone(Peer peer, int id, String status) throws Exception {
    String type = "application/grpc+proto";
    peer.headers(id, true, ":status", "200", "content-type", type, "grpc-status", status);
  }

  private final AtomicReference<Says> says = new AtomicReference<>(Says.SERVING);

  private final Script endpoint =
      peer -> {
        Request request = peer.readRequest();
        answer(peer, request.id(), says.get());
        peer.awaitEnd();
      };

  private static TestProxy probing(
      Http2Upstream upstream, @Nullable String service, @Nullable UpstreamTls tls) {
    Duration often = Duration.ofSeconds(1);
    Active active = new Active(Probe.GRPC, "/", often, often, 1, 1, service);
    TestRoutes.Rule rule =
        new TestRoutes()
            .all()
            .pool(pool -> pool.with(Protocol.HTTP_2))
            .health(new HealthCheck(null, active, 0));
    return TestProxy.start((tls == null ? rule : rule.tls(tls)).to(upstream.address()));
  }

  private static void awaitState(TestProxy proxy, Http2Upstream upstream, String state) {
    await().untilAsserted(() -> assertThat(state(proxy, upstream.address())).isEqualTo(state));
  }

  @Test
  void aProbeIsOneCallOnAConnectionOfItsOwnThatEnds() throws Exception {
    try (Http2Upstream upstream = Http2Upstream.start(endpoint);
        TestProxy proxy = probing(upstream, "chat.v1.Chat", null)) {
      Request request = upstream.request();
      assertThat(request.field(":method")).isEqualTo("POST");
      assertThat(request.field(":path")).isEqualTo("/grpc.health.v1.Health/Check");
      assertThat(request.field(":authority"))
          .isEqualTo("127.0.0.1:" + upstream.address().getPort());
      assertThat(request.field("content-type")).isEqualTo("application/grpc");
      assertThat(request.field("te")).isEqualTo("trailers");
      assertThat(request.field("grpc-timeout")).isEqualTo("1000m");
      assertThat(request.body()).isEqualTo("\0\0\0\0\u000e\n\u000cchat.v1.Chat");
      upstream.request();
      await().until(() -> upstream.open() <= 1);
      assertThat(upstream.accepted()).isGreaterThan(1);
      assertThat(state(proxy, upstream.address())).isEqualTo("ready");
      assertThat(proxy.metric("longshore_upstream_http2_connections")).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatCounts(Says first) throws Exception {
    says.set(first);
    try (Http2Upstream upstream = Http2Upstream.start(endpoint);
        TestProxy proxy = probing(upstream, null, null)) {
      assertThat(upstream.request().body()).isEqualTo("\0\0\0\0\0");
      if (first.good) {
        await().until(() -> proxy.metric("longshore_health_probes_total{outcome=\"good\"}") > 0);
        assertThat(state(proxy, upstream.address())).isEqualTo("ready");
      } else {
        awaitState(proxy, upstream, "unhealthy");
        says.set(Says.SERVING);
        awaitState(proxy, upstream, "ready");
      }
    }
  }

  @Test
  void itGoesOverTlsWhereRequestsDo() throws Exception {
    X509Bundle own = TestCertificates.issue("chat.internal");
    UpstreamTls tls =
        new UpstreamTls(
            "chat.internal", TestCertificates.authority().getCertificatePathPEM(), null);
    try (Http2Upstream upstream =
            Http2Upstream.secured(TestCertificates.serving(own), false, List.of("h2"), endpoint);
        TestProxy proxy = probing(upstream, null, tls)) {
      assertThat(upstream.request().field(":scheme")).isEqualTo("https");
      await().until(() -> proxy.metric("longshore_health_probes_total{outcome=\"good\"}") > 0);
    }
  }
}
