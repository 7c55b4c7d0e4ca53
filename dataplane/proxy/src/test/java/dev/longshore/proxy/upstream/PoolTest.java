package dev.longshore.proxy.upstream;

import static dev.longshore.proxy.Snapshots.endpoints;
import static dev.longshore.proxy.Snapshots.pool;
import static dev.longshore.proxy.Snapshots.poolKey;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Balancing;
import dev.longshore.proxy.Snapshots;
import dev.longshore.proxy.tls.UpstreamContexts;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PoolTest {
  private static final int PICKS = 20_000;

  private RoutingSnapshot snapshot = RoutingSnapshot.EMPTY;
  private final MockTicker ticker = Ticker.newMockTicker();
  private Pools pools = Pools.empty(HealthListener.NONE, IntUnaryOperator.identity(), ticker);

  private Pool start(UpstreamPool config, String... endpoints) {
    apply(Snapshots.from(snapshot).with(config, endpoints).build());
    return current();
  }

  private Pool current() {
    return requireNonNull(pools.get(poolKey("p")));
  }

  private void apply(RoutingSnapshot next) {
    Pools.Update update = pools.prepare(snapshot, next, UpstreamContexts.empty());
    update.commit();
    pools = update.pools();
    snapshot = next;
  }

  private void change(String... endpoints) {
    apply(Snapshots.from(snapshot).with(endpoints("p", endpoints)).build());
  }

  private void later(Duration time) {
    ticker.advance(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  private static EndpointState pick(Pool pool) {
    return requireNonNull(pick(pool, AttemptedEndpoints.NONE));
  }

  /** Who would take a connection, which then ends. */
  private static @Nullable EndpointState pick(Pool pool, AttemptedEndpoints tried) {
    EndpointState picked = pool.acquire(tried, PickHint.NOTHING);
    if (picked != null) {
      picked.release();
    }
    return picked;
  }

  private static Map<String, Integer> picks(Pool pool) {
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < PICKS; i++) {
      counts.merge(pick(pool).toString(), 1, Integer::sum);
    }
    return counts;
  }

  @Test
  void anEmptyPoolHasNobody() {
    Pool pool = start(pool("p"));
    assertThat(pool.acquire(AttemptedEndpoints.NONE, PickHint.NOTHING)).isNull();
    assertThat(pool.readyCount()).isZero();
  }

  @Test
  void whoDrainsIsTheLastResort() {
    Pool pool = start(pool("p"), "-10.0.0.1:80");
    EndpointState leaving = pool.endpoints().getFirst();
    assertThat(pool.acquire(AttemptedEndpoints.NONE, PickHint.NOTHING)).isSameAs(leaving);
    assertThat(leaving.draining()).isFalse();
    change("-10.0.0.1:80", "10.0.0.2:80");
    assertThat(pick(pool).address()).isEqualTo("10.0.0.2");
    assertThat(leaving.draining()).isTrue();
    change("-10.0.0.1:80", "-10.0.0.2:80");
    assertThat(pool.readyCount()).isEqualTo(2);
    change("10.0.0.1:80", "-10.0.0.2:80");
    assertThat(pick(pool)).isSameAs(leaving);
  }

  @ParameterizedTest
  @EnumSource
  void nobodyWhoDrainsIsPicked(Balancing balancing) {
    Pool pool =
        start(
            Snapshots.pool("p", balancing, Duration.ZERO),
            "10.0.0.1:80",
            "-10.0.0.2:80",
            "10.0.0.3:80");
    assertThat(picks(pool)).containsOnlyKeys("10.0.0.1:80", "10.0.0.3:80");
  }

  /** hostile.md 9: on a node without IPv6 nobody can be reached there, and asking is no use. */
  @ParameterizedTest
  @EnumSource
  void nobodyIsPickedWhoseAddressFamilyIsNotSpoken(Balancing balancing) {
    pools =
        Pools.empty(
            HealthListener.NONE, IntUnaryOperator.identity(), new AddressFamilies(false), ticker);
    Pool pool =
        start(Snapshots.pool("p", balancing, Duration.ZERO), "10.0.0.1:80", "2001:db8::1:80");
    assertThat(picks(pool)).containsOnlyKeys("10.0.0.1:80");
    assertThat(pool.readyCount()).isEqualTo(1);
    assertThat(pool.endpoints())
        .filteredOn(each -> each.lastFailure() != null)
        .singleElement()
        .hasToString("[2001:db8::1]:80");
    change("2001:db8::1:80");
    assertThat(pool.acquire(AttemptedEndpoints.NONE, PickHint.NOTHING)).isNull();
  }

  @ParameterizedTest
  @EnumSource
  void whoWasTriedIsAvoidedUnlessNobodyElseIsThere(Balancing balancing) {
    Pool pool =
        start(
            Snapshots.pool("p", balancing, Duration.ZERO),
            "10.0.0.1:80",
            "10.0.0.2:80",
            "10.0.0.3:80");
    for (int i = 0; i < 1000; i++) {
      EndpointState first = pick(pool);
      AttemptedEndpoints tried = AttemptedEndpoints.NONE.with(first);
      EndpointState second = requireNonNull(pick(pool, tried));
      assertThat(second).isNotSameAs(first);
      tried = tried.with(second);
      EndpointState third = requireNonNull(pick(pool, tried));
      assertThat(third).isNotSameAs(first).isNotSameAs(second);
      tried = tried.with(third);
      assertThat(tried.count()).isEqualTo(3);
      assertThat(pick(pool, tried)).isNotNull();
    }
  }

  @Test
  void roundRobinGoesInTurn() {
    Pool pool =
        start(
            Snapshots.pool("p", Balancing.ROUND_ROBIN, Duration.ZERO),
            "10.0.0.1:80",
            "10.0.0.2:80",
            "10.0.0.3:80");
    assertThat(picks(pool).values()).allMatch(count -> Math.abs(count - PICKS / 3) <= 1);
  }

  @Test
  void randomIsEven() {
    Pool pool =
        start(Snapshots.pool("p", Balancing.RANDOM, Duration.ZERO), "10.0.0.1:80", "10.0.0.2:80");
    assertThat(picks(pool)).allSatisfy((name, count) -> assertThat(count).isBetween(9500, 10500));
  }

  @Test
  void leastConnectionsEvensOut() {
    Pool pool = start(pool("p"), "10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80", "10.0.0.4:80");
    EndpointState loaded = pool.endpoints().getFirst();
    for (int i = 0; i < 100; i++) {
      loaded.acquire();
    }
    for (int i = 0; i < 300; i++) {
      pick(pool).acquire();
    }
    assertThat(pool.endpoints()).allSatisfy(it -> assertThat(it.open()).isBetween(90, 110));
    assertThat(picks(pool).values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(PICKS);
  }

  @Test
  void countsSurviveEveryChangeThatKeepsTheAddress() {
    Pool pool = start(pool("p"), "10.0.0.1:80", "10.0.0.2:80");
    EndpointState one = pool.endpoints().getFirst();
    one.acquire();
    change("10.0.0.1:80", "10.0.0.3:80");
    assertThat(current()).isSameAs(pool);
    assertThat(pool.endpoints()).first().isSameAs(one);
    change("-10.0.0.1:80", "10.0.0.3:80");
    assertThat(pool.endpoints()).anyMatch(it -> it == one && it.draining());
    apply(
        Snapshots.from(snapshot)
            .with(Snapshots.pool("p", Balancing.RANDOM, Duration.ofSeconds(9)), "10.0.0.1:80")
            .build());
    assertThat(pool.config().balancing()).isEqualTo(Balancing.RANDOM);
    assertThat(pool.endpoints()).containsExactly(one);
    assertThat(one.open()).isEqualTo(1);
    assertThat(one.draining()).isFalse();
  }

  @Test
  void whoComesBackWhileItHasConnectionsIsCountedOn() {
    Pool pool = start(pool("p"), "10.0.0.1:80", "10.0.0.2:80");
    EndpointState one = pool.endpoints().getFirst();
    EndpointState two = pool.endpoints().getLast();
    one.acquire();
    change();
    assertThat(pool.endpoints()).isEmpty();
    change("10.0.0.3:80");
    assertThat(pool.endpoints()).hasSize(1);
    change("10.0.0.1:80", "10.0.0.2:80");
    assertThat(pool.endpoints()).first().isSameAs(one);
    assertThat(pool.endpoints()).last().isNotSameAs(two);
  }

  @Test
  void ofTwoEntriesForOneAddressTheReadyOneCounts() {
    Pool pool = start(pool("p"), "-10.0.0.1:80", "10.0.0.1:80");
    assertThat(pool.endpoints()).hasSize(1);
    assertThat(pool.readyCount()).isEqualTo(1);
  }

  @Test
  void noReleaseWithoutAcquire() {
    Pool pool = start(pool("p"), "::1:80");
    EndpointState endpoint = pick(pool);
    assertThat(endpoint).hasToString("[::1]:80");
    endpoint.acquire();
    endpoint.release();
    assertThatThrownBy(endpoint::release).isInstanceOf(IllegalStateException.class);
    assertThat(endpoint.open()).isZero();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CONSISTENT_HASH")
  void newEndpointsGetAGrowingShare(Balancing balancing) {
    Duration slowStart = Duration.ofHours(10);
    Pool pool =
        start(
            Snapshots.pool("p", balancing, slowStart), "10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80");
    // Those of the beginning are even.
    assertThat(picks(pool)).allSatisfy((name, count) -> assertThat(count).isGreaterThan(6000));
    // Known for a tenth of the ramp, so it gets about a tenth of the others' share.
    change("10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80", "10.0.0.4:80");
    later(slowStart.dividedBy(10));
    int young = picks(pool).getOrDefault("10.0.0.4:80", 0);
    // Least connections compares load by share too: with equal counts the new one loses more.
    int expected = (int) (PICKS * 0.1 / 3.1);
    assertThat(young)
        .isBetween(balancing == Balancing.LEAST_CONNECTIONS ? 0 : expected / 2, expected * 2);
  }

  @Test
  void leastConnectionsDoesNotRushOnANewEndpoint() {
    Duration slowStart = Duration.ofHours(10);
    Pool pool =
        start(
            Snapshots.pool("p", Balancing.LEAST_CONNECTIONS, slowStart),
            "10.0.0.1:80",
            "10.0.0.2:80",
            "10.0.0.3:80");
    for (EndpointState endpoint : pool.endpoints()) {
      for (int i = 0; i < 1000; i++) {
        endpoint.acquire();
      }
    }
    change("10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80", "10.0.0.4:80");
    later(slowStart.dividedBy(2));
    int young = picks(pool).getOrDefault("10.0.0.4:80", 0);
    // Without a ramp it would be half: chosen whenever it is one of the two.
    assertThat(young).isBetween((int) (PICKS * 0.2), (int) (PICKS * 0.35));
  }

  @Test
  void aRampEnds() {
    Duration slowStart = Duration.ofSeconds(10);
    Pool pool = start(Snapshots.pool("p", Balancing.ROUND_ROBIN, slowStart), "10.0.0.1:80");
    pick(pool);
    change("10.0.0.1:80", "10.0.0.2:80");
    later(slowStart.minusNanos(1));
    assertThat(pool.share(pool.endpoints().getLast())).isLessThan(1);
    later(Duration.ofNanos(1));
    assertThat(pool.share(pool.endpoints().getLast())).isEqualTo(1);
    assertThat(picks(pool)).allSatisfy((name, count) -> assertThat(count).isEqualTo(PICKS / 2));
  }

  @Test
  void aPoolOfNewEndpointsOnlyIsEven() {
    Pool pool = start(Snapshots.pool("p", Balancing.RANDOM, Duration.ofHours(1)), "10.0.0.9:80");
    pick(pool);
    change("10.0.0.1:80", "10.0.0.2:80");
    assertThat(picks(pool)).allSatisfy((name, count) -> assertThat(count).isBetween(9500, 10500));
  }

  @Test
  void manyThreadsPickWhileEndpointsChange() throws Exception {
    Pool pool = start(pool("p"), "10.0.0.1:80");
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        running.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 50_000; i++) {
                    pick(pool);
                  }
                }));
      }
      for (int i = 0; running.stream().anyMatch(it -> !it.isDone()); i++) {
        change("10.0.0.1:80", "10.0.0." + (2 + i % 200) + ":80");
      }
      for (Future<?> one : running) {
        one.get();
      }
    }
    change("10.0.0.1:80");
    assertThat(pool.endpoints()).hasSize(1).allSatisfy(it -> assertThat(it.open()).isZero());
  }
}
