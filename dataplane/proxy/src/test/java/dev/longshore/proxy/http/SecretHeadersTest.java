package dev.longshore.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.Secret;
import dev.longshore.contract.policy.Header;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The upstream gets what a Secret says, and nobody else sees it. */
class SecretHeadersTest {
  private static final String VALUE = "Bearer hush";

  private final RawUpstream upstream =
      RawUpstream.start(
          conversation -> {
            if (conversation.number() == 1) {
              conversation.readRequest();
              conversation.answer("hello");
              conversation.readRequest();
              conversation.answer("hello");
            } else {
              conversation.acceptWebSocket();
            }
            conversation.readToEnd();
          });
  private final TestProxy proxy = TestProxy.start(routes(VALUE));

  @AfterEach
  void end() {
    proxy.close();
    upstream.close();
  }

  private TestRoutes routes(String value) {
    return new TestRoutes()
        .all()
        .policy(
            new TestPolicy()
                .request(List.of(Header.secret("Authorization", new Secret(value))))
                .build())
        .to(upstream.address());
  }

  private List<String> authorization() throws InterruptedException {
    return upstream.request().all("authorization");
  }

  @Test
  void theUpstreamGetsTheValueOfTheMomentAndNothingShowsIt() throws Exception {
    try (RawClient client = proxy.connect(Wire.PLAIN);
        RawClient tunnel = proxy.connect(Wire.PLAIN)) {
      String get = "GET / HTTP/1.1\r\nHost: chat.example.com\r\nAuthorization: own\r\n\r\n";
      assertThat(client.readBody(client.send(get).readHead())).isEqualTo("hello");
      assertThat(authorization()).containsExactly(VALUE);
      tunnel.send(
          "GET /t HTTP/1.1\r\nHost: chat.example.com\r\nConnection: Upgrade\r\n"
              + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
              + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
      assertThat(tunnel.readHead().status()).isEqualTo(101);
      assertThat(authorization()).containsExactly(VALUE);

      for (String page : List.of("/config", "/connections", "/metrics")) {
        assertThat(proxy.page(page)).isNotEmpty().doesNotContain("hush");
      }
      assertThat(proxy.page("/config"))
          .contains("\"name\" : \"Authorization\"", "\"secret\" : \"[redacted]\"");

      proxy.apply(routes("Bearer hush-2"));
      assertThat(client.readBody(client.send(get).readHead())).isEqualTo("hello");
      assertThat(authorization()).containsExactly("Bearer hush-2");
      assertThat(proxy.accessLog()).doesNotContain("hush");
    }
  }
}
