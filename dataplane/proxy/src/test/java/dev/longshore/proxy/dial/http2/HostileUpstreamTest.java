package dev.longshore.proxy.dial.http2;

import static dev.longshore.proxy.testing.RawClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.UpstreamPool.Protocol;
import dev.longshore.proxy.testing.Http2Upstream;
import dev.longshore.proxy.testing.Http2Upstream.Peer;
import dev.longshore.proxy.testing.Http2Upstream.Request;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import io.netty.handler.codec.http2.Http2Error;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What no endpoint may send ends its stream or its connection, in bounds, and nobody else's. */
class HostileUpstreamTest {
  private static final byte[] PING = new byte[8];
  private static final int PADDED = 8;
  private static final String BAD_RESPONSE = "failures_total{kind=\"bad_response\"}";

  /** What is done instead of an answer. */
  @FunctionalInterface
  private interface Deed {
    void to(Peer peer, int id) throws IOException;
  }

  /** Ends its stream: the endpoint is told by RST_STREAM, and its connection goes on. */
  private static Arguments stream(String name, Deed deed) {
    return Arguments.of(name, deed, false, "http2_streams_ended_total{reason=\"malformed\"}");
  }

  /** Ends its connection, with a GOAWAY of this code. */
  private static Arguments connection(String name, Http2Error code, Deed deed) {
    String label = code.name().toLowerCase(Locale.ROOT);
    return Arguments.of(name, deed, true, "http2_broken_total{code=\"" + label + "\"}");
  }

  private static Arguments head(String name, String... fields) {
    return stream(name, (peer, id) -> peer.headers(id, true, fields));
  }

