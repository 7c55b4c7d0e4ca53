package dev.longshore.bench;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.proxy.route.CompiledRule;
import dev.longshore.proxy.route.MatchBudget;
import dev.longshore.proxy.route.RequestView;
import dev.longshore.proxy.route.RoutingTable;
import dev.longshore.proxy.tls.UpstreamContexts;
import dev.longshore.proxy.upstream.Pools;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One request, host and path to rule, by number of routes. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MatchBenchmark {
  private static final RequestView NO_CONDITIONS =
      new RequestView() {
        @Override
        public List<String> headerValues(String name) {
          return List.of();
        }

        @Override
        public List<String> queryValues(String name) {
          return List.of();
        }

        @Override
        public List<String> cookieValues(String name) {
          return List.of();
        }

        @Override
        public InetAddress clientAddress() {
          return InetAddress.getLoopbackAddress();
        }

        @Override
        public MatchBudget budget() {
          return new MatchBudget();
        }
      };

  @Param({"1", "100", "10000", "100000"})
  int routes;

  @Param Routes.Layout layout = Routes.Layout.MANY_HOSTS;
  @Param Routes.Paths paths = Routes.Paths.MIXED;

  private RoutingTable table = RoutingTable.empty();
  private Routes.Request[] requests = {};
  private int next;

  @Setup
  public void setUp() {
    Routes all = new Routes(routes, layout, paths);
    RoutingSnapshot snapshot = all.snapshot();
    Pools pools =
        Pools.empty().prepare(RoutingSnapshot.EMPTY, snapshot, UpstreamContexts.empty()).pools();
    table = RoutingTable.compile(snapshot, pools);
    requests = all.requests().toArray(Routes.Request[]::new);
  }

  @Benchmark
  public @Nullable CompiledRule match() {
    Routes.Request request = requests[next++ & (requests.length - 1)];
    return table.match(request.host(), request.path(), NO_CONDITIONS);
  }
}
