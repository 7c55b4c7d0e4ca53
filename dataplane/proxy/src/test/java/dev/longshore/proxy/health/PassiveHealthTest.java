package dev.longshore.proxy.health;

import static dev.longshore.proxy.health.Checks.passive;
import static dev.longshore.proxy.health.Checks.state;
import static dev.longshore.proxy.health.Checks.status;
import static dev.longshore.proxy.testing.RawClient.get;
import static dev.longshore.proxy.testing.RawClient.handshake;
import static dev.longshore.proxy.testing.RawClient.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.DataPlaneOptions.Transport;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.RawUpstream.Script;
import dev.longshore.proxy.testing.Refusing;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import dev.longshore.proxy.testing.Wire;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Endpoints that are found to fail by the traffic itself. */
class PassiveHealthTest {
  private static final Duration LONG = Duration.ofHours(1);

  private int clients;

  private static TestRoutes routes(int failures, Duration ejectFor, InetSocketAddress... to) {
    return new TestRoutes()
        .settings(new TestSettings().trusting("127.0.0.1/32").build())
        .all()
        .policy(new TestPolicy().answerWithin(Duration.ofSeconds(5)).retries(1).build())
        .health(passive(failures, ejectFor))
        .to(to);
  }

  /** The status of a handshake of somebody who was never here before. */
  private int statusOfAnother(TestProxy proxy) {
    return status(proxy, from(++clients, handshake("/")));
  }

  private static String from(int client, String request) {
    return request.replace("\r\n\r\n", "\r\nX-Forwarded-For: 192.0.2." + client + "\r\n\r\n");
  }

  private static Script answering(String statusLine) {
    return conversation -> {
      while (true) {
        conversation.readRequest();
        conversation.send("HTTP/1.1 " + statusLine + "\r\nContent-Length: 0\r\n\r\n");
      }
    };
  }

  @Test
  void whoRefusesIsEjectedAndNoClientNotices() {
    InetSocketAddress dead = Refusing.address();
    try (RawUpstream good = RawUpstream.echoing();
        TestProxy proxy =
            TestProxy.start(routes(3, LONG, dead, good.address()), Transport.AUTO, 2)) {
      for (int i = 0; i < 20; i++) {
        assertThat(status(proxy, handshake("/"))).isEqualTo(101);
      }
      assertThat(state(proxy, dead)).isEqualTo("ejected");
      assertThat(state(proxy, good.address())).isEqualTo("ready");
      assertThat(proxy.metric("longshore_upstream_failures_total{kind=\"refused\"}"))
          .as("nobody tried it again")
          .isEqualTo(3);
      assertThat(proxy.metric("longshore_endpoint_ejections_total")).isEqualTo(1);
      assertThat(proxy.metric("longshore_endpoints_unhealthy{reason=\"ejected\"}")).isEqualTo(1);
      assertThat(proxy.metric("longshore_endpoints_unhealthy{reason=\"probes\"}")).isZero();
      assertThat(proxy.metric("longshore_pools_in_panic")).isZero();
      assertThat(proxy.page("/endpoints?route=test/route&state=ejected"))
          .contains("\"lastFailure\":{\"what\":\"refused\",\"at\":\"");
      assertThat(proxy.page("/endpoints?state=unhealthy")).isEqualTo("{\"pools\":[]}");
      assertThat(proxy.page("/endpoints?state=dead")).contains("state").contains("ejected");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"502 Bad Gateway", "503 Busy", "504 Gateway Timeout"})
  void gatewayErrorsToHandshakesCount(String statusLine) {
    try (RawUpstream bad = RawUpstream.start(answering(statusLine));
        RawUpstream good = RawUpstream.echoing();
        TestProxy proxy = TestProxy.start(routes(2, LONG, bad.address(), good.address()))) {
      int refused = 0;
      for (int i = 0; i < 10; i++) {
        refused += statusOfAnother(proxy) == 101 ? 0 : 1;
      }
      assertThat(refused).isEqualTo(2);
      assertThat(state(proxy, bad.address())).isEqualTo("ejected");
    }
  }