  static Stream<Arguments> deeds() {
    return Stream.of(
        head("no status", "x", "y"),
        head("a status that is none", ":status", "20"),
        head("a status that is no number", ":status", "2x0"),
        head("a status below 100", ":status", "099"),
        // By whom HTTP/1.1's are, too.
        Arguments.of(
            "a status beyond 599",
            (Deed) (peer, id) -> peer.headers(id, true, ":status", "600"),
            false,
            BAD_RESPONSE),
        head("two statuses", ":status", "200", ":status", "200"),
        // By indices of the static table: accept-encoding, and :status 200.
        stream(
            "a status behind a field",
            (peer, id) -> peer.frame(1, 5, id, (byte) 0x90, (byte) 0x88)),
        head("a request's field", ":status", "200", ":path", "/"),
        head("101", ":status", "101"),
        head("an interim answer that ends", ":status", "100"),
        head("upper case", ":status", "200", "Upper", "x"),
        head("a blank in a name", ":status", "200", "a b", "x"),
        head("a colon in a name", ":status", "200", "a:b", "x"),
        head("an empty name", ":status", "200", "", "x"),
        head("CR LF in a value", ":status", "200", "x", "a\r\nset-cookie: b"),
        head("LF in a value", ":status", "200", "x", "a\nb"),
        head("NUL in a value", ":status", "200", "x", "a\0b"),
        head("a blank at the end of a value", ":status", "200", "x", "a "),
        head("connection", ":status", "200", "connection", "close"),
        head("keep-alive", ":status", "200", "keep-alive", "5"),
        head("transfer-encoding", ":status", "200", "transfer-encoding", "chunked"),
        head("upgrade", ":status", "200", "upgrade", "h2c"),
        head("two lengths", ":status", "200", "content-length", "0", "content-length", "1"),
        head("a length that is none", ":status", "200", "content-length", "-1"),
        head("a length without a body", ":status", "200", "content-length", "5"),
        head("a body of 204", ":status", "204", "content-length", "5"),
        stream("too many fields", HostileUpstreamTest::manyFields),
        stream("data before a head", (peer, id) -> peer.data(id, "x", true)),
        Arguments.of("INTERNAL_ERROR", (Deed) (peer, id) -> peer.reset(id, 2), false, null),
        connection(
            "PUSH_PROMISE",
            Http2Error.PROTOCOL_ERROR,
            (peer, id) ->
                peer.frame(
                    Http2Upstream.PUSH_PROMISE, Http2Upstream.END_HEADERS, id, pushed(peer, id))),
        connection(
            "a HEADERS of a stream of its own",
            Http2Error.PROTOCOL_ERROR,
            (peer, id) -> peer.headers(2, true, ":status", "200")),
        // Of the stream or, if all comes at once, of the connection.
        Arguments.of("DATA beyond the window", (Deed) HostileUpstreamTest::overflow, null, null),
        connection(
            "a window beyond 2^31",
            Http2Error.FLOW_CONTROL_ERROR,
            (peer, id) -> peer.window(0, Integer.MAX_VALUE)),
        connection(
            "an increment of none", Http2Error.PROTOCOL_ERROR, (peer, id) -> peer.window(0, 0)),
        connection(
            "a frame that is too large",
            Http2Error.FRAME_SIZE_ERROR,
            (peer, id) -> peer.frame(Http2Upstream.DATA, 0, id, new byte[16_385])),
        connection(
            "HPACK that is none",
            Http2Error.COMPRESSION_ERROR,
            (peer, id) ->
                peer.frame(
                    1,
                    5,
                    id,
                    (byte) 0xff,
                    (byte) 0xff,
                    (byte) 0xff,
                    (byte) 0xff,
                    (byte) 0xff,
                    (byte) 0x7f)),
        stream("an HPACK bomb", HostileUpstreamTest::bomb),
        connection(
            "a flood of CONTINUATION",
            Http2Error.ENHANCE_YOUR_CALM,
            HostileUpstreamTest::continuations),
        connection(
            "a flood of PING",
            Http2Error.ENHANCE_YOUR_CALM,
            (peer, id) -> flood(() -> peer.frame(Http2Upstream.PING, 0, 0, PING))),
        connection(
            "a flood of SETTINGS",
            Http2Error.ENHANCE_YOUR_CALM,
            (peer, id) -> flood(() -> peer.settings(4, 65_535))),
        connection(
            "a flood of WINDOW_UPDATE",
            Http2Error.ENHANCE_YOUR_CALM,
            (peer, id) -> flood(() -> peer.window(0, 1))),
        connection(
            "a flood of RST_STREAM for a stream that has ended",
            Http2Error.ENHANCE_YOUR_CALM,
            (peer, id) -> flood(() -> peer.reset(id - 2, 8))),
        connection(
            "a flood of WINDOW_UPDATE for a stream that has ended",
            Http2Error.ENHANCE_YOUR_CALM,
            (peer, id) -> flood(() -> peer.window(id - 2, 1))),
        connection(
            "a flood of PRIORITY",
            Http2Error.ENHANCE_YOUR_CALM,
            (peer, id) -> flood(() -> peer.frame(2, 0, id, new byte[5]))),
        connection(
            "a flood of unknown frames",
            Http2Error.ENHANCE_YOUR_CALM,
            (peer, id) -> flood(() -> peer.frame(99, 0, 0))),
        connection(
            "a flood of empty DATA",
            Http2Error.ENHANCE_YOUR_CALM,
            (peer, id) -> {
              peer.headers(id, false, ":status", "200");
              flood(() -> peer.data(id, "", false));
            }),
        connection(
            "a flood of SETTINGS acknowledgements",
            Http2Error.ENHANCE_YOUR_CALM,
            (peer, id) -> flood(() -> peer.frame(Http2Upstream.SETTINGS, Http2Upstream.ACK, 0))),
        connection(
            "a flood of PING acknowledgements",
            Http2Error.ENHANCE_YOUR_CALM,
            (peer, id) -> flood(() -> peer.frame(Http2Upstream.PING, Http2Upstream.ACK, 0, PING))),
        connection(
            "a flood of empty DATA with padding",
            Http2Error.ENHANCE_YOUR_CALM,
            (peer, id) -> {
              peer.headers(id, false, ":status", "200");
              flood(() -> peer.frame(Http2Upstream.DATA, PADDED, id, new byte[] {2, 0, 0}));
            }),
        stream(
            "a window of its stream beyond 2^31", (peer, id) -> peer.window(id, Integer.MAX_VALUE)),
        stream("an increment of none for its stream", (peer, id) -> peer.window(id, 0)),
        head("te", ":status", "200", "te", "gzip"),
        head("CR in a value", ":status", "200", "x", "a\rb"),
        stream(
            "a body that is longer than its length",
            (peer, id) -> {
              peer.headers(id, false, ":status", "200", "content-length", "2");
              peer.data(id, "abc", true);
            }),
        stream(
            "trailers that are malformed",
            (peer, id) -> {
              peer.headers(id, false, ":status", "200");
              peer.headers(id, true, "connection", "close");
            }),
        Arguments.of(
            "a flood of interim answers",
            (Deed) (peer, id) -> flood(() -> peer.headers(id, false, ":status", "103")),
            false,
            BAD_RESPONSE),
        connection(
            "a flood of GOAWAY",
            Http2Error.ENHANCE_YOUR_CALM,
            (peer, id) -> flood(() -> peer.goAway(Integer.MAX_VALUE, 0))),
        Arguments.of("the end of the connection", (Deed) (peer, id) -> peer.cut(), true, null));
  }

