package dev.longshore.proxy.memory;

import static dev.longshore.proxy.testing.RawClient.get;
import static dev.longshore.proxy.testing.RawClient.handshake;
import static dev.longshore.proxy.testing.RawClient.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.proxy.DataPlaneOptions.Transport;
import dev.longshore.proxy.ProcessBounds;
import dev.longshore.proxy.testing.Flood;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections that are never read, beyond the budget of all: they are cut, and only they. */
@Timeout(120)
@Isolated("the budget counts the buffers of the whole JVM")
class GreedyConnectionsTest {
  private static final int QUIET = 30;
  private static final long BUDGET = 256 * 1024;

  /** Far more than the budget needs; each holds some 100 KiB once nobody takes any more. */
  private static final int MOST_GREEDY = 60;

  private final List<RawClient> greedy = new ArrayList<>();

  /** Connections that hold until somebody was cut. */
  private void floodUntilCut(TestProxy proxy, String kind, Runnable oneMore) {
    String cuts = "longshore_memory_cuts_total{kind=\"" + kind + "\"}";
    while (proxy.metric(cuts) == 0 && greedy.size() < MOST_GREEDY) {
      oneMore.run();
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> proxy.metric(cuts) > 0);
  }

  private static void echo(RawClient tunnel, String text) {
    tunnel.send(message(text));
    assertThat(tunnel.read(message(text).length())).isEqualTo(message(text));
  }

  @ParameterizedTest
  @EnumSource(Wire.class)
  void tunnelsThatAreNotReadAreCutAndTheOthersGoOn(Wire wire) {
    AtomicInteger cutSenders = new AtomicInteger();
    List<RawClient> quiet = new ArrayList<>();
    try (RawUpstream upstream = RawUpstream.echoing();
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes().all().to(upstream.address()),
                Transport.AUTO,
                2,
                ProcessBounds.DEFAULT.memory(BUDGET))) {
      for (int i = 0; i < QUIET; i++) {
        RawClient client = proxy.connect(wire);
        client.send(handshake("/")).readHead();
        quiet.add(client);
      }
      String part = message("x".repeat(60_000));
      floodUntilCut(
          proxy,
          "tunnel",
          () -> {
            RawClient client = proxy.connect(wire);
            client.send(handshake("/")).readHead();
            greedy.add(client);
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        while (true) {
                          client.send(part);
                        }
                      } catch (UncheckedIOException e) {
                        cutSenders.incrementAndGet();
                      }
                    });
            quiet.forEach(each -> echo(each, "still here"));
          });
      await().untilAsserted(() -> assertThat(cutSenders).hasPositiveValue());
      quiet.forEach(each -> echo(each, "and still"));
      try (RawClient late = proxy.connect(wire)) {
        assertThat(late.send(handshake("/")).readHead().status()).isEqualTo(101);
      }
      await().until(() -> proxy.accessLog().contains("\"closedBy\":\"memory\""));
      greedy.forEach(RawClient::cut);
      quiet.forEach(RawClient::close);
    }
  }

  /** It once held 511 KiB over TLS, where a whole turn of reads came before the back pressure. */
  @ParameterizedTest
  @EnumSource(Wire.class)
  void oneSlowReaderHoldsLessThanThreeReads(Wire wire) throws Exception {
    String part = "\u0082\u007e\u000f\u00a0" + "x".repeat(4000);
    String last = "\u0082\0";
    CompletableFuture<Flood> flooding = new CompletableFuture<>();
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.acceptWebSocket();
                  flooding.complete(Flood.start(conversation, part, last));
                  conversation.readToEnd();
                });
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes().all().to(upstream.address()),
                Transport.AUTO,
                1,
                ProcessBounds.DEFAULT.memory(3 * 64 * 1024));
        RawClient client = proxy.connect(wire)) {
      client.send(handshake("/")).readHead();
      Flood flood = flooding.get(60, TimeUnit.SECONDS);
      flood.awaitStandstill();
      assertThat(proxy.metric("longshore_memory_cuts_total{kind=\"tunnel\"}")).isZero();
      flood.stop();
      assertThat(Flood.receive(client, part, last)).isEqualTo(flood.sent());
    }
  }

  @ParameterizedTest
  @EnumSource(Wire.class)
  void answersThatAreNotReadAreCutAndTheOthersGoOn(Wire wire) {
    String block = "x".repeat(1 << 20);
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  String path = conversation.readRequest().target();
                  if (path.contains("/endless")) {
                    conversation.send("HTTP/1.1 200 OK\r\nContent-Length: 4000000000\r\n\r\n");
                    while (true) {
                      conversation.send(block);
                    }
                  }
                  conversation.lastAnswer("short");
                });
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes().all().to(upstream.address()),
                Transport.AUTO,
                2,
                ProcessBounds.DEFAULT.memory(BUDGET))) {
      floodUntilCut(
          proxy,
          "http",
          () -> {
            RawClient client = proxy.connect(wire);
            client.send(get("/endless"));
            greedy.add(client);
            try (RawClient other = proxy.connect(wire)) {
              assertThat(other.send(get("/")).readHead().status()).isEqualTo(200);
            }
          });
      greedy.forEach(RawClient::cut);
    }
  }
}
