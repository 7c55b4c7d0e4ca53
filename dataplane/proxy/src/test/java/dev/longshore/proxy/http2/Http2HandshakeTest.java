package dev.longshore.proxy.http2;

import static dev.longshore.proxy.testing.Http2Client.RST_STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.proxy.testing.Http2Client;
import dev.longshore.proxy.testing.Http2Client.Frame;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import io.netty.handler.codec.http2.Http2Error;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Cases 1 to 3 and 17 in the words of HTTP/2 (RFC 8441), which has others for them. Where the cases
 * of what is right on the wire are asked over HTTP/2:
 *
 * <table>
 * <tr><th>case</th><th>over HTTP/2 in</th></tr>
 * <tr><td>1, what is a handshake</td><td>this; HandshakeRequestTest (version, what the upstream
 *   gets)</td></tr>
 * <tr><td>2, half an upgrade is plain HTTP</td><td>HandshakeRequestTest; the fields themselves are
 *   malformed: HostileHttp2Test.fieldsThatWouldBeMoreInHttp1</td></tr>
 * <tr><td>3, h2c, PRI, CONNECT</td><td>this; Http2TunnelTest.whatIsNoWebSocket…</td></tr>
 * <tr><td>4, what accepts one</td><td>HandshakeAnswerTest; as a stream to the upstream:
 *   ConnectStreamTest</td></tr>
 * <tr><td>5, other answers</td><td>HandshakeAnswerTest; Http2TunnelTest.anotherAnswer…,
 *   aSuccessThatIsNone…; ConnectStreamTest.anotherAnswerIsRelayed</td></tr>
 * <tr><td>6, early bytes</td><td>HandshakeAnswerTest; ConnectStreamTest.earlyBytes…</td></tr>
 * <tr><td>7, 8 and 10, forwarding fields and targets</td><td>ForwardingTest;
 *   HostileHttp2Test.pseudoHeaderFields…</td></tr>
 * <tr><td>9, framing</td><td>HostileHttp2Test (lengths, trailers, fields), HostileUpstreamTest; for
 *   what is written in HTTP/1.1 alone FramingTest</td></tr>
 * <tr><td>11, bounds</td><td>BoundsTest, SlowReaderTest, HostileHttp2Test (times of heads)</td></tr>
 * <tr><td>12, plain HTTP</td><td>PlainExchangeTest, UpstreamAnswerTest, Http2RequestTest,
 *   Http2UpstreamTest</td></tr>
 * <tr><td>13 to 15, frames and what is put between them</td><td>TunnelOverWiresTest, PoliteCloseTest,
 *   TlsTunnelTest, DrainsTest</td></tr>
 * <tr><td>16, conformance</td><td>{@code e2e/conformance/run --streams}</td></tr>
 * <tr><td>17, extended CONNECT, floods</td><td>this, Http2TunnelTest, HostileHttp2Test, {@code e2e/run
 *   h2spec}</td></tr>
 * </table>
 */
@Timeout(60)
class Http2HandshakeTest {
  private RawUpstream upstream;
  private TestProxy proxy;
  private Http2Client client;

  @BeforeEach
  void start() {
    upstream =
        RawUpstream.start(
            conversation -> {
              HttpHead head = conversation.readRequest();
              if (head.has("upgrade")) {
                conversation.switchProtocols();
                conversation.echo();
              } else {
                conversation.lastAnswer("plain");
              }
            });
    proxy = TestProxy.start(Http2RequestTest.routes(upstream));
    client = Http2Client.secured(proxy);
  }

  @AfterEach
  void stop() {
    client.close();
    proxy.close();
    upstream.close();
  }

  /** A handshake with some fields left out, and others in place of, or beside, its own. */
  private void ask(int stream, boolean last, Set<String> without, String... more) {
    List<String> fields = new ArrayList<>();
    String[] all = {
      ":method", "CONNECT", ":protocol", "websocket", ":scheme", "https",
      ":authority", "chat.example.com", ":path", "/ws", "sec-websocket-version", "13",
    };
    for (int i = 0; i < all.length; i += 2) {
      if (!without.contains(all[i])) {
        fields.add(all[i]);
        fields.add(all[i + 1]);
      }
    }
    fields.addAll(List.of(more));
    // Pseudo-header fields come first (RFC 9113 §8.3).
    List<String> ordered = new ArrayList<>();
    for (boolean pseudo : new boolean[] {true, false}) {
      for (int i = 0; i < fields.size(); i += 2) {
        if (fields.get(i).startsWith(":") == pseudo) {
          ordered.add(fields.get(i));
          ordered.add(fields.get(i + 1));
        }
      }
    }
    client.headers(stream, last, ordered.toArray(String[]::new));
  }

  private void assertReset(int stream) {
    Frame frame = client.next(stream);
    assertThat(frame.type()).as("%s", frame).isEqualTo(RST_STREAM);
    assertThat(frame.number(0)).isEqualTo(Http2Error.PROTOCOL_ERROR.code());
    await()
        .untilAsserted(
            () ->
                assertThat(
                        proxy.metric(
                            "longshore_http2_errors_total{code=\"protocol_error\",scope=\"stream\"}"))
                    .isEqualTo(1));
  }

