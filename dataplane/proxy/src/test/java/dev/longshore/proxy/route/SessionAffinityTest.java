package dev.longshore.proxy.route;

import static dev.longshore.proxy.Snapshots.poolKey;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.HashOn;
import dev.longshore.contract.UpstreamPool.HashType;
import dev.longshore.proxy.Snapshots;
import dev.longshore.proxy.testing.TestPool;
import dev.longshore.proxy.tls.UpstreamContexts;
import dev.longshore.proxy.upstream.AttemptedEndpoints;
import dev.longshore.proxy.upstream.EndpointState;
import dev.longshore.proxy.upstream.PickHint;
import dev.longshore.proxy.upstream.Pool;
import dev.longshore.proxy.upstream.Pools;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SessionAffinityTest {
  private static final int REQUESTS = 20_000;

  private static Pools pools(UpstreamPool... configs) {
    Snapshots snapshot = Snapshots.snapshot();
    for (UpstreamPool config : configs) {
      snapshot.with(config, "10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80");
    }
    return Pools.empty()
        .prepare(RoutingSnapshot.EMPTY, snapshot.build(), UpstreamContexts.empty())
        .pools();
  }

  private static Pool pool(UpstreamPool config) {
    return get(pools(config), config.key().upstream());
  }

  private static Pool get(Pools pools, String name) {
    return requireNonNull(pools.get(poolKey(name)));
  }

  private static UpstreamPool hashing(String name, HashType type, @Nullable String of) {
    return TestPool.hashing(Snapshots.pool(name), type, of);
  }

  private static @Nullable Long key(HashType type, String name, TestRequest request) {
    return SessionAffinity.key(new HashOn(type, name), request);
  }

  private static Long clientKey(InetAddress address) {
    TestRequest request = new TestRequest(Map.of(), Map.of(), Map.of(), address);
    return requireNonNull(SessionAffinity.key(new HashOn(HashType.CLIENT_IP, null), request));
  }

  private static Long clientKey(String address) {
    return clientKey(InetAddress.ofLiteral(address));
  }

  @Test
  void aPoolThatIsNotStickyAsksNothing() {
    RequestView untouchable =
        new RequestView() {
          @Override
          public List<String> headerValues(String name) {
            throw new AssertionError();
          }

          @Override
          public List<String> queryValues(String name) {
            throw new AssertionError();
          }

          @Override
          public List<String> cookieValues(String name) {
            throw new AssertionError();
          }

          @Override
          public InetAddress clientAddress() {
            throw new AssertionError();
          }

          @Override
          public MatchBudget budget() {
            throw new AssertionError();
          }
        };
    assertThat(SessionAffinity.hint(pool(Snapshots.pool("p")), untouchable))
        .isSameAs(PickHint.NOTHING);
  }

  @Test
  void theSameValueIsTheSameKeyAndNoneIsNoKey() {
    TestRequest ann = TestRequest.header("x-user", "ann");
    assertThat(key(HashType.HEADER, "x-user", ann))
        .isNotNull()
        .isEqualTo(key(HashType.HEADER, "x-user", TestRequest.header("x-user", "ann")))
        .isNotEqualTo(key(HashType.HEADER, "x-user", TestRequest.header("x-user", "bob")))
        .isEqualTo(key(HashType.COOKIE, "sid", TestRequest.cookie("sid", "ann", "bob")));
    assertThat(key(HashType.HEADER, "x-other", ann)).isNull();
    assertThat(key(HashType.HEADER, "x-user", TestRequest.header("x-user", ""))).isNull();
    assertThat(key(HashType.COOKIE, "sid", ann)).isNull();
    assertThat(key(HashType.QUERY, "sid", ann)).isNull();
    assertThat(
            key(HashType.QUERY, "q", new TestRequest(Map.of(), Map.of("q", List.of("ann", "x")))))
        .isEqualTo(key(HashType.HEADER, "x-user", ann));
    assertThat(
            SessionAffinity.hint(pool(hashing("p", HashType.HEADER, "x-user")), TestRequest.PLAIN))
        .isSameAs(PickHint.NOTHING);
  }

  @Test
  void clientsAreAddressesAndNetworksOfIpv6() throws UnknownHostException {
    assertThat(clientKey("192.0.2.1"))
        .isEqualTo(clientKey("192.0.2.1"))
        .isNotEqualTo(clientKey("192.0.2.2"));
    assertThat(clientKey("2001:db8:1:2::1"))
        .isEqualTo(clientKey("2001:db8:1:2:ffff::9"))
        .isNotEqualTo(clientKey("2001:db8:1:3::1"));
    byte[] mapped = new byte[16];
    Arrays.fill(mapped, 10, 12, (byte) -1);
    System.arraycopy(InetAddress.ofLiteral("192.0.2.1").getAddress(), 0, mapped, 12, 4);
    assertThat(clientKey(Inet6Address.getByAddress(null, mapped, 0)))
        .isEqualTo(clientKey("192.0.2.1"));
  }

  @Test
  void ofSeveralCookiesTheFirstCountsThatMeansAnything() {
    Pool pool = pool(TestPool.sticky(Snapshots.pool("p"), 'a'));
    EndpointState first = pool.endpoints().getFirst();
    EndpointState second = pool.endpoints().getLast();
    String one = requireNonNull(pool.cookieOf(first));
    String two = requireNonNull(pool.cookieOf(second));
    assertThat(SessionAffinity.hint(pool, TestRequest.cookie("longshore", "rubbish", two, one)))
        .isEqualTo(new PickHint(two, null));
    assertThat(SessionAffinity.hint(pool, TestRequest.cookie("longshore", "rubbish")))
        .isSameAs(PickHint.NOTHING);
    assertThat(SessionAffinity.hint(pool, TestRequest.cookie("other", one)))
        .isSameAs(PickHint.NOTHING);
  }

  // ---- splits

  private static WeightedPools split(Pools pools, int stable, int canary) {
    return new WeightedPools(
        List.of(get(pools, "stable"), get(pools, "canary")), new int[] {stable, canary});
  }

  private static String chosen(WeightedPools split, RequestView request) {
    return requireNonNull(split.choose(request)).key().upstream();
  }

  private static Set<String> choices(WeightedPools split, RequestView request) {
    Set<String> choices = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      choices.add(chosen(split, request));
    }
    return choices;
  }

  @Test
  void whoShowsThePoolsCookieStaysAsLongAsItGetsTraffic() {
    Pools pools =
        pools(
            TestPool.sticky(Snapshots.pool("stable"), 'a'),
            TestPool.sticky(Snapshots.pool("canary"), 'b'));
    Pool canary = get(pools, "canary");
    String cookie = requireNonNull(canary.cookieOf(canary.endpoints().getFirst()));
    TestRequest request = TestRequest.cookie("longshore", "rubbish", cookie);
    assertThat(choices(split(pools, 99, 1), request)).containsExactly("canary");
    assertThat(choices(split(pools, 100, 0), request)).containsExactly("stable");
    // Its endpoint is gone, but the pool is still the client's.
    TestRequest gone = TestRequest.cookie("longshore", cookie.substring(0, 8) + "0".repeat(22));
    assertThat(choices(split(pools, 99, 1), gone)).containsExactly("canary");
    assertThat(choices(split(pools, 1, 1), TestRequest.PLAIN)).hasSize(2);
  }

  @Test
  void aSplitOfHashingPoolsIsByTheKey() {
    Pools pools =
        pools(hashing("stable", HashType.QUERY, "sid"), hashing("canary", HashType.QUERY, "sid"));
    WeightedPools few = split(pools, 90, 10);
    WeightedPools more = split(pools, 80, 20);
    Map<String, Integer> counts = new HashMap<>();
    int moved = 0;
    for (int i = 0; i < REQUESTS; i++) {
      TestRequest request = new TestRequest(Map.of(), Map.of("sid", List.of("session-" + i)));
      String before = chosen(few, request);
      assertThat(chosen(few, request)).isEqualTo(before);
      counts.merge(before, 1, Integer::sum);
      String after = chosen(more, request);
      if (!after.equals(before)) {
        assertThat(after).as("only towards who gets more").isEqualTo("canary");
        moved++;
      }
    }
    assertThat(counts.get("canary")).isBetween(1800, 2200);
    assertThat(moved).isBetween(1750, 2250);
    assertThat(choices(split(pools, 1, 1), TestRequest.PLAIN)).hasSize(2);
    assertThat(choices(split(pools, 0, 1), TestRequest.PLAIN)).containsExactly("canary");
  }

  /** The choice of the pool says nothing about the choice in it. */
  @Test
  void eachPoolOfASplitUsesAllItsEndpoints() {
    Pools pools =
        pools(hashing("stable", HashType.QUERY, "sid"), hashing("canary", HashType.QUERY, "sid"));
    WeightedPools split = split(pools, 90, 10);
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < REQUESTS; i++) {
      TestRequest request = new TestRequest(Map.of(), Map.of("sid", List.of("session-" + i)));
      Pool pool = requireNonNull(split.choose(request));
      EndpointState endpoint =
          requireNonNull(
              pool.acquire(AttemptedEndpoints.NONE, SessionAffinity.hint(pool, request)));
      endpoint.release();
      counts.merge(pool.key().upstream() + endpoint, 1, Integer::sum);
    }
    assertThat(counts).hasSize(6);
    counts.forEach(
        (name, count) -> {
          int mean = REQUESTS * (name.startsWith("canary") ? 10 : 90) / 300;
          assertThat(count).as(name).isBetween(mean * 3 / 4, mean * 5 / 4);
        });
  }

  @Test
  void poolsThatHashDifferentThingsAreChosenByWeightAlone() {
    TestRequest request =
        new TestRequest(Map.of("x-user", List.of("ann")), Map.of("sid", List.of("1")));
    for (UpstreamPool canary :
        List.of(hashing("canary", HashType.HEADER, "x-user"), Snapshots.pool("canary"))) {
      Pools pools = pools(hashing("stable", HashType.QUERY, "sid"), canary);
      assertThat(choices(split(pools, 1, 1), request)).hasSize(2);
    }
  }
}
