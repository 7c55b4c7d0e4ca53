package dev.longshore.proxy.handshake;

import static dev.longshore.proxy.testing.RawClient.ACCEPT;
import static dev.longshore.proxy.testing.RawClient.get;
import static dev.longshore.proxy.testing.RawClient.handshake;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.policy.Limits;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.DataPlaneOptions.Transport;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.Refusing;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

/** What limits do to handshakes, and that whatever becomes of one, its place is free again. */
@ParameterizedClass
@EnumSource(mode = Mode.EXCLUDE, names = "TLS") // under which nothing of it lies
class HandshakeLimitsTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final String SWITCHING =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  private static final Limits ONE = limits(1, 1);

  private final Wire wire;
  private RawUpstream upstream;

  HandshakeLimitsTest(Wire wire) {
    this.wire = wire;
  }

  @BeforeEach
  void start() {
    upstream = RawUpstream.start(HandshakeLimitsTest::play);
  }

  @AfterEach
  void stop() {
    upstream.close();
  }

  private static Limits limits(int connections, int perClient) {
    return new TestPolicy().connections(connections).connectionsPerClient(perClient).limits();
  }

  /** Does what the path says. */
  private static void play(RawUpstream.Conversation conversation) {
    HttpHead head = conversation.readRequest();
    switch (head.target()) {
      case "/declines" -> conversation.lastAnswer("no");
      case "/lies" -> conversation.send(SWITCHING + "Sec-WebSocket-Accept: AAAA\r\n\r\n");
      case "/keeps-silent" -> conversation.readToEnd();
      case "/leaves" -> {}
      case "/plain" -> conversation.lastAnswer("plain");
      case "/ends" -> conversation.send(SWITCHING + "Sec-WebSocket-Accept: " + ACCEPT + "\r\n\r\n");
      default -> {
        conversation.send(SWITCHING + "Sec-WebSocket-Accept: " + ACCEPT + "\r\n\r\n");
        conversation.echo();
      }
    }
  }

  private TestProxy proxy(Limits limits, InetSocketAddress... endpoints) {
    Policy policy =
        new TestPolicy().with(limits).retries(1).answerWithin(Duration.ofSeconds(2)).build();
    return TestProxy.start(new TestRoutes().all().policy(policy).to(endpoints), Transport.AUTO, 2);
  }

  private RawClient ask(TestProxy proxy, String path) {
    RawClient client = proxy.connect(wire);
    client.send(handshake(path));
    return client;
  }

  private int status(TestProxy proxy, String path) {
    try (RawClient client = ask(proxy, path)) {
      return client.readHead().status();
    }
  }

  private static String metrics(TestProxy proxy) {
    try (HttpClient http = HttpClient.newHttpClient()) {
      int port = proxy.dataPlane().boundMetrics().getPort();
      URI uri = URI.create("http://127.0.0.1:" + port + "/metrics");
      return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Exactly one place is free, now or soon. */
  private void onePlaceIsFree(TestProxy proxy) {
    await()
        .atMost(LONG)
        .until(
            () -> {
              try (RawClient client = ask(proxy, "/echo")) {
                if (client.readHead().status() != 101) {
                  return false;
                }
                assertThat(status(proxy, "/echo")).as("beside that one").isEqualTo(429);
                return true;
              }
            });
    await().atMost(LONG).until(() -> metrics(proxy).contains("longshore_tunnels_open 0.0\n"));
  }

  @Test
  void oneTooManyGets429AndTheUpstreamHearsNothing() throws Exception {
    try (TestProxy proxy = proxy(limits(1, 0), upstream.address());
        RawClient first = ask(proxy, "/echo");
        RawClient second = proxy.connect(wire)) {
      assertThat(first.readHead().status()).isEqualTo(101);
      upstream.request();
      second.send(handshake("/echo"));
      HttpHead answer = second.readHead();
      assertThat(answer.status()).isEqualTo(429);
      assertThat(answer.all("retry-after")).singleElement().asString().matches("[5-9]|10");
      assertThat(second.readBody(answer))
          .startsWith("429 Too Many Requests: this route has as many connections");
      assertThat(second.readToEnd()).isEmpty();
      assertThat(upstream.gotRequest()).isFalse();
      assertThat(metrics(proxy))
          .contains("longshore_limited_total{limit=\"connections\"} 1.0\n")
          .contains("longshore_handshakes_total{outcome=\"limited\"} 1.0\n");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/declines", "/lies", "/keeps-silent", "/leaves", "/ends", "/echo", "/plain"})
  void whateverBecomesOfOneItsPlaceIsFreeAgain(String path) {
    try (TestProxy proxy = proxy(ONE, Refusing.address(), upstream.address())) {
      // Twice, for one of them is refused by nobody first and tried again.
      for (int i = 0; i < 2; i++) {
        try (RawClient client = ask(proxy, path)) {
          assertThat(client.readHead().status()).isNotEqualTo(429);
        }
        onePlaceIsFree(proxy);
      }
      await()
          .atMost(LONG)
          .until(() -> metrics(proxy).contains("longshore_limit_clients_tracked 0.0\n"));
    }
  }

  @Test
  void whoeverLeavesBeforeTheAnswerLeavesNothingBehind() throws Exception {
    try (TestProxy proxy = proxy(ONE, upstream.address())) {
      try (RawClient client = ask(proxy, "/keeps-silent")) {
        upstream.request();
        assertThat(status(proxy, "/echo")).as("a handshake under way counts").isEqualTo(429);
      }
      onePlaceIsFree(proxy);
      try (RawClient client = ask(proxy, "/echo")) {
        client.readHead();
        client.reset();
      }
      onePlaceIsFree(proxy);
    }
  }

  @Test
  void noEndpointAndNoHandshakeAtAll() {
    try (TestProxy proxy = proxy(ONE, Refusing.address())) {
      for (int i = 0; i < 3; i++) {
        assertThat(status(proxy, "/echo")).isEqualTo(502);
      }
      proxy.apply(
          new TestRoutes()
              .all()
              .policy(new TestPolicy().with(ONE).subprotocols("chat").build())
              .to(upstream.address()));
      for (int i = 0; i < 3; i++) {
        try (RawClient client = proxy.connect(wire)) {
          client.send(handshake("/echo", "Sec-WebSocket-Protocol: other\r\n"));
          assertThat(client.readHead().status()).isEqualTo(400);
        }
      }
      onePlaceIsFree(proxy);
    }
  }

  @Test
  void plainRequestsAreNotCounted() {
    try (TestProxy proxy = proxy(ONE, upstream.address());
        RawClient tunnel = ask(proxy, "/echo");
        RawClient plain = proxy.connect(wire)) {
      assertThat(tunnel.readHead().status()).isEqualTo(101);
      for (int i = 0; i < 3; i++) {
        plain.send(get("/plain"));
        HttpHead head = plain.readHead();
        assertThat(head.status()).isEqualTo(200);
        plain.readBody(head);
      }
    }
  }

  @Test
  void aClientThatConnectsTooOftenIsToldWhenToComeBack() {
    try (TestProxy proxy = proxy(new TestPolicy().handshakes(1, 3).limits(), upstream.address())) {
      HttpHead refused =
          await()
              .atMost(LONG)
              .pollDelay(Duration.ZERO)
              .pollInterval(Duration.ofMillis(1))
              .until(
                  () -> {
                    try (RawClient client = ask(proxy, "/echo")) {
                      return client.readHead();
                    }
                  },
                  head -> head.status() == 429);
      assertThat(refused.all("retry-after")).containsExactly("1");
      assertThat(metrics(proxy))
          .contains("longshore_limited_total{limit=\"handshakes\"} 1.0\n")
          .contains("longshore_limit_clients_tracked 1.0\n");
    }
  }

  @Test
  void aNewTableForgetsNobodyAndALowerLimitClosesNothing() throws Exception {
    try (TestProxy proxy = proxy(limits(2, 0), upstream.address());
        RawClient first = ask(proxy, "/echo");
        RawClient second = ask(proxy, "/echo")) {
      assertThat(first.readHead().status()).isEqualTo(101);
      assertThat(second.readHead().status()).isEqualTo(101);
      proxy.apply(
          new TestRoutes()
              .all()
              .policy(new TestPolicy().with(limits(1, 0)).build())
              .to(Refusing.address(), upstream.address()));
      assertThat(status(proxy, "/echo")).isEqualTo(429);
      for (RawClient client : List.of(first, second)) {
        client.send(RawClient.message("hi"));
        assertThat(client.read(8)).endsWith("hi");
      }
      first.close();
      await().atMost(LONG).until(() -> metrics(proxy).contains("longshore_tunnels_open 1.0\n"));
      assertThat(status(proxy, "/echo")).isEqualTo(429);
      second.close();
      onePlaceIsFree(proxy);
    }
  }

  @Test
  void neverOneTooManyOverAllEventLoops() throws Exception {
    int most = 10;
    int tries = 60;
    Policy policy = new TestPolicy().with(limits(most, 0)).build();
    try (TestProxy proxy =
            TestProxy.start(
                new TestRoutes().all().policy(policy).to(upstream.address()), Transport.AUTO, 4);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < 3; round++) {
        CountDownLatch answered = new CountDownLatch(tries);
        Callable<Integer> one =
            () -> {
              try (RawClient client = ask(proxy, "/echo")) {
                int status = client.readHead().status();
                answered.countDown();
                // Nobody leaves before all were answered.
                answered.await();
                return status;
              }
            };
        List<Integer> statuses = new ArrayList<>();
        List<Future<Integer>> all = new ArrayList<>();
        for (int i = 0; i < tries; i++) {
          all.add(threads.submit(one));
        }
        for (Future<Integer> each : all) {
          statuses.add(each.get());
        }
        assertThat(statuses).containsOnly(101, 429);
        assertThat(statuses.stream().filter(status -> status == 101)).hasSize(most);
        await().atMost(LONG).until(() -> upstream.open() == 0);
        await().atMost(LONG).until(() -> metrics(proxy).contains("longshore_tunnels_open 0.0\n"));
      }
    }
  }
}
