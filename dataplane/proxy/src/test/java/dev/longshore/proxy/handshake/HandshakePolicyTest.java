package dev.longshore.proxy.handshake;

import static dev.longshore.proxy.testing.RawClient.get;
import static dev.longshore.proxy.testing.RawClient.handshake;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.policy.UpgradeMode;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import dev.longshore.proxy.testing.Wire;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a route's policy does to handshakes. */
@ParameterizedClass
@EnumSource(Wire.class)
class HandshakePolicyTest {
  private final Wire wire;
  private RawUpstream upstream;

  HandshakePolicyTest(Wire wire) {
    this.wire = wire;
  }

  @BeforeEach
  void start() {
    upstream =
        RawUpstream.start(
            conversation -> {
              conversation.acceptWebSocket();
              conversation.echo();
            });
  }

  @AfterEach
  void stop() {
    upstream.close();
  }

  private int status(TestPolicy policy, String request) {
    try (TestProxy proxy =
            TestProxy.start(new TestRoutes().all().policy(policy.build()).to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(request);
      return client.readHead().status();
    }
  }

  @Test
  void originsThatAreNotListedGet403() {
    TestPolicy policy =
        new TestPolicy().origins("https://chat.example.com", "https://*.example.org");
    assertThat(status(policy, handshake("/", "Origin: https://chat.example.com\r\n")))
        .isEqualTo(101);
    assertThat(status(policy, handshake("/", "Origin: https://a.example.org\r\n"))).isEqualTo(101);
    assertThat(status(policy, handshake("/"))).as("not a browser").isEqualTo(101);
    assertThat(status(policy, handshake("/", "Origin: null\r\n"))).isEqualTo(403);
    assertThat(status(policy, handshake("/", "Origin: https://evil.example\r\n"))).isEqualTo(403);
    assertThat(status(policy, handshake("/", "Origin: http://chat.example.com\r\n")))
        .isEqualTo(403);
    assertThat(
            status(
                policy,
                handshake(
                    "/",
                    "Origin: https://chat.example.com\r\n",
                    "Origin: https://evil.example\r\n")))
        .isEqualTo(403);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, https://partner.example, '', 200",
    "GET, '', '', 200",
    "GET, https://evil.example, '', 403",
    "GET, 'null', '', 403",
    "GET, 'null', cross-site, 403",
    "POST, 'null', same-origin, 200",
    "POST, SAME://chat.example.com, '', 200",
    "POST, SAME://chat.example.com:PORT, '', 200",
    "POST, OTHER://chat.example.com, '', 403",
    "POST, SAME://chat.example.com:8080, '', 403",
    "POST, SAME://chat.example.com.evil.example, '', 403",
    "POST, SAME://*.example.com, '', 403",
    "OPTIONS, https://evil.example, '', 403",
    "OPTIONS, https://partner.example, '', 200",
  })
  void originsAreAskedOfPlainRequestsToo(String method, String origin, String site, int status) {
    String tls = wire.scheme();
    String field =
        origin
            .replace("SAME", tls)
            .replace("OTHER", tls.equals("http") ? "https" : "http")
            .replace("PORT", tls.equals("http") ? "80" : "443");
    try (RawUpstream answering = RawUpstream.answering("ok");
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .all()
                    .policy(new TestPolicy().origins("https://partner.example").build())
                    .to(answering.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(
          method
              + " /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: chat.example.com\r\n"
              + "Access-Control-Request-Method: POST\r\n"
              + (field.isEmpty() ? "" : "Origin: " + field + "\r\n")
              + (site.isEmpty() ? "" : "Sec-Fetch-Site: " + site + "\r\n")
              + "\r\n");
      assertThat(client.readHead().status()).isEqualTo(status);
    }
  }

  @Test
  void theOriginOfAPageBehindATrustedProxyIsTheOneThatItsBrowserShows() {
    try (RawUpstream answering = RawUpstream.answering("ok");
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .settings(new TestSettings().trusting("127.0.0.0/8").build())
                    .all()
                    .policy(new TestPolicy().origins("https://partner.example").build())
                    .to(answering.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(
          RawClient.get(
              "/",
              "Origin: https://www.example.com:8443\r\n",
              "X-Forwarded-Host: www.example.com:8443\r\n",
              "X-Forwarded-Proto: https\r\n"));
      assertThat(client.readHead().status()).isEqualTo(200);
    }
  }

  @Test
  void upgradeModes() {
    assertThat(status(new TestPolicy().with(UpgradeMode.DENY), handshake("/"))).isEqualTo(403);
    assertThat(status(new TestPolicy().with(UpgradeMode.REQUIRE), get("/"))).isEqualTo(426);
    assertThat(status(new TestPolicy().with(UpgradeMode.REQUIRE), handshake("/"))).isEqualTo(101);
  }

  @Test
  void addressesThatAreNotAdmittedGet403() {
    assertThat(status(new TestPolicy().allow("10.0.0.0/8"), handshake("/"))).isEqualTo(403);
    assertThat(status(new TestPolicy().allow("10.0.0.0/8"), get("/"))).isEqualTo(403);
    assertThat(status(new TestPolicy().allow("127.0.0.0/8"), handshake("/"))).isEqualTo(101);
    assertThat(status(new TestPolicy().allow("127.0.0.0/8").deny("127.0.0.1/32"), handshake("/")))
        .isEqualTo(403);
  }

  @Test
  void anUntrustedForwardedForDoesNotOpenTheAccessList() {
    assertThat(
            status(
                new TestPolicy().allow("10.0.0.0/8"),
                handshake("/", "X-Forwarded-For: 10.0.0.1\r\n")))
        .isEqualTo(403);
  }

  @Test
  void offeredSubprotocolsAreReducedToTheAllowedOnes() throws Exception {
    TestPolicy policy = new TestPolicy().subprotocols("chat", "graphql-transport-ws");
    assertThat(status(policy, handshake("/"))).as("none offered").isEqualTo(101);
    upstream.request();
    assertThat(status(policy, handshake("/", "Sec-WebSocket-Protocol: other, Chat\r\n")))
        .isEqualTo(400);
    assertThat(
            status(
                policy,
                handshake(
                    "/",
                    "Sec-WebSocket-Protocol: other, graphql-transport-ws\r\n",
                    "Sec-WebSocket-Protocol: chat\r\n")))
        .isEqualTo(101);
    HttpHead request = upstream.request();
    assertThat(request.all("sec-websocket-protocol")).containsExactly("graphql-transport-ws, chat");
  }
}