  @FunctionalInterface
  private interface Sending {
    void once() throws IOException;
  }

  private static void flood(Sending sending) throws IOException {
    for (int i = 0; i < 30_000; i++) {
      sending.once();
    }
  }

  private static byte[] pushed(Peer peer, int id) {
    byte[] block = peer.block(id, ":method", "GET", ":path", "/", ":scheme", "http");
    return ByteBuffer.allocate(4 + block.length).putInt(2).put(block).array();
  }

  private static void manyFields(Peer peer, int id) throws IOException {
    String[] fields = new String[2 + 2 * 501];
    fields[0] = ":status";
    fields[1] = "200";
    for (int i = 2; i < fields.length; i += 2) {
      fields[i] = "f" + i;
      fields[i + 1] = "v";
    }
    peer.headers(id, true, fields);
  }

  private static void overflow(Peer peer, int id) throws IOException {
    peer.headers(id, false, ":status", "200");
    for (int i = 0; i < 20_000; i++) {
      peer.data(id, new byte[16_000], false);
    }
  }

  /**
   * A field of 4,000 bytes that goes into the table, and one byte for each time that it is meant.
   */
  private static void bomb(Peer peer, int id) throws IOException {
    byte[] value = "v".repeat(3_000).getBytes(StandardCharsets.US_ASCII);
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    block.writeBytes(new byte[] {(byte) 0x88, 0x40, 1, 'a', 0x7f, (byte) 0xb9, 0x16});
    block.writeBytes(value);
    for (int i = 0; i < 10_000; i++) {
      block.write(0xbe);
    }
    peer.frame(1, Http2Upstream.END_HEADERS | Http2Upstream.END_STREAM, id, block.toByteArray());
  }

  private static void continuations(Peer peer, int id) throws IOException {
    peer.frame(Http2Upstream.HEADERS, 0, id, peer.block(id, ":status", "200"));
    flood(() -> peer.frame(Http2Upstream.CONTINUATION, 0, id));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("deeds")
  void isEnded(String name, Deed deed, @Nullable Boolean endsConnection, @Nullable String counted) {
    try (Http2Upstream upstream =
            Http2Upstream.start(
                peer -> {
                  while (true) {
                    Request request = peer.readRequest();
                    if (Objects.equals(request.field(":path"), "/bad")) {
                      deed.to(peer, request.id());
                    } else {
                      peer.headers(request.id(), false, ":status", "200", "content-length", "2");
                      peer.data(request.id(), "ok", true);
                    }
                  }
                });
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .all()
                    .keepalive(8)
                    .pool(pool -> pool.with(Protocol.HTTP_2))
                    .to(upstream.address()));
        RawClient client = proxy.connect(Wire.PLAIN)) {
      client.send(get("/good"));
      assertThat(client.readBody(client.readHead())).isEqualTo("ok");
      client.send("POST /bad HTTP/1.1\r\nHost: chat.example.com\r\nContent-Length: 0\r\n\r\n");
      // Where nothing of an answer came before, the client has one of ours; else it is cut.
      HttpHead head = client.readHead();
      assertThat(head.has("set-cookie")).as(name).isFalse();
      if (head.status() == 200) {
        client.readToEnd();
      } else {
        assertThat(head.status()).as(name).isIn(103, 502);
      }
      try (RawClient next = proxy.connect(Wire.PLAIN)) {
        next.send(get("/good"));
        assertThat(next.readBody(next.readHead())).isEqualTo("ok");
      }
      if (endsConnection != null) {
        await()
            .untilAsserted(() -> assertThat(upstream.accepted()).isEqualTo(endsConnection ? 2 : 1));
      }
      if (counted != null) {
        String metric = "longshore_upstream_" + counted;
        await().untilAsserted(() -> assertThat(proxy.metric(metric)).as(name).isEqualTo(1));
      }
    }
  }

  @Test
  void whatAnEndpointSaysIsWholeOrTheClientIsCut() {
    try (Http2Upstream upstream =
            Http2Upstream.start(
                peer -> {
                  Request request = peer.readRequest();
                  peer.headers(request.id(), false, ":status", "200", "content-length", "10");
                  peer.data(request.id(), "half", true);
                  peer.awaitEnd();
                });
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .all()
                    .pool(pool -> pool.with(Protocol.HTTP_2))
                    .to(upstream.address()));
        RawClient client = proxy.connect(Wire.PLAIN)) {
      assertThat(client.send(get("/")).readHead().status()).isEqualTo(200);
      assertThat(client.readToEnd()).hasSizeLessThan(10);
    }
  }
}
