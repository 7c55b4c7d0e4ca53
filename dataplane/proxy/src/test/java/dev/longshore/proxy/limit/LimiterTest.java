package dev.longshore.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.RuleSource;
import dev.longshore.contract.policy.Limits;
import dev.longshore.contract.policy.RequestRate;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.limit.LimitVerdict.Limited;
import dev.longshore.proxy.limit.LimitVerdict.Permitted;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

class LimiterTest {
  private static final InetAddress ANN = InetAddress.ofLiteral("192.0.2.1");
  private static final InetAddress BOB = InetAddress.ofLiteral("192.0.2.2");
  private static final RuleSource CHAT = location("chat");

  /** Near the end of what a long holds, where sums turn negative. */
  private final MockTicker ticker = nearTheEnd();

  private final Limiter limiter = limiter(1000);

  private static MockTicker nearTheEnd() {
    MockTicker ticker = Ticker.newMockTicker();
    ticker.advance(Long.MAX_VALUE - 1000, TimeUnit.NANOSECONDS);
    return ticker;
  }

  private Limiter limiter(int mostClients) {
    return new Limiter(IntUnaryOperator.identity(), 2, mostClients, ticker);
  }

  private static RuleSource location(String name) {
    return new RuleSource("WebSocketRoute", "demo", "route", 0, name, 0);
  }

  private static Limits connections(int most) {
    return new TestPolicy().connections(most).limits();
  }

  private static Limits perClient(int most) {
    return new TestPolicy().connectionsPerClient(most).limits();
  }

  private static Limits rate(int perSecond, int burst) {
    return new TestPolicy().handshakes(perSecond, burst).limits();
  }

  private static Permit permit(LimitVerdict verdict) {
    assertThat(verdict).isInstanceOf(Permitted.class);
    return ((Permitted) verdict).permit();
  }

  private static int retryAfter(LimitVerdict verdict, Limit limit) {
    assertThat(verdict)
        .isInstanceOfSatisfying(
            Limited.class, limited -> assertThat(limited.limit()).isEqualTo(limit));
    return ((Limited) verdict).retryAfterSeconds();
  }

