package dev.longshore.bench;

import dev.longshore.contract.Endpoint;
import dev.longshore.contract.EndpointSet;
import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Balancing;
import dev.longshore.contract.UpstreamPool.Keepalive;
import dev.longshore.proxy.tls.UpstreamContexts;
import dev.longshore.proxy.upstream.EndpointState;
import dev.longshore.proxy.upstream.Pool;
import dev.longshore.proxy.upstream.Pools;
import dev.longshore.proxy.upstream.Tried;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Choosing an endpoint, and counting its connection in and out. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PickBenchmark {

  @Param Balancing balancing = Balancing.LEAST_CONNECTIONS;

  @Param({"2", "1000"})
  int endpoints;

  private @Nullable Pool pool;

  @Setup
  public void setUp() {
    EndpointSetKey set = new EndpointSetKey("demo", "chat", "80");
    PoolKey key = new PoolKey("WebSocketRoute", "demo", "chat", "main");
    RoutingSnapshot snapshot =
        SnapshotBuilder.from(RoutingSnapshot.EMPTY)
            .put(
                new EndpointSet(
                    set,
                    IntStream.range(0, endpoints)
                        .mapToObj(
                            i ->
                                new Endpoint(
                                    "10.0." + i / 256 + "." + i % 256, 80, Endpoint.State.READY))
                        .toList()))
            .put(
                UpstreamPool.of(
                    key, set, balancing, Duration.ofSeconds(30), Keepalive.DEFAULT, null))
            .build();
    pool =
        Pools.empty()
            .prepare(RoutingSnapshot.EMPTY, snapshot, System.nanoTime(), UpstreamContexts.empty())
            .pools()
            .get(key);
  }

  @Benchmark
  public EndpointState pick() {
    EndpointState endpoint = Objects.requireNonNull(Objects.requireNonNull(pool).pick(Tried.NONE));
    endpoint.acquire();
    endpoint.release();
    return endpoint;
  }
}
