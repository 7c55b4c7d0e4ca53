package dev.longshore.proxy.http;

import static dev.longshore.proxy.testing.RawClient.get;
import static dev.longshore.proxy.testing.RawClient.handshake;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.RuleAction;
import dev.longshore.contract.RuleAction.Redirect;
import dev.longshore.contract.RuleAction.Respond;
import dev.longshore.contract.Settings.Http2;
import dev.longshore.contract.policy.Cors;
import dev.longshore.contract.policy.FixedAnswer;
import dev.longshore.contract.policy.Header;
import dev.longshore.contract.policy.RequestRate;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.Http2Client;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import dev.longshore.proxy.testing.Wire;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rules that answer by themselves, and what pages are told, over real sockets. */
@Timeout(60)
class RuleAnswersTest {
  private static final String BODY = "x".repeat(65_535) + "!";
  private static final RuleAction.Served TO_NEW =
      new Redirect("https", "new.example.com", null, null, 307, "");

  private static TestRoutes routes() {
    return new TestRoutes().settings(new TestSettings().http2(new Http2(true, true, 10)).build());
  }

  private static TestPolicy fixed(int status, String body) {
    return new TestPolicy().with(new FixedAnswer(status, "text/html; charset=utf-8", body));
  }

  @Test
  void aRedirect() throws Exception {
    TestRoutes routes = routes().all().answered(TO_NEW);
    try (TestProxy proxy = TestProxy.start(routes);
        RawClient client = proxy.connect(Wire.PLAIN)) {
      for (int i = 0; i < 2; i++) {
        HttpHead answer = client.send(get("/a?b=\"c\"")).readHead();
        assertThat(answer.status()).isEqualTo(307);
        assertThat(answer.first("location")).isEqualTo("https://new.example.com/a?b=%22c%22");
        assertThat(client.readBody(answer)).contains("elsewhere");
      }
      assertThat(client.send(handshake("/ws")).readHead().status()).isEqualTo(307);
      assertThat(proxy.metric("longshore_handshakes_total{outcome=\"answered\"}")).isEqualTo(1);
      await().until(() -> proxy.accessLog().contains("route_answer"));
      try (Http2Client http2 = Http2Client.clear(proxy)) {
        Http2Client.Answer answer = http2.get(1, "/a").answer(1);
        assertThat(answer.status()).isEqualTo(307);
        assertThat(answer.fields()).containsEntry("location", "https://new.example.com/a");
      }
    }
  }

  @Test
  void whoNamesNoHostCantBeSentOn() throws Exception {
    TestRoutes routes =
        new TestRoutes().rule("*", "/").answered(new Redirect("https", null, null, null, 301, ""));
    try (TestProxy proxy = TestProxy.start(routes);
        RawClient client = proxy.connect(Wire.PLAIN)) {
      assertThat(client.send("GET / HTTP/1.0\r\n\r\n").readHead().status()).isEqualTo(400);
    }
  }

  @Test
  void aFixedAnswer() throws Exception {
    TestRoutes routes =
        routes()
            .rule("chat.example.com", "/")
            .policy(fixed(503, BODY).response(List.of(new Header("Retry-After", "60"))).build())
            .answered(new Respond(""))
            .rule("chat.example.com", "/none")
            .policy(new TestPolicy().with(new FixedAnswer(204, "", "")).build())
            .answered(new Respond(""))
            .rule("chat.example.com", "/shut")
            .policy(fixed(200, "open").deny("127.0.0.0/8").build())
            .answered(new Respond(""));
    try (TestProxy proxy = TestProxy.start(routes);
        RawClient client = proxy.connect(Wire.TLS)) {
      HttpHead answer = client.send(get("/")).readHead();
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.all("content-type")).containsExactly("text/html; charset=utf-8");
      assertThat(answer.all("retry-after")).containsExactly("60");
      assertThat(client.readBody(answer)).isEqualTo(BODY);
      HttpHead head = client.send("HEAD / HTTP/1.1\r\nHost: chat.example.com\r\n\r\n").readHead();
      assertThat(head.first("content-length")).isEqualTo("65536");
      HttpHead none = client.send(get("/none")).readHead();
      assertThat(none.status()).isEqualTo(204);
      assertThat(none.has("content-length")).isFalse();
      assertThat(none.has("content-type")).isFalse();
      HttpHead shut = client.send(get("/shut")).readHead();
      assertThat(shut.status()).as("never without its policy").isEqualTo(403);
      client.readBody(shut);
      try (Http2Client http2 = Http2Client.clear(proxy)) {
        Http2Client.Answer whole = http2.get(1, "/").answer(1);
        assertThat(whole.status()).isEqualTo(503);
        assertThat(whole.body()).isEqualTo(BODY);
        assertThat(http2.get(3, "/none").answer(3).fields()).doesNotContainKey("content-length");
      }
      proxy.apply(
          routes()
              .rule("chat.example.com", "/")
              .policy(fixed(200, "back").build())
              .answered(new Respond("")));
      HttpHead swapped = client.send(get("/")).readHead();
      assertThat(swapped.status()).isEqualTo(200);
      assertThat(client.readBody(swapped)).isEqualTo("back");
    }
  }

  @Test
  void pagesMayReadWhatListedOriginsAsk() throws Exception {
    Cors cors =
        new Cors(
            List.of("https://shop.example.com"),
            List.of("PUT"),
            List.of(),
            List.of(),
            true,
            Duration.ofSeconds(5));
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  while (true) {
                    conversation.readHead();
                    conversation.send(
                        "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n"
                            + "Content-Length: 2\r\n\r\nok");
                  }
                });
        TestProxy proxy =
            TestProxy.start(
                routes()
                    .all()
                    .policy(new TestPolicy().with(cors).with(new RequestRate(1, 3)).build())
                    .to(upstream.address()));
        RawClient client = proxy.connect(Wire.PLAIN)) {
      String origin = "Origin: https://shop.example.com\r\n";
      HttpHead preflight =
          client
              .send(
                  "OPTIONS /a HTTP/1.1\r\nHost: chat.example.com\r\n"
                      + origin
                      + "Access-Control-Request-Method: PUT\r\n\r\n")
              .readHead();
      assertThat(preflight.status()).isEqualTo(204);
      assertThat(preflight.first("access-control-allow-methods")).isEqualTo("PUT");
      HttpHead actual = client.send(get("/a", origin)).readHead();
      client.readBody(actual);
      assertThat(actual.all("access-control-allow-origin"))
          .containsExactly("https://shop.example.com");
      HttpHead other = client.send(get("/a", "Origin: https://evil.com\r\n")).readHead();
      client.readBody(other);
      assertThat(other.has("access-control-allow-origin")).isFalse();
      assertThat(other.first("vary")).isEqualTo("origin");
      HttpHead limited = client.send(get("/a", origin)).readHead();
      assertThat(limited.status()).isEqualTo(429);
      assertThat(limited.has("retry-after")).isTrue();
      assertThat(limited.first("access-control-allow-origin"))
          .isEqualTo("https://shop.example.com");
    }
  }
}
