package dev.longshore.operator.push;

import dev.longshore.contract.Endpoint;
import dev.longshore.contract.EndpointSet;
import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.LocationRule;
import dev.longshore.contract.Matches;
import dev.longshore.contract.PathType;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleAction.Forward;
import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.contract.RuleAction.WeightedPool;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.RuleSource;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.push.Origin;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Small snapshots, and publications of them. */
public final class TestSnapshots {
  private static final PoolKey POOL = new PoolKey("WebSocketRoute", "demo", "recipe", "backend");
  private static final EndpointSetKey ENDPOINTS = new EndpointSetKey("demo", "backend", "3000");

  private TestSnapshots() {}

  /** One rule per number below {@code rules}, all to one endpoint. */
  public static RoutingSnapshot rules(int rules) {
    SnapshotBuilder builder = SnapshotBuilder.from(RoutingSnapshot.EMPTY);
    builder.put(
        UpstreamPool.of(
            POOL,
            ENDPOINTS,
            UpstreamPool.Balancing.LEAST_CONNECTIONS,
            Duration.ZERO,
            UpstreamPool.Keepalive.DEFAULT));
    String policy = builder.policy(Policy.DEFAULT);
    for (int i = 0; i < rules; i++) {
      builder.put(rule(i, policy, Rewrite.NONE));
    }
    return endpoint(builder.build(), 1);
  }

  /** The same with another port of the one endpoint. */
  public static RoutingSnapshot endpoint(RoutingSnapshot snapshot, int port) {
    return SnapshotBuilder.from(snapshot)
        .put(
            new EndpointSet(
                ENDPOINTS, List.of(new Endpoint("10.0.0.1", port, Endpoint.State.READY))))
        .build();
  }

  /** The same, and rule {@code i} sends another Host. */
  public static RoutingSnapshot rewritten(RoutingSnapshot snapshot, int i, String host) {
    SnapshotBuilder builder = SnapshotBuilder.from(snapshot);
    return builder.put(rule(i, builder.policy(Policy.DEFAULT), new Rewrite(null, host))).build();
  }

  /** The key of rule {@code i}. */
  public static RuleKey key(int i) {
    return new RuleKey("host-%d.example.com".formatted(i), PathType.PREFIX, "/", Matches.NONE);
  }

  static Publication publication(long sequence, RoutingSnapshot snapshot) {
    return new Publication(
        sequence, snapshot, Origin.of(0, Map.of("WebSocketRoute", Long.toString(sequence))));
  }

  private static LocationRule rule(int i, String policy, Rewrite rewrite) {
    return new LocationRule(
        key(i),
        new RuleSource("WebSocketRoute", "demo", "recipe", i, "spec.locations[" + i + "]", 0),
        new Forward(List.of(new WeightedPool(POOL, 1)), rewrite, policy));
  }
}
