package dev.longshore.proxy.drain;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.Endpoint;
import dev.longshore.contract.Endpoint.State;
import dev.longshore.contract.EndpointSet;
import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Rebalance;
import dev.longshore.contract.policy.Draining.OnChange;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.Carriers;
import dev.longshore.proxy.testing.Crowd;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What endpoints that leave or come do to tunnels, seen by the clients of a whole data plane. */
@ParameterizedClass
@EnumSource(
    value = Carriers.class,
    names = {"CLEAR", "STREAM", "STREAMS"})
@Timeout(120)
class DrainsTest {
  private static final Duration WINDOW = Duration.ofSeconds(30);
  private static final int MANY = 600;

  private final Carriers carriers;
  private final List<RawUpstream> upstreams = new ArrayList<>();
  private final MockTicker ticker = Ticker.newMockTicker();
  private RoutingSnapshot snapshot = RoutingSnapshot.EMPTY;

  DrainsTest(Carriers carriers) {
    this.carriers = carriers;
  }

  @BeforeEach
  void start() {
    for (int i = 0; i < 4; i++) {
      upstreams.add(
          carriers.upstream(
              conversation -> {
                conversation.acceptWebSocket();
                // As long as it takes to open all the others.
                conversation.socket().setSoTimeout(0);
                conversation.echo();
              }));
    }
  }

  @AfterEach
  void stop() {
    upstreams.forEach(RawUpstream::close);
  }

  private InetSocketAddress address(int upstream) {
    return upstreams.get(upstream).address();
  }

  /** Rules {@code /0} and {@code /1}, each with a pool of its own. */
  private TestProxy serve(int threads, Duration window, InetSocketAddress... endpoints) {
    return serve(Ticker.systemTicker(), threads, window, endpoints);
  }

  private TestProxy serve(
      Ticker clock, int threads, Duration window, InetSocketAddress... endpoints) {
    TestPolicy policy = new TestPolicy().draining(window, OnChange.KEEP, OnChange.KEEP);
    TestRoutes routes =
        rule(rule(new TestRoutes(), "/0", policy).to(endpoints), "/1", policy).to(endpoints);
    snapshot = routes.build();
    return TestProxy.start(routes, threads, clock);
  }

  private TestRoutes.Rule rule(TestRoutes routes, String path, TestPolicy policy) {
    return carriers.rule(routes.rule("chat.example.com", path).policy(policy.build()));
  }

  private Crowd crowd(TestProxy proxy, String path, int count) {
    return Crowd.open(proxy, carriers.wire(), path, count);
  }

  private static Endpoint endpoint(InetSocketAddress address, State state) {
    return new Endpoint(address.getAddress().getHostAddress(), address.getPort(), state);
  }

  private void endpoints(TestProxy proxy, int pool, Endpoint... endpoints) {
    apply(
        proxy,
        SnapshotBuilder.from(snapshot)
            .put(
                new EndpointSet(
                    new EndpointSetKey("test", "route/pool-" + pool, "static"),
                    List.of(endpoints))));
  }

  private void apply(TestProxy proxy, SnapshotBuilder next) {
    snapshot = next.build();
    assertThat(proxy.dataPlane().apply(snapshot)).isEmpty();
  }

