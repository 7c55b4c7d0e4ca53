package dev.longshore.proxy.dial;

import static dev.longshore.proxy.testing.RawClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.proxy.testing.LeakCheck;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The idle upstream connections: how many, how long, and not when they have ended. */
@ExtendWith(LeakCheck.class)
class IdleConnectionsTest {

  @Test
  void noMoreAreKeptThanThePoolSays() {
    CountDownLatch both = new CountDownLatch(2);
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  both.countDown();
                  both.await();
                  conversation.answer("ok");
                  conversation.readToEnd();
                });
        TestProxy proxy =
            TestProxy.start(new TestRoutes().all().keepalive(1).to(upstream.address()));
        RawClient first = proxy.connect(Wire.PLAIN);
        RawClient second = proxy.connect(Wire.PLAIN)) {
      first.send(get("/"));
      second.send(get("/"));
      first.readBody(first.readHead());
      second.readBody(second.readHead());
      assertThat(upstream.accepted()).isEqualTo(2);
      await().until(() -> upstream.open() == 1);
    }
  }

  @Test
  void theyEndAfterTheIdleTime() {
    try (RawUpstream upstream = RawUpstream.answering("ok");
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .all()
                    .keepalive(8, Duration.ofMillis(200))
                    .to(upstream.address()));
        RawClient client = proxy.connect(Wire.PLAIN)) {
      long start = System.nanoTime();
      client.send(get("/"));
      client.readBody(client.readHead());
      await().until(() -> upstream.accepted() == 1 && upstream.open() == 0);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(200));
    }
  }

  @Test
  void oneThatTheUpstreamEndedIsNotUsed() {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.answer("ok");
                });
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        RawClient client = proxy.connect(Wire.PLAIN)) {
      for (int i = 0; i < 20; i++) {
        client.send("POST / HTTP/1.1\r\nHost: chat.example.com\r\nContent-Length: 0\r\n\r\n");
        assertThat(client.readBody(client.readHead())).isEqualTo("ok");
        await().until(() -> upstream.open() == 0);
      }
      assertThat(upstream.accepted()).isEqualTo(20);
    }
  }
}
