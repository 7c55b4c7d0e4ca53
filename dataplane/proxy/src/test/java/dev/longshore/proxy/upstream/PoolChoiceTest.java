package dev.longshore.proxy.upstream;

import static dev.longshore.proxy.Snapshots.endpoints;
import static dev.longshore.proxy.Snapshots.poolKey;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Affinity;
import dev.longshore.contract.UpstreamPool.Balancing;
import dev.longshore.contract.UpstreamPool.HashType;
import dev.longshore.contract.UpstreamPool.SameSite;
import dev.longshore.proxy.Snapshots;
import dev.longshore.proxy.testing.TestPool;
import dev.longshore.proxy.tls.UpstreamContexts;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Endpoints that are chosen by a key or a cookie, and those that are full. */
class PoolChoiceTest {
  private static final int KEYS = 20_000;

  /** The pools of one data plane, through one change after the other. */
  private static final class DataPlane {
    private RoutingSnapshot snapshot = RoutingSnapshot.EMPTY;
    private Pools pools;

    DataPlane() {
      this(1);
    }

    DataPlane(int dataPlanes) {
      pools =
          Pools.empty(
              HealthListener.NONE, total -> Math.max(1, total / dataPlanes), Ticker.systemTicker());
    }

    Pool apply(UpstreamPool config, String... endpoints) {
      return apply(Snapshots.from(snapshot).with(config, endpoints).build());
    }

    Pool change(String... endpoints) {
      return apply(Snapshots.from(snapshot).with(endpoints("p", endpoints)).build());
    }

    private Pool apply(RoutingSnapshot next) {
      Pools.Update update = pools.prepare(snapshot, next, UpstreamContexts.empty());
      update.commit();
      pools = update.pools();
      snapshot = next;
      return requireNonNull(pools.get(poolKey("p")));
    }
  }

  private static UpstreamPool hashing() {
    return TestPool.hashing(Snapshots.pool("p"), HashType.HEADER, "x-user");
  }

