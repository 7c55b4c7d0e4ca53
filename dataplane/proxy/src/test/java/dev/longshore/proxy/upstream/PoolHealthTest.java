package dev.longshore.proxy.upstream;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Active;
import dev.longshore.contract.UpstreamPool.Balancing;
import dev.longshore.contract.UpstreamPool.HealthCheck;
import dev.longshore.contract.UpstreamPool.Keepalive;
import dev.longshore.contract.UpstreamPool.Passive;
import dev.longshore.contract.UpstreamPool.Probe;
import dev.longshore.proxy.Snapshots;
import dev.longshore.proxy.tls.UpstreamContexts;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Who of a pool is used when endpoints fail. */
class PoolHealthTest {
  private static final Duration LONG = Duration.ofHours(1);
  private static final Duration SHORT = Duration.ofSeconds(30);
  private static final String[] FOUR = {"10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80", "10.0.0.4:80"};

  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final HealthListener listener =
      new HealthListener() {
        @Override
        public void changed(Pool pool, EndpointState endpoint, EndpointHealth now, String why) {
          heard.add(endpoint + " " + now);
        }

        @Override
        public void panic(Pool pool, boolean begins) {
          heard.add("panic " + begins);
        }
      };

  private RoutingSnapshot snapshot = RoutingSnapshot.EMPTY;
  private final MockTicker ticker = Ticker.newMockTicker();
  private Pools pools = Pools.empty(listener, IntUnaryOperator.identity(), ticker);

  private Pool apply(@Nullable HealthCheck health, String... endpoints) {
    return apply(health, Balancing.RANDOM, endpoints);
  }

  private Pool apply(@Nullable HealthCheck health, Balancing balancing, String... endpoints) {
    UpstreamPool config =
        UpstreamPool.of(
            Snapshots.poolKey("p"),
            Snapshots.setKey("p"),
            balancing,
            Duration.ZERO,
            Keepalive.DEFAULT,
            health);
    RoutingSnapshot next = Snapshots.from(snapshot).with(config, endpoints).build();
    Pools.Update update = pools.prepare(snapshot, next, UpstreamContexts.empty());
    update.commit();
    pools = update.pools();
    snapshot = next;
    return requireNonNull(pools.get(Snapshots.poolKey("p")));
  }

  private static HealthCheck passive(int failures, Duration ejectFor, int mostPercent, int panic) {
    return new HealthCheck(new Passive(failures, ejectFor, mostPercent), null, panic);
  }

  private static HealthCheck active(int healthy, int unhealthy, int panic) {
    return new HealthCheck(
        null,
        new Active(
            Probe.TCP, "/", Duration.ofSeconds(5), Duration.ofSeconds(1), healthy, unhealthy, null),
        panic);
  }

  /** Of the first endpoint, which was ejected just now for a {@link #SHORT} time: to the moment. */
  private void ejectionEnds(Pool pool) {
    ticker.advance(SHORT.toNanos() - 1, TimeUnit.NANOSECONDS);
    assertThat(picked(pool)).doesNotContain("1");
    ticker.advance(1, TimeUnit.NANOSECONDS);
    assertThat(picked(pool)).contains("1");
  }

  private static EndpointState endpoint(Pool pool, int number) {
    return pool.endpoints().get(number - 1);
  }

  private static void fail(Pool pool, int number, int times) {
    for (int i = 0; i < times; i++) {
      pool.failed(endpoint(pool, number), "refused");
    }
  }

  /** Who would take a connection, which then ends. */
  private static @Nullable EndpointState pick(Pool pool, AttemptedEndpoints tried) {
    EndpointState picked = pool.acquire(tried, PickHint.NOTHING);
    if (picked != null) {
      picked.release();
    }
    return picked;
  }

  /** The last parts of the addresses that are picked. */
  private static Set<String> picked(Pool pool) {
    return picked(pool, AttemptedEndpoints.NONE);
  }

  private static Set<String> picked(Pool pool, AttemptedEndpoints tried) {
    Set<String> picked = new TreeSet<>();
    for (int i = 0; i < 500; i++) {
      EndpointState endpoint = pick(pool, tried);
      picked.add(endpoint == null ? "nobody" : endpoint.address().substring(7));
    }
    return picked;
  }

  @ParameterizedTest
  @EnumSource
  void whoFailsInARowIsLeftOut(Balancing balancing) {
    Pool pool = apply(passive(3, LONG, 50, 0), balancing, FOUR);
    fail(pool, 1, 2);
    assertThat(picked(pool)).containsExactly("1", "2", "3", "4");
    assertThat(endpoint(pool, 1).healthy()).isTrue();
    fail(pool, 1, 1);
    assertThat(picked(pool)).containsExactly("2", "3", "4");
    assertThat(endpoint(pool, 1).health()).isEqualTo(EndpointHealth.EJECTED);
    assertThat(requireNonNull(endpoint(pool, 1).lastFailure()).what()).isEqualTo("refused");
    assertThat(heard).containsExactly("10.0.0.1:80 EJECTED");
  }

