package dev.longshore.proxy.upstream;

import static dev.longshore.proxy.Snapshots.endpoints;
import static dev.longshore.proxy.Snapshots.pool;
import static dev.longshore.proxy.Snapshots.poolKey;
import static dev.longshore.proxy.Snapshots.snapshot;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.proxy.Snapshots;
import dev.longshore.proxy.tls.UpstreamContexts;
import org.junit.jupiter.api.Test;

class PoolsTest {

  @Test
  void nothingChangesBeforeTheCommit() {
    RoutingSnapshot one = snapshot().with(pool("p"), "10.0.0.1:80").build();
    Pools pools =
        Pools.empty().prepare(RoutingSnapshot.EMPTY, one, UpstreamContexts.empty()).pools();
    RoutingSnapshot two =
        Snapshots.from(one)
            .with(endpoints("p", "10.0.0.2:80"))
            .with(pool("q"), "10.0.0.3:80")
            .build();
    Pools.Update update = pools.prepare(one, two, UpstreamContexts.empty());
    Pool pool = requireNonNull(pools.get(poolKey("p")));
    assertThat(pool.endpoints()).hasToString("[10.0.0.1:80]");
    assertThat(pools.get(poolKey("q"))).isNull();
    assertThat(pools.size()).isEqualTo(1);
    update.commit();
    assertThat(update.pools().get(poolKey("p"))).isSameAs(pool);
    assertThat(pool.endpoints()).hasToString("[10.0.0.2:80]");
    assertThat(update.pools().get(poolKey("q"))).isNotNull();
  }

  @Test
  void removedPoolsAreGoneFromTheNextOnly() {
    RoutingSnapshot one = snapshot().with(pool("p"), "10.0.0.1:80").build();
    Pools pools =
        Pools.empty().prepare(RoutingSnapshot.EMPTY, one, UpstreamContexts.empty()).pools();
    Pools.Update update = pools.prepare(one, RoutingSnapshot.EMPTY, UpstreamContexts.empty());
    update.commit();
    assertThat(update.pools().size()).isZero();
    Pool pool = requireNonNull(pools.get(poolKey("p")));
    assertThat(pool.acquire(AttemptedEndpoints.NONE, PickHint.NOTHING)).hasToString("10.0.0.1:80");
  }

  @Test
  void aPoolNeedsItsEndpointSet() {
    RoutingSnapshot dangling = SnapshotBuilder.from(RoutingSnapshot.EMPTY).put(pool("p")).build();
    assertThatThrownBy(
            () -> Pools.empty().prepare(RoutingSnapshot.EMPTY, dangling, UpstreamContexts.empty()))
        .isInstanceOf(CompilationException.class)
        .hasMessageContaining("endpoint set");
  }
}
