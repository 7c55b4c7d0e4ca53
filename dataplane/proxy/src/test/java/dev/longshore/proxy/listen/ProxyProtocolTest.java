package dev.longshore.proxy.listen;

import static dev.longshore.proxy.testing.RawClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.Settings.ProxyProtocol;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import dev.longshore.proxy.testing.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The PROXY protocol where it is on, and then required. Off: FramingTest. */
class ProxyProtocolTest {
  private static final String V2 = "\r\n\r\n\0\r\nQUIT\n";

  private RawUpstream upstream;
  private TestProxy proxy;
  private RawClient client;

  @BeforeEach
  void start() {
    upstream = RawUpstream.answering("ok");
    proxy =
        TestProxy.start(
            new TestRoutes()
                .settings(
                    new TestSettings()
                        .proxyProtocolFrom("127.0.0.0/8")
                        .trusting("127.0.0.0/8", "198.51.100.0/24")
                        .headWithin(Duration.ofSeconds(2))
                        .build())
                .all()
                .to(upstream.address()));
    client = proxy.connect(Wire.PLAIN);
  }

  private void believing(String... ranges) {
    proxy.apply(
        new TestRoutes()
            .settings(new TestSettings().proxyProtocolFrom(ranges).build())
            .all()
            .to(upstream.address()));
  }

  private void counted(String outcome, int times) {
    String name = "longshore_proxy_protocol_headers_total{outcome=\"" + outcome + "\"}";
    await().untilAsserted(() -> assertThat(proxy.metric(name)).isEqualTo(times));
  }

  @AfterEach
  void stop() {
    client.close();
    proxy.close();
    upstream.close();
  }

  private HttpHead request(String proxyHeader) throws Exception {
    client.send(proxyHeader + get("/"));
    assertThat(client.readHead().status()).isEqualTo(200);
    return upstream.request();
  }

  @Test
  void version1GivesTheClient() throws Exception {
    HttpHead request = request("PROXY TCP4 192.0.2.1 192.0.2.2 4711 443\r\n");
    assertThat(request.all("x-forwarded-for")).containsExactly("192.0.2.1");
    assertThat(request.all("x-forwarded-port")).containsExactly("443");
  }

  @Test
  void version1WithIpv6() throws Exception {
    HttpHead request = request("PROXY TCP6 2001:db8::1 2001:db8::2 4711 443\r\n");
    assertThat(request.all("x-real-ip")).containsExactly("2001:db8::1");
    assertThat(request.first("forwarded")).startsWith("for=\"[2001:db8::1]\"");
  }

  @Test
  void version2GivesTheClient() throws Exception {
    HttpHead request =
        request(V2 + "!\u0011\0\u000c\u00c0\0\u0002\u0001\u00c0\0\u0002\u0002\u0010\0\1\u00bb");
    assertThat(request.all("x-forwarded-for")).containsExactly("192.0.2.1");
    assertThat(request.all("x-forwarded-port")).containsExactly("443");
  }

  @Test
  void version2TellsWhetherTheClientSpeaksTls() throws Exception {
    String addresses = "\u00c0\0\u0002\u0001\u00c0\0\u0002\u0002\u0010\0\1\u00bb";
    HttpHead request = request(V2 + "!\u0011\0\u0014" + addresses + " \0\5\1\0\0\0\0");
    assertThat(request.all("x-forwarded-proto")).containsExactly("https");
    assertThat(request.first("forwarded")).contains("proto=https");
  }

  @Test
  void theBalancersOwnConnectionSpeaksForItself() throws Exception {
    HttpHead request = request(V2 + " \0\0\0");
    assertThat(request.all("x-forwarded-for")).containsExactly("127.0.0.1");
  }

  @Test
  void aConnectionWithoutOneIsClosed() {
    client.send(get("/"));
    assertThat(client.readToEnd()).isEmpty();
    assertThat(upstream.gotRequest()).isFalse();
  }

  @Test
  void aConnectionThatDoesNotGetToItIsClosed() {
    client.send("PROXY TCP4 192.0.2.1");
    assertThat(client.readToEnd()).isEmpty();
  }

