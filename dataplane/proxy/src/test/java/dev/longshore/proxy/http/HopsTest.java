package dev.longshore.proxy.http;

import static dev.longshore.proxy.testing.RawClient.get;
import static dev.longshore.proxy.testing.RawClient.handshake;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.policy.Header;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import io.netty.util.concurrent.Ticker;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that go round in circles, by CDN-Loop (RFC 8586). */
class HopsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "longshore|1",
        "Longshore ; v=1|1",
        "longshore,longshore;x=y , longshore|3",
        "cloudflare, longshore-2, notlongshore, long, longshorer|0",
        "cdn.example:443; longshore, ,|0",
        "''|0"
      })
  void ownMembersAreCounted(String value, int count) {
    assertThat(Hops.count(List.of(value, "other"))).isEqualTo(count);
  }

  @Test
  void othersPassAndNobodyTakesTheFieldAway() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering("ok");
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .all()
                    .policy(
                        new TestPolicy()
                            .request(List.of(new Header("cdn-loop", "x")), "cdn-loop")
                            .build())
                    .to(upstream.address()));
        RawClient client = proxy.connect(Wire.PLAIN)) {
      client.send(
          get(
              "/",
              "CDN-Loop: one; a=\"b\", two\r\n",
              "cdn-loop: longshore\r\n",
              "CDN_Loop: three\r\n",
              "Connection: CDN-Loop\r\n"));
      assertThat(client.readHead().status()).isEqualTo(200);
      HttpHead request = upstream.request();
      assertThat(request.all("cdn-loop"))
          .containsExactly("one; a=\"b\", two", "longshore", "longshore");
      assertThat(request.has("cdn_loop")).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRouteToTheProxyItselfEndsAfterAFewPasses(boolean asHandshake) {
    try (RawUpstream last = RawUpstream.echoing();
        // Each pass has its time, which never ends.
        TestProxy proxy =
            TestProxy.start(new TestRoutes().all().to(last.address()), 1, Ticker.newMockTicker())) {
      proxy.apply(new TestRoutes().all().to(proxy.address()));
      try (RawClient client = proxy.connect(Wire.PLAIN)) {
        HttpHead answer = client.send(asHandshake ? handshake("/") : get("/")).readHead();
        assertThat(answer.status()).isEqualTo(508);
        assertThat(client.readBody(answer)).contains("circles");
      }
      await().until(() -> proxy.accessLog().contains("\"reason\":\"loop\""));
      assertThat(proxy.metric("longshore_requests_refused_total{reason=\"loop\"}")).isEqualTo(1);
      assertThat(proxy.accessLog()).contains("\"route\":\"WebSocketRoute test/route\"");
      String refused = "longshore, ".repeat(HardLimits.PASSES_PER_REQUEST - 1);
      proxy.apply(new TestRoutes().all().to(last.address()));
      try (RawClient client = proxy.connect(Wire.PLAIN)) {
        client.send(handshake("/", "CDN-Loop: " + refused + "other\r\n"));
        assertThat(client.readHead().status()).as("one fewer passes").isEqualTo(101);
      }
    }
  }
}
