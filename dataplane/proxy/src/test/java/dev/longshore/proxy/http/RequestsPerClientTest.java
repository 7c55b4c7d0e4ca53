package dev.longshore.proxy.http;

import static dev.longshore.proxy.testing.RawClient.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.policy.RequestRate;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import dev.longshore.proxy.testing.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Plain requests: those under way, each of which holds an upstream connection, and how often. */
class RequestsPerClientTest {
  private static String request(String client) {
    return get("/", "X-Forwarded-For: " + client + "\r\n");
  }

  @Test
  void oneClientHasSoManyAndOthersDontNotice() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    List<RawClient> clients = new ArrayList<>();
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  while (true) {
                    conversation.readRequest();
                    answer.await();
                    conversation.answer("ok");
                  }
                });
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .settings(new TestSettings().trusting("127.0.0.0/8").build())
                    .all()
                    .to(upstream.address()))) {
      for (int i = 0; i < HardLimits.REQUESTS_PER_CLIENT; i++) {
        RawClient client = proxy.connect(Wire.PLAIN);
        clients.add(client);
        client.send(request("203.0.113.7"));
        upstream.request();
      }
      try (RawClient one = proxy.connect(Wire.PLAIN);
          RawClient other = proxy.connect(Wire.PLAIN)) {
        one.send(request("203.0.113.7"));
        HttpHead refused = one.readHead();
        assertThat(refused.status()).isEqualTo(429);
        assertThat(Integer.parseInt(refused.first("retry-after"))).isBetween(5, 10);
        assertThat(one.readBody(refused)).contains("requests under way");
        assertThat(proxy.metric("longshore_limited_total{limit=\"requests_per_client\"}"))
            .isEqualTo(1);
        other.send(request("203.0.113.8"));
        upstream.request();
        answer.countDown();
        assertThat(other.readHead().status()).isEqualTo(200);
        assertThat(clients.getFirst().readHead().status()).isEqualTo(200);
        one.send(request("203.0.113.7"));
        assertThat(one.readHead().status()).as("there is room again").isEqualTo(200);
      }
    } finally {
      clients.forEach(RawClient::close);
    }
  }

  /** Until one comes within the second of those before it, however slow everything is. */
  @Test
  void oneClientAsksSoOftenAndOthersDontNotice() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  while (true) {
                    conversation.readRequest();
                    conversation.answer("ok");
                  }
                });
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .settings(new TestSettings().trusting("127.0.0.0/8").build())
                    .all()
                    .policy(new TestPolicy().with(new RequestRate(1, 1)).build())
                    .to(upstream.address()));
        RawClient one = proxy.connect(Wire.PLAIN);
        RawClient other = proxy.connect(Wire.PLAIN)) {
      HttpHead answer = ask(one, "203.0.113.7");
      assertThat(answer.status()).isEqualTo(200);
      for (int i = 0; i < 1000 && answer.status() == 200; i++) {
        one.readBody(answer);
        answer = ask(one, "203.0.113.7");
      }
      assertThat(answer.status()).isEqualTo(429);
      assertThat(answer.first("retry-after")).isEqualTo("1");
      assertThat(one.readBody(answer)).contains("more than you may");
      assertThat(proxy.metric("longshore_limited_total{limit=\"requests\"}")).isEqualTo(1);
      assertThat(ask(other, "203.0.113.8").status()).isEqualTo(200);
    }
  }

  private static HttpHead ask(RawClient client, String from) throws Exception {
    client.send(request(from));
    return client.readHead();
  }
}