  @Test
  void whoIsInNoneOfTheRangesIsClosedUnread() throws Exception {
    await().until(() -> proxy.metric("longshore_connections_open") == 1);
    believing("192.0.2.0/24", "2001:db8::/32");
    try (RawClient stranger = proxy.connect(Wire.PLAIN)) {
      stranger.send("PROXY TCP4 192.0.2.1 192.0.2.2 4711 443\r\n" + get("/"));
      assertThat(stranger.readToEnd()).isEmpty();
    }
    assertThat(upstream.gotRequest()).isFalse();
    counted("untrusted", 1);
    // Who was let in stays: it is a balancer's connection, of which the header is still to come.
    assertThat(request("PROXY TCP4 192.0.2.1 192.0.2.2 4711 443\r\n").all("x-real-ip"))
        .containsExactly("192.0.2.1");
    counted("accepted", 1);
  }

  @Test
  void withoutRangesNobodyIsBelieved() throws Exception {
    // It was accepted before, then.
    request("PROXY TCP4 192.0.2.1 192.0.2.2 4711 443\r\n");
    believing();
    try (RawClient stranger = proxy.connect(Wire.PLAIN)) {
      assertThat(stranger.readToEnd()).isEmpty();
    }
    counted("untrusted", 1);
  }

  /** What older operators mean, which know of no ranges. */
  @Test
  void whereNoRangesAreKnownEverybodyIsBelieved() throws Exception {
    proxy.apply(
        new TestRoutes()
            .settings(new TestSettings().proxyProtocol(ProxyProtocol.REQUIRED).build())
            .all()
            .to(upstream.address()));
    assertThat(request("PROXY TCP4 192.0.2.1 192.0.2.2 4711 443\r\n").all("x-real-ip"))
        .containsExactly("192.0.2.1");
  }

  /** The balancer is a trusted proxy too, and that says nothing of its clients. */
  @Test
  void forwardingHeadersOfABalancersClientAreNotBelieved() throws Exception {
    client.send(
        "PROXY TCP4 192.0.2.1 192.0.2.2 4711 443\r\n"
            + get("/", "X-Forwarded-For: 203.0.113.9\r\n", "X-Forwarded-Proto: https\r\n"));
    assertThat(client.readHead().status()).isEqualTo(200);
    HttpHead request = upstream.request();
    assertThat(request.all("x-forwarded-for")).containsExactly("192.0.2.1");
    assertThat(request.all("x-forwarded-proto")).containsExactly("http");
  }

