package dev.longshore.proxy.dial.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.UpstreamPool.Protocol;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.Http2Upstream;
import dev.longshore.proxy.testing.Http2Upstream.Frame;
import dev.longshore.proxy.testing.Http2Upstream.Peer;
import dev.longshore.proxy.testing.Http2Upstream.Script;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** WebSockets that are streams to their endpoint (RFC 8441). */
@Timeout(60)
class ConnectStreamTest {
  private static final int ENABLE_CONNECT = 8;
  private static final int DATA = Http2Upstream.DATA;

  private final BlockingQueue<Http2Headers> asked = new LinkedBlockingQueue<>();
  private final BlockingQueue<Integer> resets = new LinkedBlockingQueue<>();

  /** Accepts every WebSocket, and sends back whatever comes. */
  private Script echoing(String... fields) {
    return peer -> {
      peer.open(ENABLE_CONNECT, 1);
      while (true) {
        Frame frame = peer.next();
        switch (frame.type()) {
          case Http2Upstream.HEADERS -> {
            asked.add(peer.headers(frame));
            String[] all = new String[2 + fields.length];
            all[0] = ":status";
            all[1] = "200";
            System.arraycopy(fields, 0, all, 2, fields.length);
            peer.headers(frame.id(), false, all);
          }
          case DATA ->
              peer.frame(
                  DATA, frame.flags() & Http2Upstream.END_STREAM, frame.id(), frame.payload());
          case Http2Upstream.RST_STREAM -> resets.add(frame.number());
          default -> {}
        }
      }
    };
  }

  private static TestProxy proxy(Policy policy, InetSocketAddress upstream) {
    return TestProxy.start(
        new TestRoutes()
            .all()
            .policy(policy)
            .pool(pool -> pool.with(Protocol.HTTP_2))
            .to(upstream));
  }

  private static TestProxy proxy(InetSocketAddress upstream) {
    return proxy(new TestPolicy().build(), upstream);
  }

  private static HttpHead handshake(RawClient client, String more) {
    return client
        .send(
            "GET /ws?a=b HTTP/1.1\r\nHost: chat.example.com\r\nConnection: Upgrade\r\nUpgrade:"
                + " websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + more
                + "\r\n")
        .readHead();
  }

  private static String message(String text) {
    return "\u0081" + (char) (0x80 | text.length()) + "\0\0\0\0" + text;
  }

  private void echo(RawClient client, String text) {
    String message = message(text);
    client.send(message);
    assertThat(client.read(message.length())).isEqualTo(message);
  }

