package dev.longshore.proxy.drain;

import static dev.longshore.proxy.Snapshots.pool;
import static dev.longshore.proxy.Snapshots.snapshot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Rebalance;
import dev.longshore.process.testing.Strikes;
import dev.longshore.process.testing.Watched;
import dev.longshore.proxy.table.ApplyResult;
import dev.longshore.proxy.table.SnapshotHolder;
import dev.longshore.proxy.tunnel.TunnelFixture;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The timer of the drains, struck where it keeps two pools even. */
@Timeout(90)
class DrainsWatchTest {
  private final AtomicReference<@Nullable Runnable> planted = new AtomicReference<>();
  private final AtomicInteger looks = new AtomicInteger();
  private final SnapshotHolder snapshots = new SnapshotHolder();
  private Watched watched;
  private TunnelFixture fixture;
  private Drains drains;

  @BeforeEach
  void start() throws Exception {
    watched = new Watched();
    fixture = new TunnelFixture();
    drains =
        new Drains(
            fixture.tunnels,
            snapshots::current,
            rate -> {
              looks.incrementAndGet();
              Runnable task = planted.getAndSet(null);
              if (task != null) {
                task.run();
              }
              return rate;
            },
            Duration.ofMillis(10),
            watched.watch().part("drains"));
    snapshots.addListener(drains);
    assertThat(
            snapshots.apply(
                snapshot()
                    .with(even("a"), "10.0.0.1:80", "10.0.0.2:80")
                    .with(even("b"), "10.0.0.1:80", "10.0.0.2:80")
                    .build()))
        .isInstanceOf(ApplyResult.Applied.class);
  }

  @AfterEach
  void stop() throws Exception {
    watched.close();
    drains.close();
    fixture.close();
    snapshots.close();
  }

  private static UpstreamPool even(String name) {
    UpstreamPool pool = pool(name);
    return pool.with(new Rebalance(10, 10));
  }

  @Test
  @Strikes("drains")
  void theTimerGoesOnAfterAnErrorAndIsToldWhenItHangs() {
    watched.fail("drains", planted::set);
    watched.hang("drains", planted::set);
    watched.exhaust("drains", planted::set);
  }

  @Test
  void aPoolThatCantBeKeptEvenHoldsUpNoOther() {
    await().until(() -> looks.get() >= 2);
    int before = looks.get();
    watched.fail("drains", planted::set);
    // Rounds are a second apart, and each asks for both.
    await().until(() -> looks.get() >= before + 4);
  }
}