  @Test
  void aTrustedProxyBeforeTheBalancerIsBelieved() throws Exception {
    client.send(
        "PROXY TCP4 198.51.100.7 192.0.2.2 4711 443\r\n"
            + get("/", "X-Forwarded-For: 203.0.113.9\r\n"));
    assertThat(client.readHead().status()).isEqualTo(200);
    assertThat(upstream.request().all("x-real-ip")).containsExactly("203.0.113.9");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PROXY UNKNOWN\r\n",
        "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n",
        V2 + " \0\0\0",
        V2 + "!\0\0\0",
        // LOCAL with addresses, which have to be ignored.
        V2 + " \u0011\0\u000c\u00c0\0\u0002\u0001\u00c0\0\u0002\u0002\u0010\0\1\u00bb"
      })
  void whoIsNotNamedIsNotBelievedAsTheBalancerIs(String header) throws Exception {
    client.send(header + get("/", "X-Forwarded-For: 203.0.113.9\r\n"));
    assertThat(client.readHead().status()).isEqualTo(200);
    assertThat(upstream.request().all("x-forwarded-for")).containsExactly("127.0.0.1");
  }

  @Test
  void aUnixSocketIsNoAddress() throws Exception {
    String header =
        V2 + "!1\0\u00d8/run/client" + "\0".repeat(97) + "/run/server" + "\0".repeat(97);
    assertThat(request(header).all("x-forwarded-for")).containsExactly("127.0.0.1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PROXY TCP4 192.0.2.1 192.0.2.2 4711\r\n",
        "PROXY TCP4 192.0.2.256 192.0.2.2 4711 443\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 4711 65536\r\n",
        "PROXY TCP4 2001:db8::1 192.0.2.2 4711 443\r\n",
        "PROXY TCP6 192.0.2.1 192.0.2.2 4711 443\r\n",
        "PROXY UDP4 192.0.2.1 192.0.2.2 4711 443\r\n",
        "PROXY\r\nPROXY TCP4 192.0.2.1 192.0.2.2 4711 443\r\n",
        "PROXY  TCP4 192.0.2.1 192.0.2.2 4711 443\r\n",
        "proxy TCP4 192.0.2.1 192.0.2.2 4711 443\r\n",
        " PROXY TCP4 192.0.2.1 192.0.2.2 4711 443\r\n",
        // A version 3, a command 2, a family 5, and addresses that are cut off by the length.
        V2 + "1\u0011\0\u000c\u00c0\0\u0002\u0001\u00c0\0\u0002\u0002\u0010\0\1\u00bb",
        V2 + "\"\u0011\0\u000c\u00c0\0\u0002\u0001\u00c0\0\u0002\u0002\u0010\0\1\u00bb",
        V2 + "!Q\0\u000c\u00c0\0\u0002\u0001\u00c0\0\u0002\u0002\u0010\0\1\u00bb",
        V2 + "!\u0011\0\u0004\u00c0\0\u0002\u0001",
        V2 + "!1\0\u000c\u00c0\0\u0002\u0001\u00c0\0\u0002\u0002\u0010\0\1\u00bb"
      })
  void whatCanNotBeReadIsClosed(String header) {
    client.send(header + get("/"));
    assertThat(client.readToEnd()).isEmpty();
    assertThat(upstream.gotRequest()).isFalse();
    counted("malformed", 1);
  }

  @Test
  void whatFollowsTheAddressesIsIgnored() throws Exception {
    // NOOP, AUTHORITY, and SSL with what it encapsulates.
    String tlvs = "\4\0\1x" + "\2\0\1a" + "\u0020\0\u000b\1\0\0\0\0" + "\u0021\0\3TLS";
    assertThat(request(v2(tlvs)).all("x-real-ip")).containsExactly("192.0.2.1");
  }

  /** Neither served nor leaked, whatever the lengths inside say. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\2\u00ff\u00ffx",
        "\2\0\2x",
        "\u0020\0\4\1\0\0\0",
        "\u0020\0\u0009\1\0\0\0\0\u0021\u00ff\u00ffT",
        "\2\0\1a\u0020\0\u0009\1\0\0\0\0\u0020\0\1T",
        "\2\0\1a\2\0\1b\2\0\u0009c"
      })
  void lengthsThatLieLeakNothing(String tlvs) {
    for (int i = 0; i < 20; i++) {
      try (RawClient each = proxy.connect(Wire.PLAIN)) {
        each.send(v2(tlvs));
        assertThat(each.readToEnd()).isEmpty();
      }
    }
    assertThat(upstream.gotRequest()).isFalse();
  }

  @Test
  void aHeaderThatIsTooLongIsCutWithoutBeingKept() {
    client.send(V2 + "!\u0011\u00ff\u00ff" + "x".repeat(2000));
    assertThat(client.readToEnd()).isEmpty();
    counted("malformed", 1);
  }

  @Test
  void aHeaderMayComeByteByByte() throws Exception {
    for (char each : "PROXY TCP4 192.0.2.1 192.0.2.2 4711 443\r\n".toCharArray()) {
      client.send(String.valueOf(each));
    }
    assertThat(request("").all("x-real-ip")).containsExactly("192.0.2.1");
  }

  @Test
  void whoWaitsIsGoneWithTheListeners() {
    List<RawClient> waiting = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      RawClient each = proxy.connect(Wire.PLAIN);
      each.send("PROXY TCP4 ");
      waiting.add(each);
    }
    proxy.close();
    waiting.forEach(
        each -> {
          assertThat(each.readToEnd()).isEmpty();
          each.close();
        });
  }

  private static String v2(String tlvs) {
    return V2
        + "!\u0011\0"
        + (char) (12 + tlvs.length())
        + "\u00c0\0\u0002\u0001\u00c0\0\u0002\u0002\u0010\0\1\u00bb"
        + tlvs;
  }
}
