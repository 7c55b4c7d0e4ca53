package dev.longshore.proxy.jwt;

import static dev.longshore.proxy.testing.RawClient.get;
import static dev.longshore.proxy.testing.RawClient.handshake;
import static dev.longshore.proxy.testing.RawClient.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JWSAlgorithm;
import dev.longshore.contract.policy.AllowedSubprotocols;
import dev.longshore.contract.policy.JwtAuth.RequiredClaim;
import dev.longshore.contract.policy.JwtAuth.TokenSource;
import dev.longshore.contract.policy.JwtAuth.TokenSource.Type;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tokens over real sockets: where they stand, what the upstream sees, and how they end. */
@Timeout(60)
class JwtTest {
  private static final Issuer ISSUER = new Issuer();
  private static final TokenSource HEADER = new TokenSource(Type.HEADER, "authorization");
  private static final TokenSource COOKIE = new TokenSource(Type.COOKIE, "session");
  private static final TokenSource QUERY = new TokenSource(Type.QUERY, "access_token");
  private static final TokenSource OFFER = new TokenSource(Type.SUBPROTOCOL, "bearer");

  private final RawUpstream echo = RawUpstream.start(RawUpstream.ECHO);

  @AfterEach
  void stop() {
    echo.close();
  }

  private static TestRoutes routes(RawUpstream to, TokenSource... from) {
    return new TestRoutes()
        .all()
        .policy(new TestPolicy().with(ISSUER.auth(from)).build())
        .to(to.address());
  }

  private static String good() {
    return ISSUER.token(Instant.now().plusSeconds(600));
  }

