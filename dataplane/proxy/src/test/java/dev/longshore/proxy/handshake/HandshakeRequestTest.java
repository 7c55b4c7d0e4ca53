package dev.longshore.proxy.handshake;

import static dev.longshore.proxy.testing.RawClient.ACCEPT;
import static dev.longshore.proxy.testing.RawClient.KEY;
import static dev.longshore.proxy.testing.RawClient.handshake;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases 1 to 3: what is an upgrade, what is plain HTTP, and what never passes. */
@ParameterizedClass
@EnumSource(Wire.class)
class HandshakeRequestTest {
  private static final String START = "GET /ws HTTP/1.1\r\n";
  private static final String HOST = "Host: chat.example.com\r\n";
  private static final String UPGRADE = "Upgrade: websocket\r\n";
  private static final String CONNECTION = "Connection: Upgrade\r\n";
  private static final String VERSION = "Sec-WebSocket-Version: 13\r\n";
  private static final String KEY_LINE = "Sec-WebSocket-Key: " + KEY + "\r\n";

  private final Wire wire;
  private RawUpstream upstream;
  private TestProxy proxy;
  private RawClient client;

  HandshakeRequestTest(Wire wire) {
    this.wire = wire;
  }

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
    proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
    client = proxy.connect(wire);
  }

  @AfterEach
  void stop() {
    client.close();
    proxy.close();
    upstream.close();
  }

  @Test
  void bytesPassBothWaysBehindAVerified101() throws Exception {
    client.send(handshake("/websocket?x=1"));
    HttpHead answer = client.readHead();
    assertThat(answer.status()).isEqualTo(101);
    assertThat(answer.all("upgrade")).containsExactly("websocket");
    assertThat(answer.all("connection")).containsExactly("upgrade");
    assertThat(answer.all("sec-websocket-accept")).containsExactly(ACCEPT);
    assertThat(upstream.request().target()).isEqualTo("/websocket?x=1");
    client.send("\u0081\u0085\0\0\0\0hello");
    assertThat(client.read(11)).endsWith("hello");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /ws HTTP/1.1\r\n" + HOST + UPGRADE + CONNECTION + VERSION + KEY_LINE,
        START + HOST + UPGRADE + CONNECTION + VERSION + KEY_LINE + "Content-Length: 1\r\n",
        START + HOST + UPGRADE + CONNECTION + VERSION + KEY_LINE + "Transfer-Encoding: chunked\r\n",
        START + HOST + UPGRADE + CONNECTION + VERSION,
        START + HOST + UPGRADE + CONNECTION + VERSION + KEY_LINE + KEY_LINE,
        START + HOST + UPGRADE + CONNECTION + VERSION + "Sec-WebSocket-Key: c2hvcnQ=\r\n",
        START
            + HOST
            + UPGRADE
            + CONNECTION
            + VERSION
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=!\r\n",
        START
            + HOST
            + UPGRADE
            + CONNECTION
            + VERSION
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j!Q==\r\n",
        START + UPGRADE + CONNECTION + VERSION + KEY_LINE,
        START + HOST + HOST + UPGRADE + CONNECTION + VERSION + KEY_LINE,
      })
  void aHandshakeThatIsNoneGets400AndTheConnectionEnds(String head) {
    assumeTrue(wire.isHttp1(), "of keys, hosts and methods, streams have another form");
    client.send(head + "\r\n");
    assertThat(client.readHead().status()).isEqualTo(400);
    client.readToEnd();
    assertThat(upstream.gotRequest()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Sec-WebSocket-Version: 8\r\n",
        "Sec-WebSocket-Version: 13, 8\r\n",
        VERSION + VERSION,
      })
  void anotherVersionGets426WithWhatWouldBeRight(String version) {
    client.send(START + HOST + UPGRADE + CONNECTION + KEY_LINE + version + "\r\n");
    HttpHead answer = client.readHead();
    assertThat(answer.status()).isEqualTo(426);
    assertThat(answer.all("sec-websocket-version")).containsExactly("13");
    assertThat(answer.has("upgrade")).isEqualTo(wire.isHttp1());
    assertThat(upstream.gotRequest()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        UPGRADE + CONNECTION,
        "Upgrade: WebSocket\r\nConnection: keep-alive, UPGRADE\r\n",
        "Upgrade: websocket, h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n"
            + "HTTP2-Settings: AAMAAABkAAQAAP__\r\n",
        "Upgrade: h2c\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nConnection: close\r\n",
      })
  void theUpstreamGetsExactlyOneUpgradeAndOneConnection(String lines) throws Exception {
    client.send(START + HOST + lines + VERSION + KEY_LINE + "\r\n");
    assertThat(client.readHead().status()).isEqualTo(101);
    HttpHead request = upstream.request();
    assertThat(request.start()).isEqualTo("GET /ws HTTP/1.1");
    assertThat(request.all("host")).containsExactly("chat.example.com");
    assertThat(request.all("upgrade")).containsExactly("websocket");
    assertThat(request.all("connection")).containsExactly("upgrade");
    if (wire.isHttp1()) {
      assertThat(request.all("sec-websocket-key")).containsExactly(KEY);
    } else {
      assertThat(request.all("sec-websocket-key")).singleElement().isNotEqualTo(KEY);
    }
    assertThat(request.all("sec-websocket-version")).containsExactly("13");
    assertThat(request.has("http2-settings")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        START + HOST + UPGRADE,
        START + HOST + UPGRADE + "Connection: keep-alive\r\n",
        START + HOST + CONNECTION,
        START + HOST + CONNECTION + "Upgrade: h2c\r\n",
        START
            + HOST
            + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
            + "HTTP2-Settings: AAMAAABkAAQAAP__\r\n",
        START + HOST + "Upgrade: websocket2\r\n" + CONNECTION,
        START
            + HOST
            + "TE: trailers\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\n"
            + "Proxy-Authorization: y\r\nX-Gone: 1\r\nConnection: te, x-gone\r\n",
        "GET /ws HTTP/1.0\r\n" + HOST + UPGRADE + CONNECTION,
      })
  void withoutBothTokensItIsPlainHttpWithoutHopByHopFields(String head) throws Exception {
    client.send(head + VERSION + KEY_LINE + "\r\n");
    HttpHead answer = client.readHead();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(client.readBody(answer)).isEqualTo("plain");
    HttpHead request = upstream.request();
    for (String name :
        new String[] {
          "upgrade",
          "connection",
          "http2-settings",
          "te",
          "keep-alive",
          "proxy-connection",
          "proxy-authorization",
          "x-gone"
        }) {
      assertThat(request.has(name)).as(name).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "PRI * HTTP/1.1\r\n" + HOST + "\r\n",
        "CONNECT chat.example.com:443 HTTP/1.1\r\n" + HOST + "\r\n",
        "CONNECT /ws HTTP/1.1\r\n" + HOST + UPGRADE + CONNECTION + VERSION + KEY_LINE + "\r\n",
        "TRACE /ws HTTP/1.1\r\n" + HOST + "\r\n",
      })
  void whatIsNotForARouteIsRefusedAndTheConnectionEnds(String request) {
    assumeTrue(wire.isHttp1(), "there only the stream ends");
    client.send(request + "GET /next HTTP/1.1\r\n" + HOST + "\r\n");
    HttpHead answer = client.readHead();
    assertThat(answer.status()).isIn(400, 501);
    client.readBody(answer);
    assertThat(client.readToEnd()).isEmpty();
    assertThat(upstream.gotRequest()).isFalse();
  }
}