  @Test
  void whatAClientMayHaveCausedCountsOncePerClient() {
    Pool pool = apply(passive(3, LONG, 50, 0), FOUR);
    for (int i = 0; i < 10; i++) {
      pool.doubted(endpoint(pool, 1), "reset", 1);
      pool.doubted(endpoint(pool, 1), "reset", 2);
    }
    assertThat(picked(pool)).contains("1");
    pool.doubted(endpoint(pool, 1), "reset", 3);
    assertThat(picked(pool)).doesNotContain("1");
  }

  @Test
  void aClientEjectsNobodyAloneNotEvenWhoReturned() {
    Pool pool = apply(passive(1, SHORT, 50, 0), FOUR);
    for (int i = 0; i < 10; i++) {
      pool.doubted(endpoint(pool, 2), "reset", 1);
    }
    assertThat(picked(pool)).contains("2");
    fail(pool, 1, 3);
    ejectionEnds(pool);
    apply(passive(1, LONG, 50, 0), FOUR);
    pool.doubted(endpoint(pool, 1), "reset", 1);
    assertThat(picked(pool)).contains("1");
    pool.doubted(endpoint(pool, 1), "reset", 2);
    assertThat(picked(pool)).doesNotContain("1");
  }

  @Test
  void clientsAndWhatNobodyElseCanCauseCountTogether() {
    Pool pool = apply(passive(3, LONG, 50, 0), FOUR);
    pool.doubted(endpoint(pool, 1), "reset", 1);
    fail(pool, 1, 1);
    assertThat(picked(pool)).contains("1");
    fail(pool, 1, 1);
    assertThat(picked(pool)).doesNotContain("1");
    pool.doubted(endpoint(pool, 2), "reset", 1);
    pool.doubted(endpoint(pool, 2), "reset", 2);
    pool.succeeded(endpoint(pool, 2));
    pool.doubted(endpoint(pool, 2), "reset", 3);
    assertThat(picked(pool)).as("an answer makes all begin again").contains("2");
  }

  @Test
  void soManyClientsAreEnoughWhateverTheThreshold() {
    Pool pool = apply(passive(1000, LONG, 50, 0), FOUR);
    for (int client = 1; client < HardLimits.WITNESSES_PER_ENDPOINT; client++) {
      pool.doubted(endpoint(pool, 1), "reset", client);
    }
    assertThat(picked(pool)).contains("1");
    pool.doubted(endpoint(pool, 1), "reset", 1000);
    assertThat(picked(pool)).doesNotContain("1");
  }

  @Test
  void whatClientsSawIsForgotten() {
    Witnesses witnesses = new Witnesses();
    long window = Duration.ofSeconds(Witnesses.WINDOW_SECONDS).toNanos();
    assertThat(witnesses.add(1, 0)).isTrue();
    assertThat(witnesses.add(2, window - 1)).isTrue();
    assertThat(witnesses.add(1, window - 1)).isFalse();
    assertThat(witnesses.count(window)).isEqualTo(2);
    assertThat(witnesses.count(2 * window)).isZero();
    assertThat(witnesses.add(1, 2 * window)).isTrue();
  }

  @Test
  void aSuccessMakesTheCountBeginAgain() {
    Pool pool = apply(passive(3, LONG, 50, 0), FOUR);
    for (int i = 0; i < 5; i++) {
      fail(pool, 1, 2);
      pool.succeeded(endpoint(pool, 1));
    }
    assertThat(picked(pool)).hasSize(4);
  }

  @ParameterizedTest
  @CsvSource({"50, 2", "49, 1", "25, 1", "24, 0", "0, 0", "100, 4"})
  void noMoreThanTheShareIsEjected(int percent, int most) {
    Pool pool = apply(passive(1, LONG, percent, 0), FOUR);
    for (int number = 1; number <= 4; number++) {
      fail(pool, number, 5);
    }
    assertThat(pool.endpoints().stream().filter(each -> !each.healthy())).hasSize(most);
    assertThat(picked(pool)).hasSize(most == 4 ? 1 : 4 - most);
  }

  @Test
  void theLastOneIsNeverEjected() {
    Pool pool = apply(passive(1, LONG, 100, 0), "10.0.0.1:80", "-10.0.0.2:80");
    fail(pool, 1, 10);
    assertThat(picked(pool)).containsExactly("1");
    assertThat(endpoint(pool, 1).healthy()).isTrue();
  }

