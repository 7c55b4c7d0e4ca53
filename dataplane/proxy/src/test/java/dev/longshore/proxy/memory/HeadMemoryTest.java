package dev.longshore.proxy.memory;

import static dev.longshore.proxy.testing.RawClient.get;
import static dev.longshore.proxy.testing.RawClient.handshake;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.process.watch.Part;
import dev.longshore.proxy.testing.Http2Client;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** What long heads take of the heap is counted for as long as it is held, and bounded. */
@Timeout(60)
class HeadMemoryTest {
  private static final String LONG = "X-Long: " + "a".repeat(7000) + "\r\n";
  private static final int LEAST = 7000 - 4096;

  private static void awaitHeld(TestProxy proxy, boolean some) {
    await()
        .untilAsserted(
            () -> {
              double held = proxy.metric("longshore_head_bytes");
              if (some) {
                assertThat(held).isBetween((double) LEAST, 10_000.0);
              } else {
                assertThat(held).isZero();
              }
            });
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "HTTP2")
  void aHeadCountsFromItsBeginUntilItsAnswer(Wire wire) {
    try (RawUpstream upstream = RawUpstream.answering("ok");
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      client.send("POST / HTTP/1.1\r\n" + LONG);
      awaitHeld(proxy, true);
      client.send("Host: chat.example.com\r\nContent-Length: 2\r\n\r\n");
      client.send("o");
      awaitHeld(proxy, true);
      client.send("k");
      assertThat(client.readHead().status()).isEqualTo(200);
      awaitHeld(proxy, false);
      client.send("GET / HTTP/1.1\r\n" + LONG);
      awaitHeld(proxy, true);
      client.close();
      awaitHeld(proxy, false);
    }
  }

  /** It comes as a whole; what comes of it before is a buffer. */
  @Test
  void aHeadOfAStreamCountsUntilItsAnswer() {
    try (RawUpstream upstream = RawUpstream.answering("ok");
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        Http2Client client = Http2Client.secured(proxy)) {
      client.post(1, "/", "x-long", "a".repeat(9_000));
      awaitHeld(proxy, true);
      client.data(1, "ok", true);
      assertThat(client.answer(1).status()).isEqualTo(200);
      awaitHeld(proxy, false);
      client.post(3, "/", "x-long", "a".repeat(9_000));
      awaitHeld(proxy, true);
      client.reset(3, 8);
      awaitHeld(proxy, false);
    }
  }

  @ParameterizedTest
  @EnumSource(Wire.class)
  void aTunnelKeepsPathAndOrigin(Wire wire) {
    try (RawUpstream upstream = RawUpstream.echoing();
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(handshake("/" + "a".repeat(7000), "X-Long: " + "b".repeat(7000) + "\r\n"));
      assertThat(client.readHead().status()).isEqualTo(101);
      awaitHeld(proxy, true);
      client.close();
      awaitHeld(proxy, false);
    }
  }

  @Test
  void usualRequestsAreNotCounted() {
    try (RawUpstream upstream = RawUpstream.answering("ok");
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        RawClient client = proxy.connect(Wire.PLAIN)) {
      client.send(get("/").replace("\r\n\r\n", "\r\nX-Half: "));
      assertThat(proxy.metric("longshore_head_bytes")).isZero();
    }
  }

  /** Beyond the budget the longest go, whatever else they hold. */
  @Test
  void thoseWithTheLongestHeadsAreCut() throws Exception {
    List<Held> all = new ArrayList<>();
    HeadMemory heads = new HeadMemory();
    for (int i = 0; i < 100; i++) {
      all.add(new Held(heads, i < 50 ? 40_000 : 1_000));
    }
    LoopHolders loop =
        new LoopHolders() {
          @Override
          public Executor loop() {
            return Runnable::run;
          }

          @Override
          public void forEach(Consumer<Holder> consumer) {
            all.forEach(consumer);
          }
        };
    MemoryBudget budget =
        new MemoryBudget(1_500_000, 1_500_000, heads::bytes, "heads", Ticker.systemTicker());
    budget.over(List.of(HeadMemory.heads(loop)), Part.unwatched("memory"));
    budget.look();
    assertThat(heads.bytes()).isBetween(1_000_000L, 1_500_000L);
    assertThat(all.subList(50, 100)).noneMatch(each -> each.gone);
  }

  private static final class Held implements Holder {
    private final HeadMemory heads;
    private final long bytes;
    private boolean gone;

    Held(HeadMemory heads, long bytes) {
      this.heads = heads;
      this.bytes = bytes;
      heads.add(bytes);
    }

    @Override
    public Kind kind() {
      return Kind.HTTP;
    }

    @Override
    public long heldBytes() {
      return 0;
    }

    @Override
    public long heldHeap() {
      return gone ? 0 : bytes;
    }

    @Override
    public void shed() {
      gone = true;
      heads.add(-bytes);
    }
  }
}