  @Test
  void whateverElseIsAnsweredIsASuccess() {
    try (RawUpstream picky = RawUpstream.start(answering("403 Forbidden"));
        RawUpstream busy = RawUpstream.start(answering("503 Busy"));
        TestProxy proxy = TestProxy.start(routes(1, LONG, picky.address(), busy.address()))) {
      for (int i = 0; i < 4; i++) {
        status(proxy, get("/"));
      }
      assertThat(state(proxy, busy.address())).as("of plain requests").isEqualTo("ready");
      for (int i = 0; i < 4; i++) {
        statusOfAnother(proxy);
      }
      assertThat(state(proxy, busy.address())).isEqualTo("ejected");
      assertThat(state(proxy, picky.address())).isEqualTo("ready");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",
        "SSH-2.0-OpenSSH_9.6\r\n\r\n"
      })
  void whatIsNoAnswerCounts(String answer) {
    try (RawUpstream bad =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send(answer);
                });
        RawUpstream good = RawUpstream.echoing();
        TestProxy proxy = TestProxy.start(routes(1, LONG, bad.address(), good.address()))) {
      for (int i = 0; i < 4; i++) {
        statusOfAnother(proxy);
      }
      assertThat(state(proxy, bad.address())).isEqualTo("ejected");
      assertThat(statusOfAnother(proxy)).isEqualTo(101);
    }
  }

  @Test
  void aClientThatLeavesSaysNothingOfTheEndpoint() throws Exception {
    try (RawUpstream slow =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.readToEnd();
                });
        TestProxy proxy = TestProxy.start(routes(1, LONG, slow.address(), Refusing.address()))) {
      for (int i = 0; i < 3; i++) {
        try (RawClient client = proxy.connect(Wire.PLAIN)) {
          client.send(handshake("/"));
          slow.request();
        }
      }
      await().until(() -> slow.open() == 0);
      assertThat(state(proxy, slow.address())).isEqualTo("ready");
    }
  }

  @Test
  void openTunnelsStay() {
    AtomicBoolean failing = new AtomicBoolean();
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  if (!failing.get()) {
                    conversation.acceptWebSocket();
                    conversation.echo();
                  }
                });
        RawUpstream other = RawUpstream.echoing();
        TestProxy proxy = TestProxy.start(routes(1, LONG, upstream.address()));
        RawClient client = proxy.connect(Wire.PLAIN)) {
      assertThat(client.send(handshake("/")).readHead().status()).isEqualTo(101);
      failing.set(true);
      proxy.apply(routes(1, LONG, upstream.address(), other.address()));
      for (int i = 0; i < 4; i++) {
        assertThat(statusOfAnother(proxy)).isEqualTo(101);
      }
      assertThat(state(proxy, upstream.address())).isEqualTo("ejected");
      String message = message("still there");
      assertThat(client.send(message).read(message.length())).isEqualTo(message);
    }
  }

  @Test
  void whoFlapsReturnsAndIsEjectedAgain() {
    AtomicBoolean failing = new AtomicBoolean(true);
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  if (!failing.get()) {
                    conversation.acceptWebSocket();
                    conversation.echo();
                  }
                });
        RawUpstream other = RawUpstream.echoing();
        TestProxy proxy =
            TestProxy.start(
                routes(2, Duration.ofMillis(50), upstream.address(), other.address()))) {
      for (int round = 1; round <= 3; round++) {
        int ejections = round;
        failing.set(true);
        await()
            .until(
                () -> {
                  assertThat(statusOfAnother(proxy)).isEqualTo(101);
                  return proxy.metric("longshore_endpoint_ejections_total") >= ejections;
                });
        failing.set(false);
        int before = upstream.accepted();
        await()
            .until(
                () -> {
                  assertThat(statusOfAnother(proxy)).isEqualTo(101);
                  return upstream.accepted() > before;
                });
      }
    }
  }

  /** What a client can make an endpoint do, by what it asks for. */
  static List<Script> whatAClientCanCause() {
    return List.of(
        conversation -> {
          // Long polling: nothing comes of it in time.
          conversation.readRequest();
          conversation.readToEnd();
        },
        conversation -> conversation.readRequest(),
        conversation -> {
          conversation.readRequest();
          conversation.reset();
        },
        answering("503 Busy"),
        answering("502 Bad Gateway"),
        conversation -> {
          conversation.readRequest();
          conversation.send("HTTP/1.1 200 OK\r\nX: " + "x".repeat(100_000) + "\r\n\r\n");
        },
        conversation -> {
          conversation.readRequest();
          conversation.send(
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n");
        });
  }

  @ParameterizedTest
  @MethodSource("whatAClientCanCause")
  @Timeout(120)
  void oneClientAloneEjectsNobody(Script script) {
    try (RawUpstream one = RawUpstream.start(script);
        RawUpstream two = RawUpstream.start(script);
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .settings(new TestSettings().trusting("127.0.0.1/32").build())
                    .all()
                    .policy(
                        new TestPolicy().answerWithin(Duration.ofMillis(250)).retries(1).build())
                    .health(passive(1, LONG))
                    .to(one.address(), two.address()))) {
      // Who of the two is asked is chance; both have to have failed.
      while (!proxy.page("/endpoints").matches("(?s).*lastFailure.*lastFailure.*")) {
        assertThat(status(proxy, from(1, handshake("/poll")))).isNotEqualTo(101);
      }
      assertThat(status(proxy, from(1, handshake("/poll")))).isNotEqualTo(101);
      assertThat(proxy.metric("longshore_endpoint_ejections_total")).isZero();
      assertThat(status(proxy, from(2, handshake("/poll")))).isNotEqualTo(101);
      assertThat(proxy.metric("longshore_endpoint_ejections_total"))
          .as("a second one saw it")
          .isEqualTo(1);
    }
  }

  @Test
  void anUnfinishedBodySaysNothingOfTheEndpoint() {
    try (RawUpstream impatient =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.read(1);
                  // It waits no longer for the rest.
                });
        TestProxy proxy =
            TestProxy.start(routes(1, LONG, impatient.address(), Refusing.address()))) {
      for (int i = 1; i <= 6; i++) {
        String post = "POST / HTTP/1.1\r\nHost: chat.example.com\r\nContent-Length: 9\r\n\r\n";
        assertThat(status(proxy, from(i, post) + "x")).isEqualTo(502);
      }
      assertThat(state(proxy, impatient.address())).isEqualTo("ready");
    }
  }
}