  @Test
  void whoWaitedForRoomIsEjectedAtItsNextFailure() {
    Pool pool = apply(passive(2, LONG, 50, 0), "10.0.0.1:80", "10.0.0.2:80");
    fail(pool, 1, 2);
    fail(pool, 2, 2);
    assertThat(picked(pool)).containsExactly("2");
    apply(passive(2, LONG, 50, 0), FOUR);
    fail(pool, 2, 1);
    assertThat(picked(pool)).containsExactly("3", "4");
  }

  @Test
  void afterItsTimeItIsUsedAgainAndOneFailureIsEnough() {
    Pool pool = apply(passive(3, SHORT, 50, 0), FOUR);
    fail(pool, 1, 3);
    ejectionEnds(pool);
    assertThat(heard).containsExactly("10.0.0.1:80 EJECTED", "10.0.0.1:80 HEALTHY");
    apply(passive(3, LONG, 50, 0), FOUR);
    fail(pool, 1, 1);
    assertThat(picked(pool)).doesNotContain("1");
  }

  @Test
  void afterASuccessItHasAllItsFailuresAgain() {
    Pool pool = apply(passive(3, SHORT, 50, 0), FOUR);
    fail(pool, 1, 3);
    ejectionEnds(pool);
    apply(passive(3, LONG, 50, 0), FOUR);
    pool.succeeded(endpoint(pool, 1));
    fail(pool, 1, 2);
    assertThat(picked(pool)).contains("1");
  }

  @Test
  void healthIsRightAlsoWhenNobodyPicks() {
    Pool pool = apply(passive(1, SHORT, 50, 0), FOUR);
    fail(pool, 1, 1);
    assertThat(endpoint(pool, 1).healthy()).isFalse();
    ticker.advance(SHORT.toNanos(), TimeUnit.NANOSECONDS);
    assertThat(endpoint(pool, 1).healthy()).isTrue();
  }

  @Test
  void withTooFewHealthyOnesAllAreUsed() {
    Pool pool = apply(passive(1, LONG, 100, 50), FOUR);
    fail(pool, 1, 1);
    fail(pool, 2, 1);
    assertThat(picked(pool)).containsExactly("3", "4");
    assertThat(pool.panicking()).isFalse();
    fail(pool, 3, 1);
    assertThat(picked(pool)).containsExactly("1", "2", "3", "4");
    assertThat(pool.panicking()).isTrue();
    apply(passive(1, LONG, 100, 20), FOUR);
    assertThat(picked(pool)).containsExactly("4");
    assertThat(heard).contains("panic true").endsWith("panic false");
  }

  @Test
  void withoutAThresholdNobodyIsLeft() {
    Pool pool = apply(passive(1, LONG, 100, 0), FOUR);
    for (int number = 1; number <= 4; number++) {
      fail(pool, number, 1);
    }
    assertThat(picked(pool)).containsExactly("nobody");
  }

  @Test
  void ejectedOnesReturnWhenTooFewOthersAreLeft() {
    Pool pool = apply(passive(1, LONG, 50, 0), FOUR);
    fail(pool, 1, 1);
    fail(pool, 2, 1);
    apply(passive(1, LONG, 50, 0), "10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80");
    // One of three is the most: who was ejected first is the first to return.
    assertThat(picked(pool)).containsExactly("1", "3");
    apply(passive(1, LONG, 50, 0), "10.0.0.2:80");
    assertThat(picked(pool)).containsExactly("2");
  }

  @Test
  void probesNeedTheirThresholds() {
    Pool pool = apply(active(2, 3, 0), FOUR);
    EndpointState one = endpoint(pool, 1);
    pool.probed(one, false, 1, "down");
    pool.probed(one, false, 2, "down");
    assertThat(picked(pool)).contains("1");
    pool.probed(one, false, 3, "down");
    pool.probed(one, false, 4, "down");
    assertThat(picked(pool)).containsExactly("2", "3", "4");
    assertThat(one.health()).isEqualTo(EndpointHealth.UNHEALTHY);
    pool.probed(one, true, 1, "up");
    assertThat(picked(pool)).doesNotContain("1");
    pool.probed(one, true, 2, "up");
    assertThat(picked(pool)).contains("1");
    assertThat(heard).containsExactly("10.0.0.1:80 UNHEALTHY", "10.0.0.1:80 HEALTHY");
  }

  @Test
  void probesKnowNoCap() {
    Pool pool = apply(active(1, 1, 0), FOUR);
    for (int number = 1; number <= 4; number++) {
      pool.probed(endpoint(pool, number), false, 1, "down");
    }
    assertThat(picked(pool)).containsExactly("nobody");
  }

