package dev.longshore.proxy.extauth;

import static dev.longshore.proxy.testing.RawClient.get;
import static dev.longshore.proxy.testing.RawClient.handshake;
import static dev.longshore.proxy.testing.RawClient.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.PoolKey;
import dev.longshore.contract.Settings.Http2;
import dev.longshore.contract.policy.ExternalAuth;
import dev.longshore.contract.policy.ExternalAuth.Source;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.Http2Client;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import dev.longshore.proxy.testing.Wire;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A service that is asked, over real sockets: what it hears, and what becomes of what it says. */
@Timeout(60)
class ExternalAuthTest {
  private static final String SECRET = "s3cr3t-c00kie";
  private static final String OK = "HTTP/1.1 200 OK\r\nX-User: jane\r\nContent-Length: 0\r\n\r\n";
  private static final String NO = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";

  /** What the service says; null: nothing. */
  private final AtomicReference<@Nullable String> says = new AtomicReference<>(OK);

  private final RawUpstream service =
      RawUpstream.start(
          conversation -> {
            conversation.readRequest();
            String answer = says.get();
            if (answer != null) {
              conversation.send(answer);
            }
            conversation.readToEnd();
          });
  private final RawUpstream upstream = RawUpstream.start(RawUpstream.ECHO);

  @AfterEach
  void stop() {
    service.close();
    upstream.close();
  }

  private static ExternalAuth auth(
      PoolKey service, boolean failOpen, Duration ttl, Duration recheck) {
    return new ExternalAuth(
        service,
        "auth.demo.svc",
        "/check",
        Duration.ofSeconds(2),
        List.of("cookie"),
        List.of("x-user"),
        failOpen,
        ttl.isPositive() ? List.of(new Source(Source.Type.COOKIE, "sid")) : List.of(),
        ttl,
        recheck,
        recheck);
  }

  private TestRoutes routes(boolean failOpen, Duration ttl, Duration recheck, RawUpstream to) {
    TestRoutes routes =
        new TestRoutes().settings(new TestSettings().http2(new Http2(true, true, 10)).build());
    PoolKey pool = routes.pool("auth", null, service.address());
    return routes
        .all()
        .policy(new TestPolicy().with(auth(pool, failOpen, ttl, recheck)).build())
        .to(to.address());
  }

  private TestRoutes plain() {
    return routes(false, Duration.ZERO, Duration.ZERO, upstream);
  }

  @Test
  void theServiceHearsOfTheRequestAndTheUpstreamOfTheService() throws Exception {
    try (RawUpstream app = RawUpstream.answering("ok");
        TestProxy proxy = TestProxy.start(routes(false, Duration.ZERO, Duration.ZERO, app));
        RawClient client = proxy.connect(Wire.TLS)) {
      client.send(
          "POST /a?b=c HTTP/1.1\r\nHost: chat.example.com\r\nCookie: sid="
              + SECRET
              + "\r\nX-User: root\r\nX_User: root\r\nX-Original-URL: http://evil\r\n"
              + "Authorization: Bearer nobody-asked\r\nContent-Length: 4\r\n\r\nbody");
      HttpHead answer = client.readHead();
      assertThat(answer.status()).isEqualTo(200);
      HttpHead asked = service.request();
      assertThat(asked.start()).isEqualTo("GET /check HTTP/1.1");
      assertThat(asked.all("host")).containsExactly("auth.demo.svc");
      assertThat(asked.all("x-original-url")).containsExactly("https://chat.example.com/a?b=c");
      assertThat(asked.all("x-original-method")).containsExactly("POST");
      assertThat(asked.all("x-forwarded-method")).containsExactly("POST");
      assertThat(asked.all("x-forwarded-proto")).containsExactly("https");
      assertThat(asked.all("x-forwarded-host")).containsExactly("chat.example.com");
      assertThat(asked.all("x-forwarded-uri")).containsExactly("/a?b=c");
      assertThat(asked.all("x-forwarded-for")).containsExactly("127.0.0.1");
      assertThat(asked.all("cookie")).containsExactly("sid=" + SECRET);
      assertThat(asked.has("authorization")).as("only what is chosen").isFalse();
      assertThat(asked.has("content-length")).as("the head only").isFalse();
      HttpHead passed = app.request();
      assertThat(passed.all("x-user")).containsExactly("jane");
      assertThat(passed.has("x_user")).isFalse();
      assertThat(proxy.accessLog()).doesNotContain(SECRET);
      for (String page : List.of("/config", "/connections", "/metrics")) {
        assertThat(proxy.page(page)).doesNotContain(SECRET);
      }
    }
  }

