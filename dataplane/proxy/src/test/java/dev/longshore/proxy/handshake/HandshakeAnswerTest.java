package dev.longshore.proxy.handshake;

import static dev.longshore.proxy.testing.RawClient.ACCEPT;
import static dev.longshore.proxy.testing.RawClient.get;
import static dev.longshore.proxy.testing.RawClient.handshake;
import static dev.longshore.proxy.testing.RawClient.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.Flood;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.Refusing;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases 4 to 6: what an upstream answers to a handshake, and bytes before and behind it. */
@ParameterizedClass
@EnumSource(Wire.class)
@Execution(ExecutionMode.SAME_THREAD) // floods, which take a core each
class HandshakeAnswerTest {
  private static final String START = "HTTP/1.1 101 Switching Protocols\r\n";
  private static final String UPGRADE = "Upgrade: websocket\r\n";
  private static final String CONNECTION = "Connection: Upgrade\r\n";
  private static final String ACCEPT_LINE = "Sec-WebSocket-Accept: " + ACCEPT + "\r\n";

  private final Wire wire;

  HandshakeAnswerTest(Wire wire) {
    this.wire = wire;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        START,
        START + UPGRADE + CONNECTION,
        START + UPGRADE + ACCEPT_LINE,
        START + CONNECTION + ACCEPT_LINE,
        START + "Upgrade: h2c\r\n" + CONNECTION + ACCEPT_LINE,
        START + "Upgrade: websocket, h2c\r\n" + CONNECTION + ACCEPT_LINE,
        START + UPGRADE + "Connection: keep-alive\r\n" + ACCEPT_LINE,
        START + UPGRADE + CONNECTION + "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n",
        START + UPGRADE + CONNECTION + ACCEPT_LINE + ACCEPT_LINE,
        START + UPGRADE + CONNECTION + ACCEPT_LINE + "Sec-WebSocket-Protocol: other\r\n",
        START
            + UPGRADE
            + CONNECTION
            + ACCEPT_LINE
            + "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: chat\r\n",
        START + UPGRADE + CONNECTION + ACCEPT_LINE + "Sec-WebSocket-Extensions: x-other\r\n",
        "HTTP/1.1 101 Bad\nUpgrade: websocket\n" + CONNECTION + ACCEPT_LINE,
      })
  void a101ThatDoesNotVerifyIs502AndBothConnectionsEnd(String head) {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send(head + "\r\n\u0081\u0002hi");
                  conversation.readToEnd();
                });
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(
          handshake(
              "/ws",
              "Sec-WebSocket-Protocol: chat\r\n",
              "Sec-WebSocket-Extensions: permessage-deflate\r\n"));
      HttpHead answer = client.readHead();
      assertThat(answer.status()).isEqualTo(502);
      assertThat(answer.has("sec-websocket-accept")).isFalse();
      client.readBody(answer);
      assertThat(client.readToEnd()).isEmpty();
      await().until(() -> upstream.open() == 0);
      assertThat(upstream.accepted()).as("a complete answer is not retried").isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "upgrade: WebSocket,connection: Upgrade|handshake_accept",
        "upgrade: WebSocket,connection: Upgrade,sec-websocket-accept: x|handshake_accept",
        "upgrade: h2c,connection: Upgrade,sec-websocket-accept: OK|handshake_upgrade",
        "connection: Upgrade,sec-websocket-accept: OK|handshake_upgrade",
        "upgrade: websocket,sec-websocket-accept: OK|handshake_connection",
        "upgrade: websocket,connection: Upgrade,sec-websocket-accept: OK,"
            + "sec-websocket-protocol: chat|handshake_subprotocol",
        "upgrade: websocket,connection: Upgrade,sec-websocket-accept: OK,"
            + "sec-websocket-protocol:|handshake_subprotocol",
        "upgrade: websocket,connection: Upgrade,sec-websocket-accept: OK,"
            + "sec-websocket-extensions: x-y; z=1|handshake_extension",
      })
  void eachCheckIsMadeAtOnceAndToldToTheLogAlone(String lines, String reason) throws Exception {
    CountDownLatch answered = new CountDownLatch(1);
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send(
                      START + lines.replace(",", "\r\n").replace("OK", ACCEPT) + "\r\n\r\n");
                  // It stays open, and says no more.
                  answered.await();
                });
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      HttpHead answer = client.send(handshake("/ws?secret")).readHead();
      assertThat(answer.status()).isEqualTo(502);
      assertThat(client.readBody(answer)).doesNotContain("Sec-").doesNotContain(reason);
      answered.countDown();
      await().until(() -> proxy.accessLog().contains("\"reason\":\"" + reason + "\""));
      assertThat(proxy.accessLog())
          .contains("\"host\":\"chat.example.com\",\"path\":\"/ws\"")
          .contains("\"detail\":\"")
          .contains("\"endpoint\":\"127.0.0.1:" + upstream.address().getPort() + "\"")
          .doesNotContain("secret");
      assertThat(proxy.metric("longshore_requests_refused_total{reason=\"" + reason + "\"}"))
          .isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",", " , "})
  void aChoiceOfNoExtensionIsNone(String none) {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.acceptWebSocket("Sec-WebSocket-Extensions: " + none + "\r\n");
                  conversation.echo();
                });
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      HttpHead answer = client.send(handshake("/ws")).readHead();
      assertThat(answer.status()).isEqualTo(101);
      assertThat(answer.has("sec-websocket-extensions")).isFalse();
      String message = message("hello");
      assertThat(client.send(message).read(message.length())).isEqualTo(message);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a426SaysWhatWouldBeRight(boolean asHandshake) {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send(
                      "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\n"
                          + "Connection: Upgrade, close\r\nSec-WebSocket-Version: 13\r\n"
                          + "Content-Length: 4\r\n\r\nbody");
                });
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      HttpHead answer = client.send(asHandshake ? handshake("/ws") : get("/ws")).readHead();
      assertThat(answer.status()).isEqualTo(426);
      if (wire.isHttp1()) {
        assertThat(answer.all("upgrade")).containsExactly("websocket");
        assertThat(answer.all("connection")).contains("upgrade");
      }
      assertThat(answer.all("sec-websocket-version")).containsExactly("13");
      assertThat(client.readBody(answer)).isEqualTo("body");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"401 Unauthorized", "101 Switching Protocols"})
  void theAnswerComesThroughBehindMoreThanIsHeld(String status) {
    String early = "x".repeat(2 * 1024 * 1024);
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send("HTTP/1.1 " + status + "\r\nContent-Length: 4\r\n\r\nbody");
                  conversation.readToEnd();
                });
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      // All of it, before a byte is read.
      HttpHead answer = client.send(handshake("/ws")).send(early).readHead();
      assertThat(answer.status()).isEqualTo(status.startsWith("101") ? 502 : 401);
      client.readBody(answer);
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @Test
  void whatWasOfferedMayBeAgreed() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.acceptWebSocket(
                      "Sec-WebSocket-Protocol: chat2\r\n",
                      "Sec-WebSocket-Extensions: permessage-deflate;"
                          + " server_no_context_takeover\r\n",
                      "Set-Cookie: a=b\r\n",
                      "Keep-Alive: 5\r\n",
                      "Content-Length: 0\r\n");
                  conversation.echo();
                });
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(
          handshake(
              "/ws",
              "Sec-WebSocket-Protocol: chat1, chat2\r\n",
              "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"));
      HttpHead answer = client.readHead();
      assertThat(answer.status()).isEqualTo(101);
      assertThat(answer.all("sec-websocket-protocol")).containsExactly("chat2");
      assertThat(answer.all("sec-websocket-extensions"))
          .containsExactly("permessage-deflate; server_no_context_takeover");
      assertThat(answer.all("set-cookie")).containsExactly("a=b");
      assertThat(answer.has("keep-alive")).isFalse();
      assertThat(answer.has("content-length")).isFalse();
      HttpHead request = upstream.request();
      assertThat(request.all("sec-websocket-protocol")).containsExactly("chat1, chat2");
      assertThat(request.all("sec-websocket-extensions"))
          .containsExactly("permessage-deflate; client_max_window_bits");
    }
  }

  @Test
  void a101ThatNobodyAskedForIs502() {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send(START + UPGRADE + CONNECTION + ACCEPT_LINE + "\r\nbytes");
                  conversation.readToEnd();
                });
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(get("/ws"));
      HttpHead answer = client.readHead();
      assertThat(answer.status()).isEqualTo(502);
      assertThat(client.readBody(answer)).doesNotContain("bytes");
      await().until(() -> upstream.open() == 0);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 4\r\n\r\nbody",
        "HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 4\r\n\r\nbody",
        "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
        "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 4\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
            + ACCEPT
            + "\r\nContent-Length: 4\r\n\r\nbody",
        "HTTP/1.1 503 Busy\r\nRetry-After: 1\r\n\r\nbody",
      })
  void anyOtherAnswerIsRelayedAndBothConnectionsEnd(String answer) {
    assumeTrue(wire.isHttp1() || !answer.contains(" 200 "), "to a CONNECT that would be a tunnel");
    CountDownLatch relayed = new CountDownLatch(1);
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send(answer);
                  if (!answer.contains("Length") && !answer.contains("Encoding")) {
                    conversation.shutdownOutput();
                  }
                  // The proxy ends this connection; it does not come back with another request.
                  assertThat(conversation.readToEnd()).isEmpty();
                  relayed.countDown();
                });
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(handshake("/ws") + get("/smuggled"));
      HttpHead head = client.readHead();
      assertThat(answer).startsWith("HTTP/1.1 " + head.status());
      assertThat(head.has("upgrade")).isFalse();
      assertThat(head.all("connection")).containsExactly("close");
      assertThat(client.readBody(head)).isEqualTo("body");
      assertThat(client.readToEnd()).isEmpty();
      await().until(() -> relayed.getCount() == 0);
      assertThat(upstream.accepted()).isEqualTo(1);
    }
  }

  @Test
  void earlyBytesGoUpstreamOnlyBehindTheVerified101() throws Exception {
    CountDownLatch accept = new CountDownLatch(1);
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  assertThat(conversation.isSilentFor(200)).as("nothing before the 101").isTrue();
                  accept.await();
                  conversation.send(START + UPGRADE + CONNECTION + ACCEPT_LINE + "\r\n");
                  conversation.echo();
                });
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(handshake("/ws") + "\u0081\u0083\0\0\0\0one");
      upstream.request();
      client.send("\u0081\u0083\0\0\0\0two");
      accept.countDown();
      assertThat(client.readHead().status()).isEqualTo(101);
      assertThat(client.read(18)).isEqualTo("\u0081\u0083\0\0\0\0one\u0081\u0083\0\0\0\0two");
    }
  }

  @Test
  void bytesInOneSegmentWithThe101AreDelivered() {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send(
                      START + UPGRADE + CONNECTION + ACCEPT_LINE + "\r\n\u0081\u0005hello");
                  conversation.echo();
                });
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(handshake("/ws"));
      assertThat(client.readHead().status()).isEqualTo(101);
      assertThat(client.read(7)).isEqualTo("\u0081\u0005hello");
    }
  }

  @Test
  void manyEarlyBytesAreHeldBackAtTheSocket() throws Exception {
    CountDownLatch accept = new CountDownLatch(1);
    AtomicInteger read = new AtomicInteger();
    String message = message("x".repeat(60_000));
    String last = "\u0081\u0080\0\0\0\0";
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  accept.await();
                  conversation.send(START + UPGRADE + CONNECTION + ACCEPT_LINE + "\r\n");
                  read.set(Flood.receive(conversation, message, last));
                  conversation.send("\u0081\u0002ok");
                  conversation.readToEnd();
                });
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(handshake("/ws"));
      upstream.request();
      Flood flood = Flood.start(client, message, last);
      flood.awaitStandstill();
      flood.stop();
      accept.countDown();
      assertThat(client.readHead().status()).isEqualTo(101);
      assertThat(client.read(4)).isEqualTo("\u0081\u0002ok");
      assertThat(read.get()).isEqualTo(flood.sent());
    }
  }

  @Test
  void anotherEndpointIsTriedWhenOneRefusesOrResets() {
    try (RawUpstream resetting =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.reset();
                });
        RawUpstream good = RawUpstream.echoing();
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .all()
                    .policy(new TestPolicy().retries(2).build())
                    .to(Refusing.address(), resetting.address(), good.address()))) {
      for (int i = 0; i < 6; i++) {
        try (RawClient client = proxy.connect(wire)) {
          client.send(handshake("/ws"));
          assertThat(client.readHead().status()).isEqualTo(101);
        }
      }
      assertThat(resetting.accepted()).isPositive();
    }
  }

  @Test
  void withoutRetriesARefusalIs502AndSaysNothingOfTheUpstream() {
    InetSocketAddress dead = Refusing.address();
    try (TestProxy proxy =
            TestProxy.start(
                new TestRoutes().all().policy(new TestPolicy().retries(0).build()).to(dead));
        RawClient client = proxy.connect(wire)) {
      client.send(handshake("/ws"));
      HttpHead answer = client.readHead();
      assertThat(answer.status()).isEqualTo(502);
      assertThat(answer.has("x-request-id")).isTrue();
      assertThat(client.readBody(answer)).doesNotContain(Integer.toString(dead.getPort()));
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @Test
  void anUpstreamThatSaysNothingIsATimeoutAfterAllRetries() {
    try (RawUpstream silent =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.readToEnd();
                });
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .all()
                    .policy(
                        new TestPolicy().answerWithin(Duration.ofMillis(200)).retries(1).build())
                    .to(silent.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(handshake("/ws"));
      assertThat(client.readHead().status()).isEqualTo(504);
      client.readToEnd();
      await().until(() -> silent.accepted() == 2);
      await().until(() -> silent.open() == 0);
    }
  }

  @Test
  void aClientThatLeavesCancelsItsHandshake() throws Exception {
    try (RawUpstream silent =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.readToEnd();
                });
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(silent.address()))) {
      try (RawClient client = proxy.connect(wire)) {
        client.send(handshake("/ws") + "early");
        silent.request();
      }
      await().until(() -> silent.open() == 0);
    }
  }
}
