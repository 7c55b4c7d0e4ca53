package dev.longshore.bench;

import dev.longshore.contract.Endpoint;
import dev.longshore.contract.EndpointSet;
import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Balancing;
import dev.longshore.contract.UpstreamPool.HashOn;
import dev.longshore.contract.UpstreamPool.HashType;
import dev.longshore.contract.UpstreamPool.Keepalive;
import dev.longshore.proxy.tls.UpstreamContexts;
import dev.longshore.proxy.upstream.AttemptedEndpoints;
import dev.longshore.proxy.upstream.EndpointState;
import dev.longshore.proxy.upstream.PickHint;
import dev.longshore.proxy.upstream.Pool;
import dev.longshore.proxy.upstream.Pools;
import dev.longshore.proxy.upstream.StableHash;
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

/**
 * Choosing an endpoint, and counting its connection in and out. CONSISTENT_HASH includes the hash
 * of the key, which others don't have.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PickBenchmark {
  /** A power of two. */
  private static final int KEYS = 1024;

  @Param Balancing balancing = Balancing.LEAST_CONNECTIONS;

  @Param({"3", "100", "1000"})
  int endpoints;

  private @Nullable Pool pool;
  private String[] keys = {};
  private int next;

  @Setup
  public void setUp() {
    keys = IntStream.range(0, KEYS).mapToObj(i -> "user-" + i).toArray(String[]::new);
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
                    key,
                    set,
                    balancing,
                    Duration.ofSeconds(30),
                    Keepalive.DEFAULT,
                    hashed() ? new HashOn(HashType.HEADER, "x-user") : null))
            .build();
    pool =
        Pools.empty()
            .prepare(RoutingSnapshot.EMPTY, snapshot, UpstreamContexts.empty())
            .pools()
            .get(key);
  }

  private boolean hashed() {
    return balancing == Balancing.CONSISTENT_HASH;
  }

  @Benchmark
  public EndpointState pick() {
    PickHint hint =
        hashed()
            ? new PickHint(null, StableHash.of(keys[next++ & (keys.length - 1)]))
            : PickHint.NOTHING;
    EndpointState endpoint =
        Objects.requireNonNull(Objects.requireNonNull(pool).acquire(AttemptedEndpoints.NONE, hint));
    endpoint.release();
    return endpoint;
  }
}