  @Test
  void whoHasNoneIsToldWhatIsWanted() throws Exception {
    try (TestProxy proxy = TestProxy.start(routes(echo, HEADER))) {
      for (String request :
          List.of(
              get("/"),
              handshake("/"),
              get("/", "Authorization: Basic YTpi\r\n"),
              get("/?access_token=" + good()),
              get("/", "Authorization: Bearer " + good() + "\r\nAuthorization: Bearer x\r\n"))) {
        try (RawClient client = proxy.connect(Wire.PLAIN)) {
          HttpHead answer = client.send(request).readHead();
          assertThat(answer.status()).isEqualTo(401);
          assertThat(answer.first("www-authenticate")).isEqualTo("Bearer");
        }
      }
      try (RawClient client = proxy.connect(Wire.PLAIN)) {
        HttpHead answer = client.send(handshake("/", "Authorization: Bearer a.b.c\r\n")).readHead();
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.first("www-authenticate")).isEqualTo("Bearer error=\"invalid_token\"");
      }
      assertThat(echo.accepted()).isZero();
    }
  }

  @Test
  void theUpstreamIsToldWhoItIsAndNobodyCanSayItForIt() throws Exception {
    try (RawUpstream app = RawUpstream.answering("ok");
        TestProxy proxy = TestProxy.start(routes(app, HEADER));
        RawClient client = proxy.connect(Wire.PLAIN)) {
      client.send(
          get("/", "Authorization: bearer " + good() + "\r\nX-User: root\r\nX_User: root\r\n"));
      assertThat(client.readHead().status()).isEqualTo(200);
      HttpHead passed = app.request();
      assertThat(passed.all("x-user")).containsExactly("jane");
      assertThat(passed.has("x_user")).isFalse();
      assertThat(passed.has("authorization")).isTrue();
    }
  }

  @Test
  void aTokenOfAQueryGoesNoFurther() throws Exception {
    String token = good();
    try (RawUpstream app = RawUpstream.answering("ok");
        TestProxy proxy = TestProxy.start(routes(app, QUERY, HEADER))) {
      for (String target :
          List.of(
              "/a?x=1&access_token=" + token + "&y=%26",
              "/a?x=1&access%5Ftoken=" + token + "&y=%26")) {
        try (RawClient client = proxy.connect(Wire.PLAIN)) {
          client.send(get(target));
          assertThat(client.readHead().status()).isEqualTo(200);
          assertThat(app.request().start()).isEqualTo("GET /a?x=1&y=%26 HTTP/1.1");
        }
      }
      try (RawClient client = proxy.connect(Wire.PLAIN)) {
        client.send(get("/a?access_token=" + token));
        assertThat(client.readHead().status()).isEqualTo(200);
        assertThat(app.request().start()).isEqualTo("GET /a HTTP/1.1");
      }
      // One in the place that comes first doesn't let the other through.
      try (RawClient client = proxy.connect(Wire.PLAIN)) {
        client.send(
            get("/a?access_token=x&access_token=y", "Authorization: Bearer " + token + "\r\n"));
        assertThat(client.readHead().status()).isEqualTo(200);
        assertThat(app.request().start()).isEqualTo("GET /a HTTP/1.1");
      }
      assertShownNowhere(proxy, token);
    }
  }

  @Test
  void aTokenOfACookieIsOne() throws Exception {
    try (TestProxy proxy = TestProxy.start(routes(echo, COOKIE));
        RawClient client = proxy.connect(Wire.PLAIN)) {
      client.send(handshake("/", "Cookie: a=b; session=" + good() + "\r\n"));
      assertThat(client.readHead().status()).isEqualTo(101);
    }
  }

  @Test
  void aTokenAmongSubprotocolsGoesNeitherUpNorBack() throws Exception {
    String token = good();
    try (TestProxy proxy = TestProxy.start(routes(echo, OFFER))) {
      try (RawClient client = proxy.connect(Wire.PLAIN)) {
        client.send(handshake("/", "Sec-WebSocket-Protocol: chat, bearer, " + token + "\r\n"));
        HttpHead answer = client.readHead();
        assertThat(answer.status()).isEqualTo(101);
        assertThat(answer.all("sec-websocket-protocol")).doesNotContain(token);
        assertThat(echo.request().all("sec-websocket-protocol")).containsExactly("chat");
      }
      // Who offers nothing else is answered with the one that is no secret: browsers want one.
      try (RawClient client = proxy.connect(Wire.PLAIN)) {
        client.send(handshake("/", "Sec-WebSocket-Protocol: bearer, " + token + "\r\n"));
        HttpHead answer = client.readHead();
        assertThat(answer.status()).isEqualTo(101);
        assertThat(answer.all("sec-websocket-protocol")).containsExactly("bearer");
        assertThat(echo.request().has("sec-websocket-protocol")).isFalse();
      }
      assertShownNowhere(proxy, token);
    }
  }

  @Test
  void aTokenIsNoSubprotocolThatHasToBeAllowed() throws Exception {
    TestRoutes routes =
        new TestRoutes()
            .all()
            .policy(
                new TestPolicy()
                    .with(ISSUER.auth(OFFER))
                    .with(new AllowedSubprotocols(List.of("chat")))
                    .build())
            .to(echo.address());
    try (TestProxy proxy = TestProxy.start(routes)) {
      try (RawClient client = proxy.connect(Wire.PLAIN)) {
        client.send(handshake("/", "Sec-WebSocket-Protocol: bearer, " + good() + ", chat\r\n"));
        assertThat(client.readHead().status()).isEqualTo(101);
        assertThat(echo.request().all("sec-websocket-protocol")).containsExactly("chat");
      }
      try (RawClient client = proxy.connect(Wire.PLAIN)) {
        client.send(handshake("/", "Sec-WebSocket-Protocol: bearer, " + good() + "\r\n"));
        assertThat(client.readHead().status()).isEqualTo(101);
      }
      try (RawClient client = proxy.connect(Wire.PLAIN)) {
        client.send(handshake("/", "Sec-WebSocket-Protocol: bearer, " + good() + ", x\r\n"));
        assertThat(client.readHead().status()).isEqualTo(400);
      }
    }
  }

  @Test
  void whatItDoesntSayIs403() throws Exception {
    TestRoutes routes =
        new TestRoutes()
            .all()
            .policy(
                new TestPolicy()
                    .with(
                        Issuer.requiring(
                            ISSUER.auth(HEADER), new RequiredClaim("scope", List.of("chat"))))
                    .build())
            .to(echo.address());
    try (TestProxy proxy = TestProxy.start(routes);
        RawClient client = proxy.connect(Wire.PLAIN)) {
      HttpHead answer =
          client.send(handshake("/", "Authorization: Bearer " + good() + "\r\n")).readHead();
      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.first("www-authenticate")).contains("insufficient_scope");
    }
  }

  @Test
  void aTunnelEndsWithItsToken() throws Exception {
    MockTicker clock = Ticker.newMockTicker();
    Instant expiry = Instant.now().plusSeconds(120);
    String token = ISSUER.signed(Issuer.header(JWSAlgorithm.RS256), Issuer.claims(expiry).build());
    try (TestProxy proxy = TestProxy.start(routes(echo, HEADER), 1, clock);
        RawClient client = proxy.connect(Wire.PLAIN)) {
      client.send(handshake("/", "Authorization: Bearer " + token + "\r\n"));
      assertThat(client.readHead().status()).isEqualTo(101);
      // Of the other clock some moments have passed meanwhile, of this one none.
      clock.advance(50, TimeUnit.SECONDS);
      client.send(message("a"));
      assertThat(client.read(message("a").length())).isEqualTo(message("a"));
      await()
          .until(
              () -> {
                clock.advance(10, TimeUnit.SECONDS);
                return proxy.metric("longshore_tunnels_ended_total{reason=\"expired\"}") == 1;
              });
      assertThat(client.read(4)).as("Close 1008").isEqualTo("\u0088\u0002\u0003\u00f0");
    }
  }

  private static void assertShownNowhere(TestProxy proxy, String token) throws Exception {
    assertThat(proxy.accessLog()).doesNotContain(token);
    for (String page : List.of("/config", "/connections", "/metrics")) {
      assertThat(proxy.page(page)).doesNotContain(token);
    }
  }
}