  private void pass(Duration time) {
    ticker.advance(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  private static InetAddress client(int number) {
    return InetAddress.ofLiteral(
        "10." + (number >> 16) + "." + (number >> 8 & 255) + "." + (number & 255));
  }

  @Test
  void aLocationTakesAsManyAsItMayAndOneMoreForEachThatEnds() {
    Permit first = permit(limiter.admit(CHAT, connections(2), ANN));
    permit(limiter.admit(CHAT, connections(2), BOB));
    assertThat(retryAfter(limiter.admit(CHAT, connections(2), ANN), Limit.CONNECTIONS))
        .isBetween(5, 10);
    permit(limiter.admit(location("other"), connections(2), ANN));
    first.release();
    permit(limiter.admit(CHAT, connections(2), ANN));
    retryAfter(limiter.admit(CHAT, connections(2), ANN), Limit.CONNECTIONS);
    assertThat(limiter.limited(Limit.CONNECTIONS)).isEqualTo(2);
    assertThat(limiter.clientsTracked()).isZero();
  }

  @Test
  void itsHostsAndItsPlaceDontMatter() {
    permit(limiter.admit(CHAT, connections(1), ANN));
    RuleSource moved = new RuleSource("WebSocketRoute", "demo", "route", 7, "chat", 99);
    retryAfter(limiter.admit(moved, connections(1), ANN), Limit.CONNECTIONS);
    RuleSource ingress = new RuleSource("Ingress", "demo", "route", 0, "chat", 0);
    permit(limiter.admit(ingress, connections(1), ANN));
  }

  @Test
  void aLimitThatIsSetLaterOrLoweredFindsWhatIsThere() {
    List<Permit> open = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      open.add(permit(limiter.admit(CHAT, Limits.NONE, ANN)));
    }
    retryAfter(limiter.admit(CHAT, connections(2), ANN), Limit.CONNECTIONS);
    open.removeLast().release();
    retryAfter(limiter.admit(CHAT, connections(2), ANN), Limit.CONNECTIONS);
    open.removeLast().release();
    permit(limiter.admit(CHAT, connections(2), ANN));
  }

  @Test
  void eachDataPlaneTakesItsShare() {
    AtomicInteger dataPlanes = new AtomicInteger(2);
    Limiter shared = new Limiter(total -> Math.ceilDiv(total, dataPlanes.get()), 2, 1000, ticker);
    permit(shared.admit(CHAT, connections(3), ANN));
    permit(shared.admit(CHAT, connections(3), ANN));
    retryAfter(shared.admit(CHAT, connections(3), ANN), Limit.CONNECTIONS);
    dataPlanes.set(1);
    permit(shared.admit(CHAT, connections(3), ANN));
    dataPlanes.set(100);
    retryAfter(shared.admit(CHAT, connections(3), ANN), Limit.CONNECTIONS);
  }

  @Test
  void aClientTakesAsManyAsItMayAndOthersDontMind() {
    Permit first = permit(limiter.admit(CHAT, perClient(1), ANN));
    retryAfter(limiter.admit(CHAT, perClient(1), ANN), Limit.CONNECTIONS_PER_CLIENT);
    permit(limiter.admit(CHAT, perClient(1), BOB));
    permit(limiter.admit(location("other"), perClient(1), ANN));
    assertThat(limiter.clientsTracked()).isEqualTo(3);
    first.release();
    assertThat(limiter.clientsTracked()).isEqualTo(2);
    permit(limiter.admit(CHAT, perClient(1), ANN));
  }

  @Test
  void whoeverTheLocationHasNoRoomForIsNotCounted() {
    Limits both = new TestPolicy().connections(1).connectionsPerClient(1).limits();
    Permit ann = permit(limiter.admit(CHAT, both, ANN));
    retryAfter(limiter.admit(CHAT, both, BOB), Limit.CONNECTIONS);
    assertThat(limiter.clientsTracked()).isEqualTo(1);
    ann.release();
    permit(limiter.admit(CHAT, both, BOB));
  }

  @Test
  void aBucketFillsWithTime() {
    for (int i = 0; i < 3; i++) {
      permit(limiter.admit(CHAT, rate(2, 3), ANN));
    }
    assertThat(retryAfter(limiter.admit(CHAT, rate(2, 3), ANN), Limit.HANDSHAKES)).isEqualTo(1);
    pass(Duration.ofMillis(499));
    retryAfter(limiter.admit(CHAT, rate(2, 3), ANN), Limit.HANDSHAKES);
    pass(Duration.ofMillis(1));
    permit(limiter.admit(CHAT, rate(2, 3), ANN));
    retryAfter(limiter.admit(CHAT, rate(2, 3), ANN), Limit.HANDSHAKES);
    pass(Duration.ofHours(1));
    for (int i = 0; i < 3; i++) {
      permit(limiter.admit(CHAT, rate(2, 3), ANN));
    }
    retryAfter(limiter.admit(CHAT, rate(2, 3), ANN), Limit.HANDSHAKES);
  }

  @Test
  void aBucketIsAsDeepAsTheLimitIsNow() {
    for (int i = 0; i < 100; i++) {
      permit(limiter.admit(CHAT, rate(1, 100), ANN));
    }
    // 100 s of the old rate are missing, and of the new bucket no more than all.
    assertThat(retryAfter(limiter.admit(CHAT, rate(10, 5), ANN), Limit.HANDSHAKES)).isEqualTo(1);
    pass(Duration.ofSeconds(100));
    permit(limiter.admit(CHAT, rate(10, 5), ANN));
  }

  @Test
  void aHandshakeThatIsKeptOutForAnotherReasonCountsForTheRate() {
    Limits both = new TestPolicy().connectionsPerClient(1).handshakes(1, 2).limits();
    permit(limiter.admit(CHAT, both, ANN));
    retryAfter(limiter.admit(CHAT, both, ANN), Limit.CONNECTIONS_PER_CLIENT);
    assertThat(retryAfter(limiter.admit(CHAT, both, ANN), Limit.HANDSHAKES)).isEqualTo(1);
  }

  @Test
  void aClientWithAFullBucketIsForgottenWhenOthersCome() {
    for (int i = 0; i < 500; i++) {
      permit(limiter.admit(CHAT, rate(1, 5), client(i)));
    }
    assertThat(limiter.clientsTracked()).isEqualTo(500);
    pass(Duration.ofSeconds(2));
    for (int i = 0; i < 200; i++) {
      permit(limiter.admit(CHAT, rate(1, 5), ANN));
      pass(Duration.ofSeconds(1));
    }
    assertThat(limiter.clientsTracked()).isEqualTo(1);
  }

  @Test
  void whenThereIsNoRoomNewClientsShareOneCountAndKnownOnesKeepTheirs() {
    Limiter small = limiter(2);
    Permit ann = permit(small.admit(CHAT, perClient(2), ANN));
    permit(small.admit(CHAT, perClient(2), BOB));
    Permit third = permit(small.admit(CHAT, perClient(2), client(3)));
    permit(small.admit(CHAT, perClient(2), client(4)));
    retryAfter(small.admit(CHAT, perClient(2), client(5)), Limit.CONNECTIONS_PER_CLIENT);
    permit(small.admit(location("other"), perClient(2), client(5)));
    permit(small.admit(CHAT, perClient(2), ANN));
    retryAfter(small.admit(CHAT, perClient(2), ANN), Limit.CONNECTIONS_PER_CLIENT);
    assertThat(small.clientsTracked()).isEqualTo(2);
    third.release();
    permit(small.admit(CHAT, perClient(2), client(5)));
    ann.release();
    assertThat(small.clientsTracked()).as("Ann has another").isEqualTo(2);
  }

  @Test
  void roomIsMadeAsSoonAsSomebodyIsIdle() {
    Limiter small = limiter(2);
    permit(small.admit(CHAT, rate(1, 1), ANN));
    permit(small.admit(CHAT, rate(1, 1), BOB));
    permit(small.admit(CHAT, rate(1, 1), client(3)));
    retryAfter(small.admit(CHAT, rate(1, 1), client(4)), Limit.HANDSHAKES);
    pass(Duration.ofSeconds(1));
    for (int i = 5; i < 7; i++) {
      permit(small.admit(CHAT, rate(1, 1), client(i)));
      retryAfter(small.admit(CHAT, rate(1, 1), client(i)), Limit.HANDSHAKES);
    }
    assertThat(small.clientsTracked()).isEqualTo(2);
  }

  @Test
  void aClientIsAnAddressAndOfIpv6ASlash64() {
    Limits one = perClient(1);
    permit(limiter.admit(CHAT, one, InetAddress.ofLiteral("2001:db8:1:2::1")));
    retryAfter(
        limiter.admit(CHAT, one, InetAddress.ofLiteral("2001:db8:1:2:ffff::9")),
        Limit.CONNECTIONS_PER_CLIENT);
    permit(limiter.admit(CHAT, one, InetAddress.ofLiteral("2001:db8:1:3::1")));
    permit(limiter.admit(CHAT, one, InetAddress.ofLiteral("::1")));
    permit(limiter.admit(CHAT, one, InetAddress.ofLiteral("0.0.0.1")));
    permit(limiter.admit(CHAT, one, InetAddress.ofLiteral("192.0.2.77")));
    retryAfter(
        limiter.admit(CHAT, one, InetAddress.ofLiteral("::ffff:192.0.2.77")),
        Limit.CONNECTIONS_PER_CLIENT);
  }

  @Test
  void aPermitIsReleasedOnce() {
    Permit permit = permit(limiter.admit(CHAT, connections(2), ANN));
    permit.release();
    assertThatThrownBy(permit::release).isInstanceOf(IllegalStateException.class);
    permit(limiter.admit(CHAT, connections(1), ANN));
    retryAfter(limiter.admit(CHAT, connections(1), ANN), Limit.CONNECTIONS);
  }

  @Test
  void aLocationThatNobodyIsAtCostsNothing() {
    Permit kept = permit(limiter.admit(CHAT, connections(5), ANN));
    for (int i = 0; i < 1000; i++) {
      permit(limiter.admit(location("location-" + i), connections(1), ANN)).release();
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              System.gc();
              return limiter.scopes() == 1;
            });
    retryAfter(limiter.admit(CHAT, connections(1), ANN), Limit.CONNECTIONS);
    kept.release();
  }

