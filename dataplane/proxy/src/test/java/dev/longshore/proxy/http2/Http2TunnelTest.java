package dev.longshore.proxy.http2;

import static dev.longshore.proxy.testing.Http2Client.DATA;
import static dev.longshore.proxy.testing.Http2Client.HEADERS;
import static dev.longshore.proxy.testing.Http2Client.RST_STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.Settings.Http2;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.Http2Client;
import dev.longshore.proxy.testing.Http2Client.Frame;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import io.netty.handler.codec.http2.Http2Error;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** WebSockets on streams of HTTP/2 (RFC 8441), over real sockets. */
@Timeout(60)
class Http2TunnelTest {
  private static final String CLOSE = "\u0088\u0082\0\0\0\0\u0003\u00e8";

  private static TestProxy proxy(RawUpstream upstream) {
    return TestProxy.start(Http2RequestTest.routes(upstream));
  }

  private static String read(Http2Client client, int stream, int bytes) {
    StringBuilder text = new StringBuilder();
    while (text.length() < bytes) {
      Frame frame = client.next(stream);
      assertThat(frame.type()).as("%s", frame).isEqualTo(DATA);
      text.append(frame.payload());
      client.allow(stream, frame.payload().length());
    }
    return text.toString();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aStreamIsATunnel(boolean tls) throws Exception {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.acceptWebSocket("Sec-WebSocket-Protocol: chat\r\n", "X-Node: 7\r\n");
                  conversation.echo();
                });
        TestProxy proxy = proxy(upstream);
        Http2Client client = tls ? Http2Client.secured(proxy) : Http2Client.clear(proxy)) {
      client.webSocket(1, "/socket?x=1", "sec-websocket-protocol", "chat", "origin", "https://a");
      Frame head = client.next(1);
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.fields())
          .containsEntry("sec-websocket-protocol", "chat")
          .containsEntry("x-node", "7")
          .doesNotContainKeys("sec-websocket-accept", "upgrade", "connection");
      HttpHead request = upstream.request();
      assertThat(request.start()).isEqualTo("GET /socket?x=1 HTTP/1.1");
      assertThat(request.first("upgrade")).isEqualTo("websocket");
      assertThat(request.first("sec-websocket-version")).isEqualTo("13");
      String message = RawClient.message("hello");
      client.data(1, message, false);
      assertThat(read(client, 1, message.length())).isEqualTo(message);
      assertThat(proxy.page("/connections")).contains("\"protocol\":\"HTTP/2\"");
      client.data(1, CLOSE, false);
      assertThat(read(client, 1, CLOSE.length())).isEqualTo(CLOSE);
      Frame end = client.next(1);
      assertThat(end.type()).isEqualTo(DATA);
      assertThat(end.last()).isTrue();
      client.data(1, "", true);
      await().until(() -> proxy.accessLog().contains("\"type\":\"tunnel\""));
      assertThat(proxy.accessLog())
          .contains(
              "\"closedBy\":\"client\"", "\"clientCloseCode\":1000", "\"protocol\":\"HTTP/2\"");
      client.get(3, "/nobody/cares");
    }
  }

  @Test
  void manyTunnelsShareAConnection() throws Exception {
    try (RawUpstream upstream = RawUpstream.echoing();
        TestProxy proxy = proxy(upstream);
        Http2Client client = Http2Client.secured(proxy)) {
      for (int stream = 1; stream < 20; stream += 2) {
        client.webSocket(stream, "/" + stream);
        assertThat(client.next(stream).status()).isEqualTo(200);
      }
      for (int round = 0; round < 20; round++) {
        for (int stream = 1; stream < 20; stream += 2) {
          client.data(stream, RawClient.message("round " + round + " of " + stream), false);
        }
        for (int stream = 19; stream > 0; stream -= 2) {
          String message = RawClient.message("round " + round + " of " + stream);
          assertThat(read(client, stream, message.length())).isEqualTo(message);
        }
      }
      assertThat(proxy.metric("longshore_tunnels_open")).isEqualTo(10);
    }
  }

  /** Backpressure ends at the stream: the other one goes on. */
  @Test
  void aTunnelThatNobodyReadsHoldsUpOnlyItself() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  HttpHead head = conversation.acceptWebSocket();
                  if (head.target().equals("/deaf")) {
                    done.await();
                    conversation.readToEnd();
                  } else {
                    conversation.echo();
                  }
                });
        TestProxy proxy = proxy(upstream);
        Http2Client client = Http2Client.secured(proxy)) {
      client.webSocket(1, "/deaf");
      assertThat(client.next(1).status()).isEqualTo(200);
      client.webSocket(3, "/echo");
      assertThat(client.next(3).status()).isEqualTo(200);
      String message = RawClient.message("x".repeat(10_000));
      // As much as the stream's first window lets us send.
      for (int i = 0; i < 6; i++) {
        client.data(1, message, false);
        client.data(3, message, false);
        assertThat(read(client, 3, message.length())).isEqualTo(message);
      }
      done.countDown();
    }
  }

  @Test
  void aResetEndsTheTunnelAlone() throws Exception {
    try (RawUpstream upstream = RawUpstream.echoing();
        TestProxy proxy = proxy(upstream);
        Http2Client client = Http2Client.secured(proxy)) {
      client.webSocket(1, "/1").webSocket(3, "/3");
      assertThat(client.next(1).status()).isEqualTo(200);
      assertThat(client.next(3).status()).isEqualTo(200);
      client.reset(1, (int) Http2Error.CANCEL.code());
      await().until(() -> upstream.open() == 1);
      String message = RawClient.message("hello");
      client.data(3, message, false);
      assertThat(read(client, 3, message.length())).isEqualTo(message);
      await().until(() -> proxy.accessLog().contains("\"closedBy\":\"client-reset\""));
    }
  }

  @Test
  void theEndOfTheConnectionEndsAllItsTunnels() throws Exception {
    try (RawUpstream upstream = RawUpstream.echoing();
        TestProxy proxy = proxy(upstream)) {
      try (Http2Client client = Http2Client.secured(proxy)) {
        client.webSocket(1, "/1").webSocket(3, "/3");
        assertThat(client.next(1).status()).isEqualTo(200);
        assertThat(client.next(3).status()).isEqualTo(200);
        client.connection().cut();
      }
      await().until(() -> upstream.open() == 0);
      await().until(() -> proxy.metric("longshore_tunnels_open") == 0);
    }
  }

  @Test
  void anUpstreamThatBreaksOffResetsTheStream() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.acceptWebSocket();
                  conversation.read(1);
                  conversation.reset();
                });
        TestProxy proxy = proxy(upstream);
        Http2Client client = Http2Client.secured(proxy)) {
      client.webSocket(1, "/");
      assertThat(client.next(1).status()).isEqualTo(200);
      client.data(1, RawClient.message("hello"), false);
      // A Close that says so, and then the end of the stream.
      Frame frame = client.next(1);
      assertThat(frame.payload()).startsWith("\u0088");
    }
  }

  /** RFC 9113 §6.8: it is about streams that the other side would begin. */
  @Test
  void aClientThatSaysGoAwayKeepsItsTunnels() throws Exception {
    try (RawUpstream upstream = RawUpstream.echoing();
        TestProxy proxy = proxy(upstream);
        Http2Client client = Http2Client.secured(proxy)) {
      client.webSocket(1, "/1");
      assertThat(client.next(1).status()).isEqualTo(200);
      client.frame(Http2Client.GOAWAY, 0, 0, Http2Client.number(0) + Http2Client.number(0));
      String message = RawClient.message("hello");
      client.data(1, message, false);
      assertThat(read(client, 1, message.length())).isEqualTo(message);
      assertThat(upstream.open()).isEqualTo(1);
      client.data(1, CLOSE, true);
      assertThat(read(client, 1, CLOSE.length())).isEqualTo(CLOSE);
      await().until(() -> proxy.accessLog().contains("\"closedBy\":\"client\""));
    }
  }

  /** Whatever a stream is reset with, for the upstream its client has broken off. */
  @ParameterizedTest
  @EnumSource(
      value = Http2Error.class,
      names = {"NO_ERROR", "CANCEL", "INTERNAL_ERROR", "REFUSED_STREAM", "HTTP_1_1_REQUIRED"})
  void aResetWithWhateverCodeIsGoingAwayForTheUpstream(Http2Error code) throws Exception {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.acceptWebSocket();
                  heard.add(conversation.read(RawClient.message("hi").length()));
                  heard.add(conversation.read(8));
                });
        TestProxy proxy = proxy(upstream);
        Http2Client client = Http2Client.secured(proxy)) {
      client.webSocket(1, "/");
      assertThat(client.next(1).status()).isEqualTo(200);
      client.data(1, RawClient.message("hi"), false);
      assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo(RawClient.message("hi"));
      client.reset(1, (int) code.code());
      String close = Objects.requireNonNull(heard.poll(60, TimeUnit.SECONDS));
      assertThat((close.charAt(6) ^ close.charAt(2)) << 8 | (close.charAt(7) ^ close.charAt(3)))
          .isEqualTo(1001);
      await().until(() -> proxy.accessLog().contains("\"closedBy\":\"client-reset\""));
      assertThat(proxy.metric("longshore_tunnels_open")).isZero();
    }
  }

  @Test
  void whatIsNoWebSocketIsRefusedOnItsStreamAlone() throws Exception {
    try (RawUpstream upstream = RawUpstream.echoing();
        TestProxy proxy = proxy(upstream);
        Http2Client client = Http2Client.secured(proxy)) {
      client.headers(
          1,
          false,
          ":method",
          "CONNECT",
          ":protocol",
          "connect-udp",
          ":scheme",
          "https",
          ":authority",
          "chat.example.com",
          ":path",
          "/");
      assertThat(client.answer(1).status()).isEqualTo(501);
      client.headers(3, false, ":method", "CONNECT", ":authority", "chat.example.com:443");
      assertThat(client.answer(3).status()).isEqualTo(501);
      client.headers(
          5,
          false,
          ":method",
          "CONNECT",
          ":protocol",
          "websocket",
          ":scheme",
          "https",
          ":authority",
          "chat.example.com",
          ":path",
          "/",
          "sec-websocket-version",
          "8");
      assertThat(client.answer(5).status()).isEqualTo(426);
      client.headers(
          7,
          true,
          ":method",
          "CONNECT",
          ":protocol",
          "websocket",
          ":scheme",
          "https",
          ":authority",
          "chat.example.com",
          ":path",
          "/",
          "sec-websocket-version",
          "13");
      assertThat(client.answer(7).status()).isEqualTo(400);
      client.headers(
          9,
          true,
          ":method",
          "CONNECT",
          ":protocol",
          "websocket",
          ":authority",
          "chat.example.com",
          "sec-websocket-version",
          "13");
      Frame reset = client.next(9);
      assertThat(reset.type()).isEqualTo(RST_STREAM);
      assertThat(reset.number(0)).isEqualTo(Http2Error.PROTOCOL_ERROR.code());
      client.webSocket(11, "/");
      Frame head = client.next(11);
      assertThat(head.type()).isEqualTo(HEADERS);
      assertThat(head.status()).isEqualTo(200);
    }
  }

  @Test
  void anotherAnswerIsPassedOn() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
                  conversation.readToEnd();
                });
        TestProxy proxy = proxy(upstream);
        Http2Client client = Http2Client.secured(proxy)) {
      client.webSocket(1, "/");
      Http2Client.Answer answer = client.answer(1);
      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.body()).isEqualTo("no");
    }
  }

  /** To a CONNECT, any 2xx would be a tunnel. */
  @Test
  void aSuccessThatIsNoneIsNotPassedOn() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering("no");
        TestProxy proxy = proxy(upstream);
        Http2Client client = Http2Client.secured(proxy)) {
      client.webSocket(1, "/");
      Http2Client.Answer answer = client.answer(1);
      assertThat(answer.status()).isEqualTo(502);
    }
  }

  @Test
  void anIdleTunnelIsClosedPolitely() throws Exception {
    try (RawUpstream upstream = RawUpstream.echoing();
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .settings(new TestSettings().http2(new Http2(true, true, 10)).build())
                    .all()
                    .policy(new TestPolicy().idle(Duration.ofSeconds(1)).build())
                    .to(upstream.address()));
        Http2Client client = Http2Client.secured(proxy)) {
      client.webSocket(1, "/");
      assertThat(client.next(1).status()).isEqualTo(200);
      Frame frame = client.next(1);
      assertThat(frame.type()).isEqualTo(DATA);
      assertThat(frame.payload()).startsWith("\u0088");
    }
  }
}
