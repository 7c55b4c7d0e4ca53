package dev.longshore.proxy.dial;

import static dev.longshore.proxy.testing.RawClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.UpstreamPool.Keepalive;
import dev.longshore.contract.UpstreamTls;
import dev.longshore.process.watch.Watch;
import dev.longshore.proxy.Snapshots;
import dev.longshore.proxy.http1.RequestHeads;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestCertificates;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import dev.longshore.proxy.tls.UpstreamContexts;
import dev.longshore.proxy.upstream.EndpointState;
import dev.longshore.proxy.upstream.Pool;
import dev.longshore.proxy.upstream.Pools;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The idle upstream connections: how many, how long, and not when they have ended. */
class IdleConnectionsTest {
  private static final Watch WATCH = new Watch();

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
  void noMoreAreKeptThanThePoolSaysWhateverTheName() {
    String[] hosts = new String[6];
    for (int i = 0; i < hosts.length; i++) {
      hosts[i] = "h" + i + ".example.com";
    }
    UpstreamTls tls = new UpstreamTls(null, TestCertificates.authority().getCertificatePEM(), null);
    try (RawUpstream upstream =
            RawUpstream.secured(
                TestCertificates.serving(TestCertificates.issue(hosts)),
                false,
                RawUpstream.answer("ok"));
        TestProxy proxy = TestProxy.start(samePool(tls, 4, upstream.address(), hosts));
        RawClient client = proxy.connect(Wire.PLAIN)) {
      for (String host : hosts) {
        client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
        assertThat(client.readBody(client.readHead())).isEqualTo("ok");
      }
      await().until(() -> upstream.open() == 4);
      client.send("GET / HTTP/1.1\r\nHost: " + hosts[5] + "\r\n\r\n");
      assertThat(client.readBody(client.readHead())).isEqualTo("ok");
      assertThat(upstream.accepted()).as("the last ones are kept").isEqualTo(6);
    }
  }

  /** Rules of many hosts that lead to one pool. */
  private static TestRoutes samePool(
      UpstreamTls tls, int idle, InetSocketAddress address, String... hosts) {
    TestRoutes routes =
        new TestRoutes().rule("first.example.com", "/").tls(tls).keepalive(idle).to(address);
    for (String host : hosts) {
      routes.rule(host, "/").toPoolOf(0);
    }
    return routes;
  }

  @Test
  void noMoreAreKeptThanTheProcessMayHave() {
    RoutingSnapshot snapshot =
        Snapshots.from(RoutingSnapshot.EMPTY)
            .with(Snapshots.pool("p"), "10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80", "10.0.0.4:80")
            .build();
    Pools.Update update =
        Pools.empty().prepare(RoutingSnapshot.EMPTY, snapshot, UpstreamContexts.empty());
    update.commit();
    Pool pool = Objects.requireNonNull(update.pools().get(Snapshots.poolKey("p")));
    DeadlineSweep deadlines =
        new DeadlineSweep(
            new EmbeddedChannel().eventLoop(), WATCH.part("deadlines"), Ticker.systemTicker());
    IdleConnections idle = new IdleConnections(deadlines, 3);
    List<EmbeddedChannel> kept = new ArrayList<>();
    for (EndpointState endpoint : pool.endpoints()) {
      EmbeddedChannel each = new EmbeddedChannel();
      UpstreamConnection connection =
          new UpstreamConnection(each, endpoint, null, new RequestHeads(), new Deaf());
      connection.install();
      idle.give(connection, new Keepalive(64, Duration.ofSeconds(60)), null);
      kept.add(each);
    }
    assertThat(kept.stream().filter(EmbeddedChannel::isOpen)).hasSize(3);
    assertThat(kept.get(0).isOpen()).as("the eldest goes").isFalse();
    idle.closeAll();
    assertThat(kept.stream().filter(EmbeddedChannel::isOpen)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "timeout=1, false",
    "'max=5, timeout=2', true",
    "timeout=0, false",
    "timeout=x, true"
  })
  void theServersOwnTimeIsHeeded(String field, boolean usedAgain) throws Exception {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  while (true) {
                    conversation.readRequest();
                    conversation.send(
                        "HTTP/1.1 200 OK\r\nKeep-Alive: "
                            + field
                            + "\r\nContent-Length: 2\r\n\r\nok");
                  }
                });
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        RawClient client = proxy.connect(Wire.PLAIN)) {
      client.send(get("/"));
      assertThat(client.readBody(client.readHead())).isEqualTo("ok");
      if (usedAgain) {
        client.send(get("/"));
        assertThat(client.readBody(client.readHead())).isEqualTo("ok");
        assertThat(upstream.accepted()).isEqualTo(1);
      } else {
        await().atMost(Duration.ofSeconds(5)).until(() -> upstream.open() == 0);
      }
    }
  }

  /** Servers end idle connections after two seconds and more, and then it would be lost. */
  @Test
  void whatCantBeSentAgainGetsNoneThatRestedForMoreThanASecond() {
    MockTicker clock = Ticker.newMockTicker();
    String post = "POST / HTTP/1.1\r\nHost: chat.example.com\r\nContent-Length: 1\r\n\r\nx";
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  while (true) {
                    conversation.readRequest();
                    conversation.read(1);
                    conversation.answer("ok");
                  }
                });
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes().all().keepalive(8, Duration.ofHours(1)).to(upstream.address()),
                1,
                clock);
        RawClient client = proxy.connect(Wire.PLAIN)) {
      assertThat(ask(client, post)).isEqualTo("ok");
      settle(proxy);
      clock.advance(1, TimeUnit.SECONDS);
      assertThat(ask(client, post)).isEqualTo("ok");
      assertThat(upstream.accepted()).isEqualTo(1);
      settle(proxy);
      clock.advance(TimeUnit.SECONDS.toNanos(1) + 1, TimeUnit.NANOSECONDS);
      assertThat(ask(client, post)).isEqualTo("ok");
      assertThat(upstream.accepted()).isEqualTo(2);
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
                  conversation.endUnannounced();
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

  /** The only loop has done all that came before this. */
  private static void settle(TestProxy proxy) {
    try (RawClient other = proxy.connect(Wire.PLAIN)) {
      other.send("GET / HTTP/1.1\r\n\r\n");
      assertThat(other.readHead().status()).isEqualTo(400);
    }
  }

  private static String ask(RawClient client, String request) {
    client.send(request);
    return client.readBody(client.readHead());
  }
}
