package dev.longshore.proxy.drain;

import static dev.longshore.proxy.Snapshots.pool;
import static dev.longshore.proxy.Snapshots.poolKey;
import static dev.longshore.proxy.Snapshots.snapshot;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.UpstreamPool.Rebalance;
import dev.longshore.contract.policy.Policy;
import dev.longshore.process.watch.Part;
import dev.longshore.proxy.table.RoutingListener;
import dev.longshore.proxy.table.RoutingState;
import dev.longshore.proxy.table.SnapshotHolder;
import dev.longshore.proxy.testing.HandTimer;
import dev.longshore.proxy.tunnel.CloseCause;
import dev.longshore.proxy.tunnel.Tunnel;
import dev.longshore.proxy.tunnel.TunnelFixture;
import dev.longshore.proxy.tunnel.TunnelFixture.Ends;
import dev.longshore.proxy.upstream.EndpointState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many tunnels move in a second, by a timer of the test's. */
@Timeout(120)
class RebalancerTest {
  private static final int RATE = 4;
  private static final int ALL = 30;

  private final HandTimer timer = new HandTimer();
  private final List<Ends> open = new ArrayList<>();
  private TunnelFixture fixture;
  private SnapshotHolder snapshots;
  private Rebalancer rebalancer;

  @BeforeEach
  void start() throws Exception {
    fixture = new TunnelFixture();
    snapshots = new SnapshotHolder();
    rebalancer =
        new Rebalancer(
            fixture.tunnels, timer, IntUnaryOperator.identity(), Part.unwatched("drains"));
    snapshots.addListener(
        new RoutingListener() {
          @Override
          public void applied(RoutingState before, RoutingState now) {
            rebalancer.applied(before, now);
          }
        });
  }

  @AfterEach
  void stop() throws Exception {
    for (Ends each : open) {
      each.close();
    }
    timer.shutdownNow();
    fixture.close();
    snapshots.close();
  }

  private List<EndpointState> serve(String... endpoints) {
    snapshots.apply(snapshot().with(pool("p").with(new Rebalance(RATE, 10)), endpoints).build());
    return requireNonNull(snapshots.current().pools().get(poolKey("p"))).endpoints();
  }

  private long told() {
    return fixture
            .tunnels
            .page(0, ALL, tunnel -> tunnel.cause() == CloseCause.REBALANCE)
            .tunnels()
            .size()
        + fixture.ended.stream().filter(RebalancerTest::isMoved).count();
  }

  private static boolean isMoved(Tunnel tunnel) {
    return tunnel.cause() == CloseCause.REBALANCE;
  }

  @Test
  void eachRoundMovesTheRateAndRoundsAreASecondApart() throws Exception {
    EndpointState crowded = serve("10.0.0.1:80", "10.0.0.2:80").getFirst();
    for (int i = 0; i < ALL; i++) {
      open.add(fixture.open(fixture.contextAt(Policy.DEFAULT, crowded)));
    }
    // 15 each would be even, and half of the tolerance above that is none.
    for (int round = 1; round <= 3; round++) {
      timer.pass(Duration.ofMillis(999));
      assertThat(rebalancer.moved()).isEqualTo(RATE * (round - 1));
      timer.pass(Duration.ofMillis(1));
      int all = RATE * round;
      await().until(() -> fixture.tunnels.standing(crowded) == ALL - all);
      assertThat(rebalancer.moved()).isEqualTo(all);
      assertThat(told()).isEqualTo(all);
    }
  }
}