  @Test
  void manyAreStreamsOfOneConnection() throws Exception {
    try (Http2Upstream upstream =
            Http2Upstream.start(echoing("sec-websocket-protocol", "chat", "x-of", "it"));
        TestProxy proxy = proxy(upstream.address());
        RawClient one = proxy.connect(Wire.PLAIN);
        RawClient other = proxy.connect(Wire.PLAIN)) {
      HttpHead head = handshake(one, "Sec-WebSocket-Protocol: chat, other\r\nX-Mine: 1\r\n");
      assertThat(head.status()).isEqualTo(101);
      assertThat(head.first("sec-websocket-accept")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
      assertThat(head.first("sec-websocket-protocol")).isEqualTo("chat");
      assertThat(head.first("x-of")).isEqualTo("it");
      Http2Headers list = asked.take();
      assertThat(list.method()).hasToString("CONNECT");
      assertThat(list.get(":protocol")).hasToString("websocket");
      assertThat(list.path()).hasToString("/ws?a=b");
      assertThat(list.authority()).hasToString("chat.example.com");
      assertThat(list.get("sec-websocket-version")).hasToString("13");
      assertThat(list.get("sec-websocket-protocol")).hasToString("chat, other");
      assertThat(list.get("x-mine")).hasToString("1");
      for (String absent : new String[] {"sec-websocket-key", "upgrade", "connection", "host"}) {
        assertThat(list.contains(absent)).as(absent).isFalse();
      }
      echo(one, "hello");
      assertThat(handshake(other, "Sec-WebSocket-Protocol: chat\r\n").status()).isEqualTo(101);
      echo(other, "you");
      echo(one, "again");
      for (int i = 0; i < 50; i++) {
        String large = "\u0082\u00ff\0\0\0\0\0\0\u00ff\u00ff\0\0\0\0" + "x".repeat(65_535);
        one.send(large);
        assertThat(one.read(large.length())).isEqualTo(large);
      }
      assertThat(upstream.accepted()).isEqualTo(1);
      assertThat(proxy.metric("longshore_tunnels_open")).isEqualTo(2);
      // A FIN is END_STREAM, of this stream alone.
      other.close();
      await().until(() -> proxy.metric("longshore_tunnels_open") == 1);
      assertThat(resets).isEmpty();
      String close = "\u0088\u0082\0\0\0\0\u0003\u00e8";
      one.send(close);
      assertThat(one.read(close.length())).isEqualTo(close);
      await().until(() -> proxy.metric("longshore_tunnels_open") == 0);
      assertThat(upstream.open()).isEqualTo(1);
    }
  }

  @Test
  void aCloseOfOursIsOnTheStream() throws Exception {
    Policy policy = new TestPolicy().idle(Duration.ofSeconds(1)).build();
    try (Http2Upstream upstream = Http2Upstream.start(echoing());
        TestProxy proxy = proxy(policy, upstream.address());
        RawClient client = proxy.connect(Wire.PLAIN)) {
      assertThat(handshake(client, "").status()).isEqualTo(101);
      assertThat(client.read(4)).isEqualTo("\u0088\u0002\u0003\u00e9");
    }
  }

  @Test
  void anAnswerThatWasNotOfferedIsRefusedAndItsStreamReset() throws Exception {
    try (Http2Upstream upstream = Http2Upstream.start(echoing("sec-websocket-protocol", "other"));
        TestProxy proxy = proxy(upstream.address());
        RawClient client = proxy.connect(Wire.PLAIN)) {
      assertThat(handshake(client, "Sec-WebSocket-Protocol: chat\r\n").status()).isEqualTo(502);
      assertThat(resets.poll(30, TimeUnit.SECONDS)).isEqualTo((int) Http2Error.CANCEL.code());
    }
  }

  @Test
  void anotherAnswerIsRelayed() {
    try (Http2Upstream upstream =
            Http2Upstream.start(
                peer -> {
                  peer.open(ENABLE_CONNECT, 1);
                  int id = peer.next(Http2Upstream.HEADERS).id();
                  peer.headers(id, false, ":status", "401", "content-length", "2");
                  peer.data(id, "no", true);
                  peer.awaitEnd();
                });
        TestProxy proxy = proxy(upstream.address());
        RawClient client = proxy.connect(Wire.PLAIN)) {
      HttpHead head = handshake(client, "");
      assertThat(head.status()).isEqualTo(401);
      assertThat(client.readBody(head)).isEqualTo("no");
    }
  }

  @Test
  void anEndpointThatIsLostEndsItsWebSockets() throws Exception {
    try (Http2Upstream upstream =
            Http2Upstream.start(
                peer -> {
                  peer.open(ENABLE_CONNECT, 1);
                  int id = peer.next(Http2Upstream.HEADERS).id();
                  peer.headers(id, false, ":status", "200");
                  peer.next(DATA);
                  peer.cut();
                });
        TestProxy proxy = proxy(upstream.address());
        RawClient client = proxy.connect(Wire.PLAIN)) {
      assertThat(handshake(client, "").status()).isEqualTo(101);
      client.send(message("go"));
      // 1011, as when a connection is reset.
      assertThat(client.read(4)).isEqualTo("\u0088\u0002\u0003\u00f3");
    }
  }

  /** RFC 9113 §6.8: what is at or below the last stream goes on; new ones get a connection. */
  @Test
  void anEndpointThatSaysGoAwayKeepsItsWebSockets() throws Exception {
    try (Http2Upstream upstream =
            Http2Upstream.start(
                peer -> {
                  peer.open(ENABLE_CONNECT, 1);
                  while (true) {
                    Frame frame = peer.next();
                    if (frame.type() == Http2Upstream.HEADERS) {
                      peer.headers(frame.id(), false, ":status", "200");
                      peer.goAway(frame.id(), 0);
                    } else if (frame.type() == DATA) {
                      int last = frame.flags() & Http2Upstream.END_STREAM;
                      peer.frame(DATA, last, frame.id(), frame.payload());
                    }
                  }
                });
        TestProxy proxy = proxy(upstream.address());
        RawClient one = proxy.connect(Wire.PLAIN);
        RawClient other = proxy.connect(Wire.PLAIN)) {
      assertThat(handshake(one, "").status()).isEqualTo(101);
      echo(one, "before");
      assertThat(handshake(other, "").status()).isEqualTo(101);
      assertThat(upstream.accepted()).isEqualTo(2);
      echo(other, "you");
      echo(one, "still here");
    }
  }

  /** Whatever it is reset with, for the client the server has failed. */
  @ParameterizedTest
  @EnumSource(
      value = Http2Error.class,
      names = {"NO_ERROR", "CANCEL", "INTERNAL_ERROR", "REFUSED_STREAM", "ENHANCE_YOUR_CALM"})
  void aResetOfAnOpenOneIsAServerErrorForTheClient(Http2Error code) throws Exception {
    try (Http2Upstream upstream =
            Http2Upstream.start(
                peer -> {
                  peer.open(ENABLE_CONNECT, 1);
                  int id = peer.next(Http2Upstream.HEADERS).id();
                  peer.headers(id, false, ":status", "200");
                  peer.next(DATA);
                  peer.reset(id, (int) code.code());
                  peer.awaitEnd();
                });
        TestProxy proxy = proxy(upstream.address());
        RawClient client = proxy.connect(Wire.PLAIN)) {
      assertThat(handshake(client, "").status()).isEqualTo(101);
      client.send(message("go"));
      assertThat(client.read(4)).isEqualTo("\u0088\u0002\u0003\u00f3");
      client.send("\u0088\u0082\0\0\0\0\u0003\u00f3");
      await().until(() -> proxy.accessLog().contains("\"closedBy\":\"upstream-reset\""));
    }
  }

  @Test
  void anExtensionThatWasNotOfferedIsRefusedAndItsStreamReset() throws Exception {
    try (Http2Upstream upstream =
            Http2Upstream.start(echoing("sec-websocket-extensions", "permessage-deflate"));
        TestProxy proxy = proxy(upstream.address());
        RawClient client = proxy.connect(Wire.PLAIN)) {
      assertThat(handshake(client, "").status()).isEqualTo(502);
      assertThat(resets.poll(30, TimeUnit.SECONDS)).isEqualTo((int) Http2Error.CANCEL.code());
    }
  }

  /** The stream may be refused, and would then be a request's. */
  @Test
  void earlyBytesGoBehindTheAnswerThatAcceptsThem() throws Exception {
    BlockingQueue<Boolean> early = new LinkedBlockingQueue<>();
    CountDownLatch answer = new CountDownLatch(1);
    try (Http2Upstream upstream =
            Http2Upstream.start(
                peer -> {
                  peer.open(ENABLE_CONNECT, 1);
                  int id = peer.next(Http2Upstream.HEADERS).id();
                  early.add(true);
                  answer.await();
                  peer.headers(id, false, ":status", "103", "link", "</a>");
                  peer.headers(id, false, ":status", "200");
                  Frame frame = peer.next(DATA);
                  peer.frame(DATA, 0, frame.id(), frame.payload());
                  peer.awaitEnd();
                });
        TestProxy proxy = proxy(upstream.address());
        RawClient client = proxy.connect(Wire.PLAIN)) {
      String message = message("early");
      client.send(RawClient.handshake("/ws") + message);
      early.take();
      answer.countDown();
      HttpHead head = client.readHead();
      assertThat((head.status() == 103 ? client.readHead() : head).status()).isEqualTo(101);
      assertThat(client.read(message.length())).isEqualTo(message);
    }
  }

  /** Neither opens a tunnel, and the connection goes on. */
  @ParameterizedTest
  @ValueSource(strings = {"101", "600", "20", "2x0"})
  void aStatusThatIsNoneIs502(String status) throws Exception {
    try (Http2Upstream upstream =
            Http2Upstream.start(
                peer -> {
                  peer.open(ENABLE_CONNECT, 1);
                  peer.headers(peer.next(Http2Upstream.HEADERS).id(), false, ":status", status);
                  peer.headers(peer.next(Http2Upstream.HEADERS).id(), false, ":status", "200");
                  peer.awaitEnd();
                });
        TestProxy proxy = proxy(upstream.address());
        RawClient client = proxy.connect(Wire.PLAIN);
        RawClient next = proxy.connect(Wire.PLAIN)) {
      assertThat(handshake(client, "").status()).isEqualTo(502);
      assertThat(handshake(next, "").status()).isEqualTo(101);
      assertThat(upstream.accepted()).isEqualTo(1);
    }
  }

  private static void offersNothing(Peer peer) throws Exception {
    peer.open();
    peer.awaitEnd();
  }

  private static void readToEnd(Peer peer) throws Exception {
    while (true) {
      try {
        peer.read();
      } catch (AssertionError e) {
        // No preface, which is right.
      }
    }
  }

  /** RFC 8441 §3: without the setting nobody may ask. */
  @Test
  void whoDoesNotOfferItIsAskedByHttp1() throws Exception {
    try (Http2Upstream upstream =
            Http2Upstream.start(
                peer -> {
                  if (peer.number() == 1) {
                    offersNothing(peer);
                  }
                  // Whoever speaks both tells them apart by the first bytes.
                  peer.raw("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
                  readToEnd(peer);
                });
        TestProxy proxy = proxy(upstream.address());
        RawClient client = proxy.connect(Wire.PLAIN)) {
      assertThat(handshake(client, "").status()).isEqualTo(403);
      assertThat(upstream.accepted()).isEqualTo(2);
      assertThat(proxy.metric("longshore_upstream_failures_total{kind=\"reset\"}")).isZero();
    }
  }

  @Test
  void whoSpeaksNoHttp2AtAllIsToo() {
    try (RawUpstream upstream = RawUpstream.echoing();
        TestProxy proxy = proxy(upstream.address());
        RawClient client = proxy.connect(Wire.PLAIN)) {
      assertThat(handshake(client, "").status()).isEqualTo(101);
      echo(client, "hello");
    }
  }
}