  private static String[] addresses(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "10.0." + i / 250 + "." + i % 250 + ":3000")
        .toArray(String[]::new);
  }

  private static PickHint key(int number) {
    return new PickHint(null, StableHash.of("user-" + number));
  }

  private static @Nullable EndpointState pick(Pool pool, AttemptedEndpoints tried, PickHint hint) {
    EndpointState picked = pool.acquire(tried, hint);
    if (picked != null) {
      picked.release();
    }
    return picked;
  }

  private static EndpointState pick(Pool pool, PickHint hint) {
    return requireNonNull(pick(pool, AttemptedEndpoints.NONE, hint));
  }

  /** Who has which key. */
  private static String[] owners(Pool pool) {
    return IntStream.range(0, KEYS)
        .mapToObj(i -> pick(pool, key(i)).toString())
        .toArray(String[]::new);
  }

  @Test
  void dataPlanesAgreeWhateverTheyHaveBeenThrough() {
    List<String> addresses = new ArrayList<>(List.of(addresses(20)));
    Pool one = new DataPlane().apply(hashing(), addresses.toArray(String[]::new));
    DataPlane other = new DataPlane();
    Collections.shuffle(addresses, new Random(1));
    other.apply(hashing(), addresses.subList(0, 3).toArray(String[]::new));
    other.change("10.9.9.9:1", addresses.get(7));
    Pool two = other.change(addresses.toArray(String[]::new));
    assertThat(owners(two)).isEqualTo(owners(one));
  }

  @Test
  void everySpellingOfAnAddressIsTheSame() {
    Pool one = new DataPlane().apply(hashing(), "fd00::1:80", "fd00::2:80", "fd00::3:80");
    Pool two = new DataPlane().apply(hashing(), "fd00:0:0::1:80", "fd00:0::2:80", "fd00::3:80");
    for (int i = 0; i < 100; i++) {
      assertThat(pick(two, key(i)).socketAddress()).isEqualTo(pick(one, key(i)).socketAddress());
    }
  }

  /** By what is drawn at random, five standard deviations. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 10, 100})
  void keysAreSpreadEvenly(int count) {
    Pool pool = new DataPlane().apply(hashing(), addresses(count));
    Map<String, Integer> counts = new HashMap<>();
    for (String owner : owners(pool)) {
      counts.merge(owner, 1, Integer::sum);
    }
    double mean = (double) KEYS / count;
    double slack = 5 * Math.sqrt(mean * (1 - 1.0 / count));
    assertThat(counts).hasSize(count);
    assertThat(counts.values()).allMatch(it -> Math.abs(it - mean) <= slack);
  }

  @Test
  void onlyKeysMoveThatHaveTo() {
    Random random = new Random(7);
    DataPlane dataPlane = new DataPlane();
    List<String> universe = List.of(addresses(40));
    Set<String> present = new HashSet<>(universe.subList(0, 10));
    Pool pool = dataPlane.apply(hashing(), present.toArray(String[]::new));
    String[] before = owners(pool);
    for (int change = 0; change < 20; change++) {
      Set<String> next = new HashSet<>(present);
      for (int i = 0; i <= change % 3; i++) {
        String address = universe.get(random.nextInt(universe.size()));
        if (!next.remove(address)) {
          next.add(address);
        }
      }
      next.add(universe.getFirst());
      String[] after = owners(dataPlane.change(next.toArray(String[]::new)));
      for (int i = 0; i < KEYS; i++) {
        if (next.contains(before[i]) && present.contains(after[i])) {
          assertThat(after[i]).as("key %s", i).isEqualTo(before[i]);
        }
      }
      present = next;
      before = after;
    }
  }

  @Test
  void whoIsNextIsWhoeverWouldBeFirstWithoutThose() {
    DataPlane dataPlane = new DataPlane();
    String[] addresses = addresses(5);
    Pool pool = dataPlane.apply(hashing(), addresses);
    for (int i = 0; i < 200; i++) {
      EndpointState first = pick(pool, key(i));
      EndpointState second =
          requireNonNull(pick(pool, AttemptedEndpoints.NONE.with(first), key(i)));
      String[] left =
          Arrays.stream(addresses)
              .filter(it -> !it.equals(first.toString()))
              .toArray(String[]::new);
      Pool without = new DataPlane().apply(hashing(), left);
      assertThat(second).hasToString(pick(without, key(i)).toString());
    }
    // All tried: the best of them once more.
    AttemptedEndpoints all = AttemptedEndpoints.NONE;
    for (EndpointState endpoint : pool.endpoints()) {
      all = all.with(endpoint);
    }
    assertThat(pick(pool, all, key(1))).isSameAs(pick(pool, key(1)));
  }

  @Test
  void aFullEndpointsKeysGoToTheNext() {
    Pool pool = new DataPlane().apply(TestPool.bounded(hashing(), 2), addresses(3));
    EndpointState first = pick(pool, key(0));
    EndpointState second = requireNonNull(pick(pool, AttemptedEndpoints.NONE.with(first), key(0)));
    List<EndpointState> got = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      got.add(requireNonNull(pool.acquire(AttemptedEndpoints.NONE, key(0))));
    }
    assertThat(got).containsExactly(first, first, second, second);
    first.release();
    assertThat(pool.acquire(AttemptedEndpoints.NONE, key(0))).isSameAs(first);
    requireNonNull(pool.acquire(AttemptedEndpoints.NONE, key(0)));
    requireNonNull(pool.acquire(AttemptedEndpoints.NONE, key(0)));
    assertThat(pool.acquire(AttemptedEndpoints.NONE, key(0))).isNull();
  }

  @Test
  void keysDoNotWaitForSlowStart() {
    UpstreamPool slow =
        TestPool.hashing(
            Snapshots.pool("p", Balancing.CONSISTENT_HASH, Duration.ofHours(10)),
            HashType.HEADER,
            "x-user");
    DataPlane dataPlane = new DataPlane();
    dataPlane.apply(slow, "10.0.0.1:80");
    Pool pool = dataPlane.change("10.0.0.1:80", "10.0.0.2:80");
    assertThat(Arrays.stream(owners(pool)).filter("10.0.0.2:80"::equals).count())
        .isBetween(9500L, 10500L);
  }

  @Test
  void withoutAKeyTheLessLoadedIsTaken() {
    Pool pool = new DataPlane().apply(hashing(), "10.0.0.1:80", "10.0.0.2:80");
    pool.endpoints().getFirst().acquire();
    for (int i = 0; i < 20; i++) {
      assertThat(pick(pool, PickHint.NOTHING)).hasToString("10.0.0.2:80");
    }
  }

  // ---- a maximum of connections

  @ParameterizedTest
  @EnumSource
  void everyPlaceIsTakenAndNoMore(Balancing balancing) {
    Pool pool =
        new DataPlane()
            .apply(
                TestPool.bounded(Snapshots.pool("p", balancing, Duration.ZERO), 7), addresses(3));
    for (int i = 0; i < 21; i++) {
      assertThat(pool.acquire(AttemptedEndpoints.NONE, PickHint.NOTHING)).isNotNull();
    }
    assertThat(pool.acquire(AttemptedEndpoints.NONE, PickHint.NOTHING)).isNull();
    assertThat(pool.readyCount()).isEqualTo(3);
    EndpointState freed = pool.endpoints().getLast();
    freed.release();
    // Tried in vain, but all others are full.
    assertThat(pool.acquire(AttemptedEndpoints.NONE.with(freed), PickHint.NOTHING)).isSameAs(freed);
    assertThat(pool.endpoints()).allMatch(it -> it.open() == 7);
  }

  @Test
  void eachDataPlaneTakesItsShare() {
    Pool pool = new DataPlane(4).apply(TestPool.bounded(Snapshots.pool("p"), 10), "10.0.0.1:80");
    assertThat(pool.acquire(AttemptedEndpoints.NONE, PickHint.NOTHING)).isNotNull();
    assertThat(pool.acquire(AttemptedEndpoints.NONE, PickHint.NOTHING)).isNotNull();
    assertThat(pool.acquire(AttemptedEndpoints.NONE, PickHint.NOTHING)).isNull();
  }

  @Test
  void aLowerMaximumEndsNothing() {
    DataPlane dataPlane = new DataPlane();
    Pool pool = dataPlane.apply(TestPool.bounded(Snapshots.pool("p"), 3), "10.0.0.1:80");
    EndpointState endpoint =
        requireNonNull(pool.acquire(AttemptedEndpoints.NONE, PickHint.NOTHING));
    requireNonNull(pool.acquire(AttemptedEndpoints.NONE, PickHint.NOTHING));
    dataPlane.apply(TestPool.bounded(Snapshots.pool("p"), 1), "10.0.0.1:80");
    assertThat(endpoint.open()).isEqualTo(2);
    endpoint.release();
    assertThat(pool.acquire(AttemptedEndpoints.NONE, PickHint.NOTHING)).isNull();
    endpoint.release();
    assertThat(pool.acquire(AttemptedEndpoints.NONE, PickHint.NOTHING)).isSameAs(endpoint);
  }

  @Test
  void manyThreadsNeverTakeMoreThanThereIs() throws Exception {
    int threads = 4;
    int most = 50;
    Pool pool = new DataPlane().apply(TestPool.bounded(Snapshots.pool("p"), most), addresses(2));
    CyclicBarrier start = new CyclicBarrier(threads);
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      for (int round = 0; round < 100; round++) {
        List<Future<Integer>> taken = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
          taken.add(
              executor.submit(
                  () -> {
                    start.await();
                    int got = 0;
                    while (pool.acquire(AttemptedEndpoints.NONE, PickHint.NOTHING) != null) {
                      got++;
                    }
                    return got;
                  }));
        }
        int sum = 0;
        for (Future<Integer> one : taken) {
          sum += one.get();
        }
        assertThat(sum).isEqualTo(2 * most);
        for (EndpointState endpoint : pool.endpoints()) {
          assertThat(endpoint.open()).isEqualTo(most);
          for (int i = 0; i < most; i++) {
            endpoint.release();
          }
        }
      }
    }
  }

  // ---- affinity

  private static PickHint showing(Pool pool, EndpointState endpoint) {
    return new PickHint(requireNonNull(pool.cookieOf(endpoint)), null);
  }

  private static UpstreamPool sticky(char key) {
    return TestPool.sticky(Snapshots.pool("p"), key);
  }

  @Test
  void aCookieLeadsBackOnEveryDataPlane() {
    Pool one = new DataPlane().apply(sticky('a'), addresses(50));
    Pool two = new DataPlane().apply(sticky('a'), addresses(50));
    for (EndpointState endpoint : one.endpoints()) {
      PickHint shown = showing(one, endpoint);
      assertThat(shown.cookie()).matches("[A-Za-z0-9_-]{30}").doesNotContain("10.0");
      for (int i = 0; i < 5; i++) {
        assertThat(pick(one, shown)).isSameAs(endpoint);
        assertThat(pick(two, shown)).hasToString(endpoint.toString());
      }
    }
    assertThat(one.endpoints().stream().map(one::cookieOf)).doesNotHaveDuplicates();
  }

  @Test
  void aCookieOfAnotherKeyOrPoolMeansNothing() {
    DataPlane dataPlane = new DataPlane();
    Pool pool = dataPlane.apply(sticky('a'), addresses(3));
    Pool otherKey = new DataPlane().apply(sticky('b'), addresses(3));
    String cookie = requireNonNull(pool.cookieOf(pool.endpoints().getFirst()));
    assertThat(pool.keeps(cookie)).isTrue();
    assertThat(pool.issued(cookie)).isTrue();
    assertThat(otherKey.keeps(cookie)).isFalse();
    assertThat(otherKey.issued(cookie)).isFalse();
    dataPlane.apply(TestPool.sticky(Snapshots.pool("q"), 'a'), addresses(3));
    Pool otherPool = requireNonNull(dataPlane.pools.get(poolKey("q")));
    assertThat(otherPool.keeps(cookie)).isFalse();
    assertThat(otherPool.issued(cookie)).isFalse();
    // Another key at a running data plane.
    dataPlane.apply(sticky('b'), addresses(3));
    assertThat(pool.keeps(cookie)).isFalse();
    assertThat(pool.cookieOf(pool.endpoints().getFirst()))
        .isEqualTo(otherKey.cookieOf(otherKey.endpoints().getFirst()));
  }

  @Test
  void nothingMadeUpIsKnown() {
    Pool pool = new DataPlane().apply(sticky('a'), addresses(3));
    String cookie = requireNonNull(pool.cookieOf(pool.endpoints().getFirst()));
    for (String shown :
        List.of("", "x", cookie + "x", cookie.substring(1), '"' + cookie + '"', "\0".repeat(30))) {
      assertThat(pool.keeps(shown)).isFalse();
      assertThat(pool.issued(shown)).isFalse();
    }
    Pool plain = new DataPlane().apply(Snapshots.pool("p"), addresses(3));
    assertThat(plain.keeps(cookie)).isFalse();
    assertThat(plain.cookieOf(plain.endpoints().getFirst())).isNull();
  }

  @Test
  void cookiesSurviveChangesOfOthers() {
    DataPlane dataPlane = new DataPlane();
    Pool pool = dataPlane.apply(sticky('a'), addresses(3));
    EndpointState second = pool.endpoints().get(1);
    PickHint shown = showing(pool, second);
    dataPlane.change("10.0.0.1:3000", "10.0.0.77:3000");
    assertThat(pick(pool, shown)).isSameAs(second);
  }

  @Test
  void whoseEndpointDrainsOrIsGoneMovesWithinThePool() {
    DataPlane dataPlane = new DataPlane();
    Pool pool = dataPlane.apply(sticky('a'), addresses(2));
    PickHint shown = showing(pool, pool.endpoints().getFirst());
    String cookie = requireNonNull(shown.cookie());
    dataPlane.change("-10.0.0.0:3000", "10.0.0.1:3000");
    assertThat(pick(pool, shown)).hasToString("10.0.0.1:3000");
    assertThat(pool.keeps(cookie)).isTrue();
    dataPlane.change("10.0.0.1:3000");
    assertThat(pick(pool, shown)).hasToString("10.0.0.1:3000");
    assertThat(pool.keeps(cookie)).isFalse();
    assertThat(pool.issued(cookie)).isTrue();
    // The same address again: the sessions may well be there.
    dataPlane.change("10.0.0.0:3000", "10.0.0.1:3000");
    assertThat(pick(pool, shown)).hasToString("10.0.0.0:3000");
  }

  @Test
  void anEndpointThatWasTriedOrIsFullIsNotInsistedOn() {
    Pool pool = new DataPlane().apply(TestPool.bounded(sticky('a'), 1), addresses(2));
    EndpointState first = pool.endpoints().getFirst();
    EndpointState second = pool.endpoints().getLast();
    PickHint shown = showing(pool, first);
    assertThat(pick(pool, AttemptedEndpoints.NONE.with(first), shown)).isSameAs(second);
    assertThat(pool.acquire(AttemptedEndpoints.NONE, shown)).isSameAs(first);
    assertThat(pool.acquire(AttemptedEndpoints.NONE, shown)).isSameAs(second);
    assertThat(pool.acquire(AttemptedEndpoints.NONE, shown)).isNull();
  }

  @Test
  void aCookieBeatsAKey() {
    Pool pool = new DataPlane().apply(hashing().with(affinity('a')), addresses(20));
    for (EndpointState endpoint : pool.endpoints()) {
      assertThat(pick(pool, new PickHint(pool.cookieOf(endpoint), StableHash.of("k"))))
          .isSameAs(endpoint);
    }
  }

  private static Affinity affinity(char key) {
    return requireNonNull(TestPool.sticky(Snapshots.pool("p"), key).affinity());
  }

  @Test
  void withoutAKeyTheProcessMakesOneUp() {
    UpstreamPool keyless =
        Snapshots.pool("p").with(new Affinity("c", Duration.ZERO, "/", SameSite.LAX, null));
    DataPlane dataPlane = new DataPlane();
    Pool pool = dataPlane.apply(keyless, addresses(3));
    EndpointState first = pool.endpoints().getFirst();
    PickHint shown = showing(pool, first);
    assertThat(pick(pool, shown)).isSameAs(first);
    assertThat(shown.cookie())
        .isNotEqualTo(new DataPlane().apply(sticky('0'), addresses(3)).cookieOf(first));
    dataPlane.change("10.0.0.0:3000");
    assertThat(pick(pool, shown)).isSameAs(first);
  }
}
