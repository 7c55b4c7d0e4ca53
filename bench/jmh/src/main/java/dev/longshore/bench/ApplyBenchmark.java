package dev.longshore.bench;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.contract.policy.Policy;
import dev.longshore.proxy.route.RoutingTable;
import dev.longshore.proxy.table.ApplyResult;
import dev.longshore.proxy.table.SnapshotHolder;
import dev.longshore.proxy.tls.UpstreamContexts;
import dev.longshore.proxy.upstream.Pools;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A snapshot from its arrival to the swap: validated, compiled, applied. Cost of a change must
 * follow the change, not the routes beside it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ApplyBenchmark {

  @Param({"1000", "100000"})
  int routes;

  @Param Routes.Layout layout = Routes.Layout.MANY_HOSTS;

  private Routes all = new Routes(0, layout, Routes.Paths.MIXED);
  private RoutingSnapshot one = RoutingSnapshot.EMPTY;
  private SnapshotHolder holder = new SnapshotHolder();
  private Pools pools = Pools.empty();
  private RoutingSnapshot applied = RoutingSnapshot.EMPTY;
  private String policy = "";
  private int change;

  @Setup
  public void setUp() {
    all = new Routes(routes, layout, Routes.Paths.MIXED);
    one = all.snapshot();
    policy = SnapshotBuilder.from(one).policy(Policy.DEFAULT);
    pools = Pools.empty().prepare(RoutingSnapshot.EMPTY, one, UpstreamContexts.empty()).pools();
    applied = one;
    holder = new SnapshotHolder();
    holder.apply(one);
  }

  /** Everything anew, validation included: what a restart costs. */
  @Benchmark
  public ApplyResult full() {
    return new SnapshotHolder().apply(one);
  }

  /** The table alone. */
  @Benchmark
  public RoutingTable compile() {
    return RoutingTable.compile(one, pools);
  }

  /** One rule edited: the next snapshot is built, validated, compiled and applied. */
  @Benchmark
  public ApplyResult oneRule() {
    int route = change++ % routes;
    applied = SnapshotBuilder.from(applied).put(all.rule(route, policy, change & 0xff)).build();
    return holder.apply(applied);
  }

  /** The endpoints of one Service, which a hundred pools share. */
  @Benchmark
  public ApplyResult oneEndpointSet() {
    int route = change++ % routes;
    applied =
        SnapshotBuilder.from(applied).put(Routes.endpoints(route, 1 + (change & 0x7f))).build();
    return holder.apply(applied);
  }
}