  /** Another one on the same connection opens, and only it has been heard of behind. */
  private void assertAnotherOpens() throws Exception {
    assertThat(upstream.gotRequest()).isFalse();
    client.webSocket(101, "/another");
    assertThat(client.next(101).status()).isEqualTo(200);
    assertThat(upstream.request().target()).isEqualTo("/another");
  }

  // ---- case 1

  @ParameterizedTest
  @ValueSource(strings = {":scheme", ":path", ":authority"})
  void whatIsMissingInAHandshakeIsMalformed(String missing) throws Exception {
    ask(1, false, Set.of(missing));
    if (missing.equals(":authority")) {
      // Nobody is asked for, as without Host.
      assertThat(client.next(1).type()).isIn(RST_STREAM, Http2Client.HEADERS);
    } else {
      assertReset(1);
    }
    assertAnotherOpens();
  }

  /** RFC 8441 §4: the pseudo-header field is for CONNECT. */
  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST", "OPTIONS"})
  void aProtocolWithAnotherMethodIsMalformed(String method) throws Exception {
    ask(1, true, Set.of(":method"), ":method", method);
    assertReset(1);
    assertAnotherOpens();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "connection|upgrade",
        "upgrade|websocket",
        "transfer-encoding|chunked",
        "http2-settings|AAMAAABkAAQAAP__",
        "host|other.example.com",
        ":protocol|websocket",
        ":method|CONNECT",
      })
  void whatIsOfHttp1OrTwiceIsMalformed(String field) throws Exception {
    int mark = field.indexOf('|');
    ask(1, false, Set.of(), field.substring(0, mark), field.substring(mark + 1));
    if (field.startsWith("http2-settings")) {
      // Of no meaning here, and none behind.
      assertThat(client.next(1).status()).isEqualTo(200);
      assertThat(upstream.request().has("http2-settings")).isFalse();
    } else {
      assertReset(1);
    }
    assertAnotherOpens();
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "0"})
  void aHandshakeWithALengthIsNone(String length) throws Exception {
    ask(1, false, Set.of(), "content-length", length);
    Frame frame = client.next(1);
    assertThat(frame.type() == RST_STREAM || frame.status() == 400).as("%s", frame).isTrue();
    assertAnotherOpens();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "8", "13, 8", "013"})
  void anotherVersionGets426(String version) throws Exception {
    ask(1, false, Set.of("sec-websocket-version"), "sec-websocket-version", version);
    Frame head = client.next(1);
    assertThat(head.status()).isEqualTo(426);
    assertThat(head.fields()).containsEntry("sec-websocket-version", "13");
    assertAnotherOpens();
  }

  /** What it would answer to its key nobody could verify. */
  @Test
  void aKeyOfTheClientsIsNotThatOfTheUpstream() throws Exception {
    ask(1, false, Set.of(), "sec-websocket-key", RawClient.KEY, "sec-websocket-accept", "x");
    assertThat(client.next(1).status()).isEqualTo(200);
    HttpHead request = upstream.request();
    assertThat(request.all("sec-websocket-key")).singleElement().isNotEqualTo(RawClient.KEY);
    assertThat(request.has("sec-websocket-accept")).isFalse();
  }

  // ---- case 3

  @ParameterizedTest
  @ValueSource(
      strings = {
        "WebSocket",
        "websocket ",
        "h2c",
        "websocket,h2c",
        "connect-udp",
        "webtransport",
        ""
      })
  void anotherProtocolIsRefusedOnItsStream(String protocol) throws Exception {
    ask(1, false, Set.of(":protocol"), ":protocol", protocol);
    Frame frame = client.next(1);
    // Tokens are compared as they are (RFC 8441 §4 refers to a registry, whose are in lower case).
    assertThat(frame.type() == RST_STREAM || frame.status() == 501).as("%s", frame).isTrue();
    assertAnotherOpens();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PRI", "TRACE"})
  void methodsThatAreForNoRouteAreRefused(String method) throws Exception {
    client.headers(
        1,
        true,
        ":method",
        method,
        ":scheme",
        "https",
        ":authority",
        "chat.example.com",
        ":path",
        "/ws");
    Frame frame = client.next(1);
    assertThat(frame.type() == RST_STREAM || frame.status() >= 400)
        .as(method.toLowerCase(Locale.ROOT) + ": %s", frame)
        .isTrue();
    assertAnotherOpens();
  }

  // ---- case 6

  /** What comes before the answer is not the beginning of anything else. */
  @Test
  void bytesBeforeARefusalReachNobody() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    try (RawUpstream refusing =
        RawUpstream.start(
            conversation -> {
              conversation.readRequest();
              asked.countDown();
              answer.await();
              assertThat(conversation.isSilentFor(100)).isTrue();
              conversation.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
              assertThat(conversation.readToEnd()).isEmpty();
            })) {
      proxy.apply(Http2RequestTest.routes(refusing));
      client.webSocket(1, "/ws");
      client.data(1, "GET /smuggled HTTP/1.1\r\nHost: chat.example.com\r\n\r\n", false);
      asked.await();
      answer.countDown();
      assertThat(client.next(1).status()).isEqualTo(403);
      assertThat(refusing.accepted()).isEqualTo(1);
      client.close();
      await().until(() -> refusing.open() == 0);
    }
  }
}