  private static String metrics(TestProxy proxy) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI uri =
          URI.create("http://127.0.0.1:" + proxy.dataPlane().boundMetrics().getPort() + "/metrics");
      return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
    }
  }

  @Test
  void anEndpointThatDrainsSendsItsTunnelsAwayEvenlyAndNobodyElses() throws Exception {
    try (TestProxy proxy = serve(ticker, 3, WINDOW, address(0), address(1));
        Crowd crowd = crowd(proxy, "/0", MANY)) {
      int leaving = upstreams.get(0).open();
      Crowd others = crowd(proxy, "/1", 20);
      // Nobody picks in between.
      endpoints(proxy, 0, endpoint(address(0), State.DRAINING), endpoint(address(1), State.READY));
      await()
          .untilAsserted(
              () -> assertThat(metrics(proxy)).containsPattern("longshore_drain_pending [1-9]"));
      crowd.endEvenly(ticker, leaving, WINDOW);
      assertThat(crowd.ends()).hasSize(leaving).allMatch(end -> end.code() == 1012);
      assertThat(others.ends()).isEmpty();
      await()
          .untilAsserted(
              () -> {
                // An upstream that only echoes is given up at its deadline.
                ticker.advance(1, TimeUnit.SECONDS);
                assertThat(metrics(proxy))
                    .contains("longshore_drain_pending 0.0")
                    .contains("longshore_tunnels_ended_total{reason=\"drain\"} " + leaving + ".0");
              });
      assertThat(crowd.ends()).hasSize(leaving);
      others.close();
    }
  }

  @Test
  void anEndpointThatVanishesKeepsItsTunnels() {
    try (TestProxy proxy = serve(1, Duration.ZERO, address(0), address(1));
        Crowd crowd = crowd(proxy, "/0", 10)) {
      endpoints(proxy, 0, endpoint(address(1), State.READY));
      endpoints(proxy, 0, endpoint(address(1), State.DRAINING), endpoint(address(2), State.READY));
      assertThat(crowd.awaitEnds(5)).hasSize(5);
      assertThat(upstreams.get(0).open()).isEqualTo(5);
      // Back, and going at last.
      endpoints(proxy, 0, endpoint(address(0), State.DRAINING), endpoint(address(2), State.READY));
      assertThat(crowd.awaitEnds(10)).allMatch(end -> end.code() == 1012);
    }
  }

  @Test
  void whatHasBegunGoesOnWhenTheEndpointIsGoneAndStopsWhenItIsBack() {
    try (TestProxy proxy = serve(ticker, 2, WINDOW, address(0), address(1));
        Crowd going = crowd(proxy, "/0", 40);
        Crowd staying = crowd(proxy, "/1", 40)) {
      endpoints(proxy, 0, endpoint(address(0), State.DRAINING), endpoint(address(1), State.READY));
      endpoints(proxy, 1, endpoint(address(0), State.DRAINING), endpoint(address(1), State.READY));
      endpoints(proxy, 0, endpoint(address(1), State.READY));
      endpoints(proxy, 1, endpoint(address(0), State.READY), endpoint(address(1), State.READY));
      ticker.advance(WINDOW.plusSeconds(1).toNanos(), TimeUnit.NANOSECONDS);
      assertThat(going.awaitEnds(20)).hasSize(20);
      assertThat(staying.ends()).as("the first is closed at once").hasSizeLessThanOrEqualTo(1);
    }
  }

  @Test
  void aTunnelThatOpensOnADrainingEndpointIsClosedToo() {
    CountDownLatch answer = new CountDownLatch(1);
    try (RawUpstream slow =
            carriers.upstream(
                conversation -> {
                  conversation.readRequest();
                  answer.await();
                  conversation.send(
                      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                          + "Connection: Upgrade\r\nSec-WebSocket-Accept: "
                          + RawClient.ACCEPT
                          + "\r\n\r\n");
                  conversation.echo();
                });
        TestProxy proxy = serve(1, Duration.ofMillis(500), slow.address());
        RawClient client = proxy.connect(carriers.wire())) {
      client.send(RawClient.handshake("/0"));
      await().until(() -> slow.accepted() == 1);
      endpoints(
          proxy, 0, endpoint(slow.address(), State.DRAINING), endpoint(address(0), State.READY));
      answer.countDown();
      assertThat(client.readHead().status()).isEqualTo(101);
      assertThat(client.read(4)).isEqualTo("\u0088\u0002\u0003\u00f4");
    }
  }

  @Test
  void theLastResortKeepsItsTunnelsUntilSomebodyElseIsReady() {
    try (TestProxy proxy = serve(1, Duration.ZERO, address(0), address(1));
        Crowd crowd = crowd(proxy, "/0", 10)) {
      endpoints(
          proxy, 0, endpoint(address(0), State.DRAINING), endpoint(address(1), State.DRAINING));
      try (Crowd late = crowd(proxy, "/0", 4)) {
        assertThat(upstreams.get(0).open() + upstreams.get(1).open()).isEqualTo(14);
        endpoints(
            proxy, 0, endpoint(address(0), State.DRAINING), endpoint(address(2), State.READY));
        int left = upstreams.get(1).open();
        assertThat(late.awaitEnds(1)).allMatch(end -> end.code() == 1012);
        await().until(() -> upstreams.get(0).open() == 0);
        assertThat(upstreams.get(1).open()).isEqualTo(left);
      }
    }
  }

  @Test
  void aPoolThatIsRemovedStillHearsOfItsEndpoints() {
    try (TestProxy proxy = serve(1, Duration.ZERO, address(0));
        Crowd crowd = crowd(proxy, "/0", 3)) {
      PoolKey old = new PoolKey("WebSocketRoute", "test", "route", "pool-0");
      UpstreamPool pool = requireNonNull(snapshot.pools().get(old));
      SnapshotBuilder next = SnapshotBuilder.from(snapshot);
      snapshot.rules().forEach((key, rule) -> next.removeRule(key));
      UpstreamPool renamed =
          UpstreamPool.of(
              new PoolKey("WebSocketRoute", "test", "renamed", "pool-0"),
              pool.endpoints(),
              pool.balancing(),
              pool.slowStart(),
              pool.keepalive());
      apply(proxy, next.removePool(old).put(carriers.pool(renamed)));
      assertThat(crowd.ends()).isEmpty();
      endpoints(proxy, 0, endpoint(address(0), State.DRAINING), endpoint(address(1), State.READY));
      assertThat(crowd.awaitEnds(3)).allMatch(end -> end.code() == 1012);
    }
  }

  @Test
  void tunnelsMoveToNewEndpointsWhereThePoolSaysSo() throws Exception {
    try (TestProxy proxy = serve(2, WINDOW, address(0), address(1));
        Crowd crowd = crowd(proxy, "/0", 80);
        Crowd others = crowd(proxy, "/1", 80)) {
      PoolKey key = new PoolKey("WebSocketRoute", "test", "route", "pool-0");
      UpstreamPool pool = requireNonNull(snapshot.pools().get(key));
      apply(
          proxy,
          SnapshotBuilder.from(snapshot)
              .put(
                  carriers.pool(
                      UpstreamPool.of(
                          key,
                          pool.endpoints(),
                          pool.balancing(),
                          pool.slowStart(),
                          pool.keepalive(),
                          new Rebalance(10, 10)))));
      for (int i = 0; i < 2; i++) {
        endpoints(
            proxy,
            i,
            endpoint(address(0), State.READY),
            endpoint(address(1), State.READY),
            endpoint(address(2), State.READY),
            endpoint(address(3), State.READY));
      }
      try (Crowd back = new Back(proxy, crowd).comeBack(30)) {
        assertThat(crowd.ends()).allMatch(end -> end.code() == 1012);
        assertThat(upstreams.get(2).open() + upstreams.get(3).open()).isPositive();
        assertThat(back.ends().size()).as("who is back is hardly moved").isLessThan(10);
      }
      assertThat(others.ends()).as("where it is off nobody moves").isEmpty();
      assertThat(metrics(proxy)).containsPattern("longshore_rebalance_moved_total [3-9]\\d\\.0");
    }
  }

  /** Clients that come back one by one, as many as have been told to. */
  private final class Back {
    private final TestProxy proxy;
    private final Crowd crowd;

    Back(TestProxy proxy, Crowd crowd) {
      this.proxy = proxy;
      this.crowd = crowd;
    }

    Crowd comeBack(int count) {
      Crowd back = crowd(proxy, "/0", 0);
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(50))
          .until(
              () -> {
                while (back.size() < crowd.ends().size()) {
                  back.add(proxy, "/0");
                }
                return back.size() >= count;
              });
      return back;
    }
  }
}