  @Test
  void neverOneTooManyHoweverManyTryAtOnce() throws Exception {
    Limits limits = new TestPolicy().connections(20).connectionsPerClient(4).limits();
    Limiter small = limiter(6);
    AtomicInteger open = new AtomicInteger();
    AtomicInteger[] ofClient = new AtomicInteger[5];
    for (int i = 0; i < ofClient.length; i++) {
      ofClient[i] = new AtomicInteger();
    }
    AtomicInteger tooMany = new AtomicInteger();
    AtomicInteger admitted = new AtomicInteger();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        all.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 20_000; i++) {
                    int who = ThreadLocalRandom.current().nextInt(ofClient.length);
                    if (small.admit(CHAT, limits, client(who))
                        instanceof Permitted(Permit permit)) {
                      admitted.incrementAndGet();
                      if (open.incrementAndGet() > 20 || ofClient[who].incrementAndGet() > 4) {
                        tooMany.incrementAndGet();
                      }
                      if (i % 3 == 0) {
                        Thread.yield();
                      }
                      ofClient[who].decrementAndGet();
                      open.decrementAndGet();
                      permit.release();
                    }
                  }
                }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
    assertThat(tooMany).hasValue(0);
    assertThat(admitted.get()).isPositive();
    assertThat(small.clientsTracked()).isZero();
    List<Permit> again = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      again.add(permit(small.admit(CHAT, limits, client(i / 4))));
    }
    retryAfter(small.admit(CHAT, limits, client(6)), Limit.CONNECTIONS);
    again.forEach(Permit::release);
    assertThat(small.clientsTracked()).isZero();
  }

  @Test
  void tlsHandshakesOfOneClientComeAtItsRateBehindABurst() {
    for (int i = 0; i < 40; i++) {
      assertThat(limiter.admitTlsHandshake(ANN)).isTrue();
    }
    assertThat(limiter.admitTlsHandshake(ANN)).isFalse();
    assertThat(limiter.admitTlsHandshake(BOB)).as("somebody else").isTrue();
    pass(Duration.ofMillis(500));
    assertThat(limiter.admitTlsHandshake(ANN)).isTrue();
    assertThat(limiter.admitTlsHandshake(ANN)).isFalse();
    assertThat(limiter.clientsTracked()).as("counted apart").isZero();
  }

  @Test
  void requestsHaveARateOfTheirOwn() {
    RequestRate rate = new RequestRate(1, 2);
    assertThat(limiter.exceeded(CHAT, rate, ANN)).isNull();
    assertThat(limiter.exceeded(CHAT, rate, ANN)).isNull();
    assertThat(limiter.exceeded(CHAT, rate, ANN)).isEqualTo(new Limited(Limit.REQUESTS, 1));
    assertThat(limiter.exceeded(CHAT, rate, BOB)).isNull();
    assertThat(limiter.exceeded(location("other"), rate, ANN)).isNull();
    permit(limiter.admitRequest(ANN));
    permit(limiter.admit(CHAT, rate(1, 1), ANN));
    pass(Duration.ofSeconds(1));
    assertThat(limiter.exceeded(CHAT, rate, ANN)).isNull();
    assertThat(limiter.exceeded(CHAT, rate, ANN)).isNotNull();
    assertThat(limiter.limited(Limit.REQUESTS)).isEqualTo(2);
  }
}