  @Test
  void whatAProbeFoundDoesNotOutliveTheCheck() {
    Pool pool = apply(active(1, 1, 0), FOUR);
    pool.probed(endpoint(pool, 1), false, 1, "down");
    apply(passive(1, LONG, 50, 0), FOUR);
    assertThat(picked(pool)).contains("1");
    pool.probed(endpoint(pool, 1), false, 2, "it was under way");
    assertThat(picked(pool)).contains("1");
    fail(pool, 2, 1);
    apply(null, FOUR);
    assertThat(picked(pool)).hasSize(4);
    assertThat(pool.endpoints()).allMatch(EndpointState::healthy);
  }

  @Test
  void healthSurvivesChangesOfEverythingElse() {
    Pool pool = apply(passive(1, LONG, 50, 0), FOUR);
    fail(pool, 1, 1);
    apply(passive(2, LONG, 60, 10), Balancing.ROUND_ROBIN, FOUR);
    assertThat(picked(pool)).doesNotContain("1");
    apply(passive(2, LONG, 60, 10), "10.0.0.1:80", "10.0.0.2:80", "10.0.0.9:80");
    assertThat(picked(pool)).containsExactly("2", "9");
  }

  @Test
  void anAddressThatComesBackIsAnotherProcess() {
    Pool pool = apply(passive(1, LONG, 50, 0), FOUR);
    EndpointState one = endpoint(pool, 1);
    one.acquire();
    fail(pool, 1, 1);
    apply(passive(1, LONG, 50, 0), "10.0.0.2:80", "10.0.0.3:80");
    assertThat(pool.endpoints()).hasSize(2);
    apply(passive(1, LONG, 50, 0), FOUR);
    assertThat(endpoint(pool, 1)).isSameAs(one);
    assertThat(picked(pool)).hasSize(4);
    one.release();
  }

  @Test
  void furtherAttemptsGoToUntriedHealthyOnes() {
    Pool pool = apply(passive(1, LONG, 50, 0), FOUR);
    fail(pool, 1, 1);
    fail(pool, 2, 1);
    AttemptedEndpoints three = AttemptedEndpoints.NONE.with(endpoint(pool, 3));
    assertThat(picked(pool, three)).containsExactly("4");
    // Rather one again that is taken for healthy than one that is known to fail.
    assertThat(picked(pool, three.with(endpoint(pool, 4)))).containsExactly("3", "4");
  }

  @Test
  void whoIsNotReadyOrNotThereCanNotBeEjected() {
    Pool pool = apply(passive(1, LONG, 100, 0), FOUR);
    EndpointState gone = endpoint(pool, 4);
    apply(passive(1, LONG, 100, 0), "10.0.0.1:80", "10.0.0.2:80", "-10.0.0.3:80");
    pool.failed(gone, "reset");
    pool.failed(endpoint(pool, 3), "reset");
    assertThat(heard).isEmpty();
    assertThat(picked(pool)).containsExactly("1", "2");
  }

  @Test
  void withoutChecksFailuresAreOnlyShown() {
    Pool pool = apply(null, FOUR);
    fail(pool, 1, 100);
    assertThat(picked(pool)).hasSize(4);
    assertThat(endpoint(pool, 1).healthy()).isTrue();
    assertThat(endpoint(pool, 1).lastFailure()).isNotNull();
  }

  @Test
  void manyThreadsFailAndPickWhileEndpointsChange() throws Exception {
    Pool pool = apply(passive(2, SHORT, 50, 0), FOUR);
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        running.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 20_000; i++) {
                    EndpointState endpoint = requireNonNull(pick(pool, AttemptedEndpoints.NONE));
                    if (i % 3 == 0) {
                      pool.succeeded(endpoint);
                    } else {
                      pool.failed(endpoint, "planted");
                    }
                  }
                }));
      }
      for (int i = 0; running.stream().anyMatch(each -> !each.isDone()); i++) {
        ticker.advance(1, TimeUnit.SECONDS);
        apply(
            passive(2, SHORT, 50, 0),
            "10.0.0.1:80",
            "10.0.0.2:80",
            "10.0.0." + (3 + i % 100) + ":80");
      }
      for (Future<?> each : running) {
        each.get();
      }
    }
    assertThat(heard).anyMatch(each -> each.endsWith("EJECTED"));
    pool.endpoints().forEach(pool::succeeded);
    ticker.advance(SHORT.toNanos(), TimeUnit.NANOSECONDS);
    assertThat(picked(pool)).hasSize(pool.endpoints().size());
  }
}