  @Test
  void aClientCantSendWhatTheServiceDoesntSay() throws Exception {
    says.set("HTTP/1.1 204 No Content\r\n\r\n");
    try (RawUpstream app = RawUpstream.answering("ok");
        TestProxy proxy = TestProxy.start(routes(false, Duration.ZERO, Duration.ZERO, app));
        RawClient client = proxy.connect(Wire.PLAIN)) {
      assertThat(client.send(get("/", "X-User: root\r\n")).readHead().status()).isEqualTo(200);
      assertThat(app.request().has("x-user")).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "401 Unauthorized|WWW-Authenticate: Basic realm=\"x\"|401",
        "403 Forbidden|Set-Cookie: a=b|403",
        "302 Found|Location: https://id.example.com/?rd=%2F|302",
        "302 Found|X-Other: y|503",
        "500 Internal Server Error|Set-Cookie: a=b|503",
        "404 Not Found|X-Other: y|503",
      })
  void whatTheServiceRefusesIsRefused(String status, String field, int answered) throws Exception {
    says.set("HTTP/1.1 " + status + "\r\n" + field + "\r\nX-Leak: 1\r\nContent-Length: 0\r\n\r\n");
    String name = field.substring(0, field.indexOf(':'));
    try (TestProxy proxy = TestProxy.start(plain())) {
      for (String request : List.of(get("/a"), handshake("/a"))) {
        try (RawClient client = proxy.connect(Wire.PLAIN)) {
          HttpHead answer = client.send(request).readHead();
          assertThat(answer.status()).isEqualTo(answered);
          assertThat(answer.has(name)).isEqualTo(answered != 503);
          assertThat(answer.has("x-leak")).isFalse();
        }
      }
      try (Http2Client client = Http2Client.clear(proxy)) {
        assertThat(client.get(1, "/a").answer(1).status()).isEqualTo(answered);
      }
      assertThat(upstream.accepted()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"false, 503", "true, 101"})
  void whoCantBeAskedLetsNobodyInUnlessItIsSaid(boolean failOpen, int answered) throws Exception {
    says.set(null);
    MockTicker clock = Ticker.newMockTicker();
    TestRoutes routes = routes(failOpen, Duration.ZERO, Duration.ZERO, upstream);
    try (TestProxy proxy = TestProxy.start(routes, 1, clock);
        RawClient client = proxy.connect(Wire.PLAIN)) {
      client.send(handshake("/"));
      assertThat(service.request().start()).startsWith("GET");
      clock.advance(3, TimeUnit.SECONDS);
      assertThat(client.readHead().status()).isEqualTo(answered);
      service.close();
      try (RawClient other = proxy.connect(Wire.PLAIN)) {
        assertThat(other.send(handshake("/")).readHead().status()).isEqualTo(answered);
      }
    }
  }

  @Test
  void aGoodAnswerIsKeptForItsTimeAndItsKey() throws Exception {
    MockTicker clock = Ticker.newMockTicker();
    try (RawUpstream app = RawUpstream.answering("ok");
        TestProxy proxy =
            TestProxy.start(routes(false, Duration.ofSeconds(30), Duration.ZERO, app), 1, clock);
        RawClient client = proxy.connect(Wire.PLAIN)) {
      ask(client, get("/", "Cookie: sid=1\r\n"), 200);
      says.set(NO);
      ask(client, get("/", "Cookie: sid=1\r\n"), 200);
      assertThat(app.request().first("x-user")).isEqualTo("jane");
      assertThat(app.request().first("x-user")).as("what is kept, too").isEqualTo("jane");
      ask(client, get("/", "Cookie: sid=2\r\n"), 403);
      ask(client, get("/other", "Cookie: sid=1\r\n"), 403);
      ask(client, get("/"), 403);
      assertThat(proxy.metric("longshore_external_auth_total{outcome=\"cached\"}")).isEqualTo(1);
      clock.advance(31, TimeUnit.SECONDS);
      ask(client, get("/", "Cookie: sid=1\r\n"), 403);
    }
  }

  private static void ask(RawClient client, String request, int status) {
    HttpHead answer = client.send(request).readHead();
    assertThat(answer.status()).isEqualTo(status);
    client.readBody(answer);
  }

  /** The tunnel is there, and its event loop has done all that comes before. */
  private static void echo(RawClient client) {
    client.send(message("a"));
    assertThat(client.read(message("a").length())).isEqualTo(message("a"));
  }

  @Test
  void aTunnelThatIsRefusedLaterIsClosed() throws Exception {
    MockTicker clock = Ticker.newMockTicker();
    try (TestProxy proxy =
            TestProxy.start(
                routes(false, Duration.ZERO, Duration.ofMinutes(5), upstream), 1, clock);
        RawClient client = proxy.connect(Wire.PLAIN)) {
      client.send(handshake("/", "Cookie: sid=" + SECRET + "\r\n"));
      assertThat(client.readHead().status()).isEqualTo(101);
      service.request();
      echo(client);
      clock.advance(6, TimeUnit.MINUTES);
      assertThat(service.request().first("cookie")).isEqualTo("sid=" + SECRET);
      echo(client);
      says.set(NO);
      await()
          .until(
              () -> {
                clock.advance(1, TimeUnit.MINUTES);
                return proxy.metric("longshore_external_auth_revoked_total") == 1;
              });
      assertThat(client.read(4)).as("Close 1008").isEqualTo("\u0088\u0002\u0003\u00f0");
    }
  }

  @Test
  void aServiceThatCantBeAskedClosesNothingBeforeTheGraceIsOver() throws Exception {
    MockTicker clock = Ticker.newMockTicker();
    try (TestProxy proxy =
            TestProxy.start(
                routes(false, Duration.ZERO, Duration.ofMinutes(5), upstream), 1, clock);
        RawClient client = proxy.connect(Wire.PLAIN)) {
      client.send(handshake("/"));
      assertThat(client.readHead().status()).isEqualTo(101);
      service.request();
      echo(client);
      says.set("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
      clock.advance(6, TimeUnit.MINUTES);
      service.request();
      echo(client);
      await()
          .until(
              () -> {
                clock.advance(12, TimeUnit.SECONDS);
                return proxy.metric("longshore_external_auth_revoked_total") == 1;
              });
      assertThat(client.read(4)).isEqualTo("\u0088\u0002\u0003\u00f0");
    }
  }
}
