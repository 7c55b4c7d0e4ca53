package dev.longshore.proxy;

import static dev.longshore.proxy.testing.RawClient.get;
import static dev.longshore.proxy.testing.RawClient.handshake;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.DataPlaneOptions.Transport;
import dev.longshore.proxy.testing.Crowd;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import dev.longshore.proxy.testing.Wire;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.uring.IoUring;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The data plane as its users see it: transports, configuration, observation and its end. */
class DataPlaneTest {
  private static final String ECHO = "\u0081\u0082\0\0\0\0hi";

  /** Plain requests get their target; handshakes an echo. */
  private static RawUpstream both() {
    return RawUpstream.start(
        conversation -> {
          HttpHead head = conversation.readRequest();
          while (!head.has("upgrade")) {
            conversation.answer(head.target());
            head = conversation.readRequest();
          }
          conversation.send(
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  + "Sec-WebSocket-Accept: "
                  + RawClient.ACCEPT
                  + "\r\n\r\n");
          conversation.echo();
        });
  }

  private static RawClient tunnel(TestProxy proxy) {
    RawClient client = proxy.connect(Wire.PLAIN);
    client.send(handshake("/ws"));
    assertThat(client.readHead().status()).isEqualTo(101);
    return client;
  }

  private static TestRoutes draining(Duration delay, Duration window, Duration deadline) {
    return new TestRoutes()
        .settings(new TestSettings().processDrain(delay, window, deadline).build());
  }

