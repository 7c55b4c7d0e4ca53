package dev.longshore.proxy.dial.http2;

import static dev.longshore.proxy.testing.RawClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.UpstreamPool.Protocol;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.Http2Upstream;
import dev.longshore.proxy.testing.Http2Upstream.Frame;
import dev.longshore.proxy.testing.Http2Upstream.Peer;
import dev.longshore.proxy.testing.Http2Upstream.Script;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whether an endpoint is still there is asked by PING, and not too often. */
@Timeout(60)
class HeartbeatTest {
  private final MockTicker ticker = Ticker.newMockTicker();
  private final AtomicInteger pings = new AtomicInteger();
  private final AtomicInteger stream = new AtomicInteger();
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch answering = new CountDownLatch(1);

  private TestProxy proxy(Http2Upstream upstream) {
    TestRoutes routes =
        new TestRoutes()
            .all()
            .policy(new TestPolicy().answerWithin(Duration.ofDays(1)).retries(0).build())
            .pool(pool -> pool.with(Protocol.HTTP_2))
            .to(upstream.address());
    return TestProxy.start(routes, 1, ticker);
  }

  /** Reads on, and answers PINGs or not. */
  private void listen(Peer peer, boolean answers) throws Exception {
    while (true) {
      Frame frame = peer.read();
      if (frame.type() == Http2Upstream.HEADERS) {
        stream.set(frame.id());
        asked.countDown();
      } else if (frame.type() == Http2Upstream.PING) {
        pings.incrementAndGet();
        if (answers) {
          peer.frame(Http2Upstream.PING, Http2Upstream.ACK, 0, frame.payload());
        }
      }
    }
  }

  @Test
  void anEndpointThatAnswersNoPingIsGone() throws Exception {
    Script script = peer -> listen(peer.open(), false);
    try (Http2Upstream upstream = Http2Upstream.start(script);
        TestProxy proxy = proxy(upstream);
        RawClient client = proxy.connect(Wire.PLAIN)) {
      client.send(get("/"));
      assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
      await()
          .pollInterval(Duration.ofMillis(60))
          .until(
              () -> {
                ticker.advance(5, TimeUnit.SECONDS);
                return proxy.metric("longshore_upstream_http2_dead_total{by=\"ping\"}") == 1;
              });
      assertThat(client.readHead().status()).isEqualTo(502);
      assertThat(pings).hasValue(1);
    }
  }

  @Test
  void onePingIsEnoughForAnEndpointThatTakesLong() throws Exception {
    Script script =
        peer -> {
          peer.open();
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      answering.await();
                      peer.headers(stream.get(), true, ":status", "204");
                    } catch (Exception e) {
                      throw new IllegalStateException(e);
                    }
                  });
          listen(peer, true);
        };
    try (Http2Upstream upstream = Http2Upstream.start(script);
        TestProxy proxy = proxy(upstream);
        RawClient client = proxy.connect(Wire.PLAIN)) {
      client.send(get("/"));
      assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
      await()
          .pollInterval(Duration.ofMillis(60))
          .until(
              () -> {
                ticker.advance(5, TimeUnit.SECONDS);
                return pings.get() == 1;
              });
      // Two within five minutes are what servers of gRPC take.
      AtomicInteger looks = new AtomicInteger();
      await()
          .pollInterval(Duration.ofMillis(60))
          .until(
              () -> {
                ticker.advance(9, TimeUnit.SECONDS);
                return looks.incrementAndGet() == 30;
              });
      assertThat(pings).hasValueLessThanOrEqualTo(2);
      answering.countDown();
      assertThat(client.readHead().status()).isEqualTo(204);
      assertThat(proxy.metric("longshore_upstream_http2_dead_total{by=\"ping\"}")).isZero();
    }
  }
}