  private static String fetch(InetSocketAddress server, String path) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + server.getPort() + path);
      return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void everyTransportServesBothKinds(Transport transport) {
    assumeTrue(transport != Transport.EPOLL || Epoll.isAvailable());
    assumeTrue(transport != Transport.IO_URING || IoUring.isAvailable());
    try (RawUpstream upstream = both();
        TestProxy proxy =
            TestProxy.start(new TestRoutes().all().to(upstream.address()), transport, 2)) {
      for (int i = 0; i < 4; i++) {
        try (RawClient client = proxy.connect(Wire.PLAIN)) {
          client.send(get("/" + i));
          assertThat(client.readBody(client.readHead())).isEqualTo("/" + i);
          client.send(handshake("/ws"));
          assertThat(client.readHead().status()).isEqualTo(101);
          client.send(ECHO);
          assertThat(client.read(ECHO.length())).isEqualTo(ECHO);
        }
      }
    }
  }

  @Test
  void beforeTheFirstSnapshotConnectionsAreRefusedAndReadinessFails() throws Exception {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (DataPlane dataPlane =
        new DataPlane(
            new DataPlaneOptions(List.of(any), List.of(), any, any, 1, Transport.AUTO),
            OutputStream.nullOutputStream())) {
      dataPlane.start();
      InetSocketAddress http = dataPlane.boundHttp().getFirst();
      assertThat(fetch(dataPlane.boundMetrics(), "/readyz")).startsWith("not ready");
      assertThatThrownBy(() -> RawClient.connect(Wire.PLAIN, http))
          .isInstanceOf(UncheckedIOException.class);
      assertThat(dataPlane.apply(new TestRoutes().all().unavailable().build())).isEmpty();
      assertThat(fetch(dataPlane.boundMetrics(), "/readyz")).startsWith("ready");
      try (RawClient client = RawClient.connect(Wire.PLAIN, http)) {
        client.send(get("/"));
        assertThat(client.readHead().status()).isEqualTo(503);
      }
    }
  }

  @Test
  void whatIsAppliedBeforeTheStartIsServedFromTheStart() throws Exception {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (DataPlane dataPlane =
        new DataPlane(
            new DataPlaneOptions(List.of(any, any), List.of(), any, any, 1, Transport.AUTO),
            OutputStream.nullOutputStream())) {
      assertThat(dataPlane.apply(new TestRoutes().all().unavailable().build())).isEmpty();
      dataPlane.start();
      for (InetSocketAddress http : dataPlane.boundHttp()) {
        RawClient.connect(Wire.PLAIN, http).close();
      }
      assertThat(fetch(dataPlane.boundMetrics(), "/readyz")).startsWith("ready");
    }
  }

  /** Nothing else has to happen for that, as a folder may never change again. */
  @Test
  void anAddressThatIsTakenBeforeTheFirstSnapshotIsTriedAgain() throws Exception {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (DataPlane dataPlane =
            new DataPlane(
                new DataPlaneOptions(List.of(any), List.of(), any, any, 1, Transport.AUTO),
                OutputStream.nullOutputStream());
        ServerSocket other = new ServerSocket()) {
      dataPlane.start();
      InetSocketAddress http = dataPlane.boundHttp().getFirst();
      other.setReuseAddress(true);
      try {
        other.bind(http);
      } catch (IOException e) {
        abort("only Linux lets others listen at an address that nobody listens at yet: " + e);
      }
      assertThat(dataPlane.apply(new TestRoutes().all().unavailable().build())).isEmpty();
      assertThat(fetch(dataPlane.boundMetrics(), "/readyz")).startsWith("not ready");
      other.close();
      await()
          .untilAsserted(
              () -> assertThat(fetch(dataPlane.boundMetrics(), "/readyz")).startsWith("ready"));
      RawClient.connect(Wire.PLAIN, http).close();
    }
  }

  @Test
  void anAddressThatIsTakenIsNamed() {
    try (RawUpstream taken = RawUpstream.echoing()) {
      InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
      try (DataPlane dataPlane =
          new DataPlane(
              new DataPlaneOptions(
                  List.of(any, taken.address()), List.of(), any, any, 1, Transport.AUTO),
              OutputStream.nullOutputStream())) {
        assertThatThrownBy(dataPlane::start)
            .isInstanceOf(IOException.class)
            .hasMessageContaining(Integer.toString(taken.address().getPort()));
      }
    }
  }

  @Test
  void changesApplyToNewRequestsAndLeaveTunnelsAlone() {
    try (RawUpstream old = both();
        RawUpstream next = both();
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(old.address()));
        RawClient tunnel = tunnel(proxy);
        RawClient client = proxy.connect(Wire.PLAIN)) {
      client.send(get("/1"));
      client.readBody(client.readHead());
      proxy.apply(new TestRoutes().rule("chat.example.com", "/2").to(next.address()));
      client.send(get("/1"));
      HttpHead gone = client.readHead();
      assertThat(gone.status()).isEqualTo(404);
      client.readBody(gone);
      client.send(get("/2"));
      assertThat(client.readBody(client.readHead())).isEqualTo("/2");
      assertThat(next.accepted()).isEqualTo(1);
      tunnel.send(ECHO);
      assertThat(tunnel.read(ECHO.length())).isEqualTo(ECHO);
    }
  }

  @Test
  void requestsAndHandshakesAreCountedAndLogged() throws Exception {
    try (RawUpstream upstream = both();
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .all()
                    .policy(new TestPolicy().origins("https://good.example").build())
                    .to(upstream.address()))) {
      try (RawClient client = proxy.connect(Wire.PLAIN)) {
        client.send(get("/a?secret=1"));
        client.readBody(client.readHead());
        client.send(handshake("/ws", "Origin: https://evil.example\r\n"));
        assertThat(client.readHead().status()).isEqualTo(403);
      }
      tunnel(proxy).close();
      await()
          .untilAsserted(
              () ->
                  assertThat(proxy.accessLog().lines())
                      .anySatisfy(
                          line ->
                              assertThat(line)
                                  .contains("\"path\":\"/a\"", "\"status\":200", "location-0"))
                      .anySatisfy(
                          line -> assertThat(line).contains("\"upgrade\":true", "\"status\":403"))
                      .anySatisfy(line -> assertThat(line).contains("\"type\":\"tunnel\"")));
      assertThat(proxy.accessLog()).doesNotContain("secret");
      assertThat(fetch(proxy.dataPlane().boundMetrics(), "/metrics"))
          .contains("longshore_handshakes_total{outcome=\"established\"} 1.0")
          .contains("longshore_handshakes_total{outcome=\"forbidden\"} 1.0")
          .contains("longshore_request_duration_seconds_count{code=\"2xx\"} 1");
      assertThat(fetch(proxy.dataPlane().boundAdmin(), "/config")).contains("chat.example.com");
    }
  }

  @Test
  void shutdownLetsRequestsFinishClosesTunnelsAndRefusesNewConnections() {
    CountDownLatch answer = new CountDownLatch(1);
    try (RawUpstream slow =
            RawUpstream.start(
                conversation -> {
                  HttpHead head = conversation.readRequest();
                  answer.await();
                  conversation.answer(head.target());
                  conversation.readToEnd();
                });
        RawUpstream echo = both();
        TestProxy proxy =
            TestProxy.start(
                draining(Duration.ZERO, Duration.ofSeconds(5), Duration.ofSeconds(5))
                    .rule("chat.example.com", "/slow")
                    .to(slow.address())
                    .rule("chat.example.com", "/ws")
                    .to(echo.address()));
        RawClient tunnel = tunnel(proxy);
        RawClient idle = proxy.connect(Wire.PLAIN);
        RawClient client = proxy.connect(Wire.PLAIN)) {
      idle.send(get("/ws"));
      idle.readBody(idle.readHead());
      client.send(get("/slow"));
      await().until(() -> slow.accepted() == 1);
      CompletableFuture<Void> ended = proxy.dataPlane().shutdown();
      assertThat(idle.readToEnd()).as("idle keep-alive connections close").isEmpty();
      assertThatThrownBy(() -> proxy.connect(Wire.PLAIN)).isInstanceOf(UncheckedIOException.class);
      answer.countDown();
      HttpHead finished = client.readHead();
      assertThat(finished.all("connection")).containsExactly("close");
      assertThat(client.readBody(finished)).isEqualTo("/slow");
      assertThat(tunnel.read(4)).isEqualTo("\u0088\u0002\u0003\u00e9");
      tunnel.send("\u0088\u0082\0\0\0\0\u0003\u00e9");
      tunnel.readToEnd();
      assertThat(ended).succeedsWithin(Duration.ofSeconds(10));
    }
  }

  /** More event loops than it takes for each to be in step with another. */
  @ParameterizedTest
  @ValueSource(ints = {12, 300})
  void shutdownSpreadsTunnelsOverAllLoopsTogether(int tunnels) {
    Duration window = Duration.ofMinutes(1);
    MockTicker ticker = Ticker.newMockTicker();
    try (RawUpstream echo =
            RawUpstream.start(
                conversation -> {
                  conversation.acceptWebSocket();
                  // As long as it takes to open all the others.
                  conversation.socket().setSoTimeout(0);
                  conversation.echo();
                });
        TestProxy proxy =
            TestProxy.start(
                draining(Duration.ZERO, window, Duration.ofSeconds(5)).all().to(echo.address()),
                4,
                ticker);
        Crowd crowd = Crowd.open(proxy, "/ws", tunnels)) {
      CompletableFuture<Void> ended = proxy.dataPlane().shutdown();
      await().until(() -> proxy.metric("longshore_drain_pending") > 0);
      crowd.endEvenly(ticker, tunnels, window);
      assertThat(crowd.ends()).hasSize(tunnels).allMatch(end -> end.code() == 1001);
      // An upstream that only echoes is given up at its deadline.
      await()
          .until(
              () -> {
                ticker.advance(1, TimeUnit.SECONDS);
                return ended.isDone();
              });
    }
  }

  @Test
  void aSecondShutdownHurries() throws Exception {
    Duration hour = Duration.ofHours(1);
    try (RawUpstream echo = both();
        TestProxy proxy =
            TestProxy.start(draining(hour, hour, Duration.ofMillis(200)).all().to(echo.address()));
        RawClient tunnel = tunnel(proxy)) {
      CompletableFuture<Void> ended = proxy.dataPlane().shutdown();
      assertThat(fetch(proxy.dataPlane().boundMetrics(), "/readyz")).startsWith("not ready");
      try (RawClient late = tunnel(proxy)) {
        late.send(ECHO);
        assertThat(late.read(ECHO.length())).as("served during the delay").isEqualTo(ECHO);
        assertThat(proxy.dataPlane().shutdown()).isSameAs(ended);
        assertThat(tunnel.read(4)).isEqualTo("\u0088\u0002\u0003\u00e9");
        assertThat(ended).succeedsWithin(Duration.ofSeconds(10));
      }
    }
  }
}
