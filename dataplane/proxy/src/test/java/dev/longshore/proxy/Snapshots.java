package dev.longshore.proxy;

import dev.longshore.contract.Endpoint;
import dev.longshore.contract.Endpoint.State;
import dev.longshore.contract.EndpointSet;
import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.LocationRule;
import dev.longshore.contract.Matches;
import dev.longshore.contract.PathType;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleAction.Forward;
import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.RuleAction.WeightedPool;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.RuleSource;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Balancing;
import dev.longshore.contract.UpstreamPool.Keepalive;
import dev.longshore.contract.ValueMatch;
import dev.longshore.contract.policy.Policy;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** Builds routing snapshots in few words: the one builder of them in the tests of the proxy. */
public final class Snapshots {
  private final SnapshotBuilder builder;

  private Snapshots(SnapshotBuilder builder) {
    this.builder = builder;
  }

  /** From nothing. */
  public static Snapshots snapshot() {
    return from(RoutingSnapshot.EMPTY);
  }

  /** The successor of another one. */
  public static Snapshots from(RoutingSnapshot before) {
    return new Snapshots(SnapshotBuilder.from(before));
  }

  /** A pool of the resource {@code demo/chat}, balanced by least connections without slow start. */
  public static UpstreamPool pool(String name) {
    return pool(name, Balancing.LEAST_CONNECTIONS, Duration.ZERO);
  }

  /** A pool that draws from the endpoint set of the same name. */
  public static UpstreamPool pool(String name, Balancing balancing, Duration slowStart) {
    return UpstreamPool.of(poolKey(name), setKey(name), balancing, slowStart, Keepalive.DEFAULT);
  }

  public static PoolKey poolKey(String name) {
    return new PoolKey("WebSocketRoute", "demo", "chat", name);
  }

  public static EndpointSetKey setKey(String name) {
    return new EndpointSetKey("demo", name, "80");
  }

  /** An endpoint set; {@code 10.0.0.1:80} is ready, {@code -10.0.0.1:80} drains. */
  public static EndpointSet endpoints(String name, String... endpoints) {
    return new EndpointSet(
        setKey(name), Arrays.stream(endpoints).map(Snapshots::endpoint).toList());
  }

  private static Endpoint endpoint(String text) {
    boolean draining = text.startsWith("-");
    int colon = text.lastIndexOf(':');
    return new Endpoint(
        text.substring(draining ? 1 : 0, colon),
        Integer.parseInt(text.substring(colon + 1)),
        draining ? State.DRAINING : State.READY);
  }

  public static RuleKey key(String host, PathType type, String path, ValueMatch... headers) {
    return new RuleKey(host, type, path, new Matches(List.of(headers), List.of()));
  }

  public static RuleSource source(String name, int index, long createdAt) {
    return new RuleSource("WebSocketRoute", "demo", name, index, "l" + index, createdAt);
  }

  /** Adds a pool and its endpoints. */
  public Snapshots with(UpstreamPool pool, String... endpoints) {
    builder.put(pool).put(endpoints(pool.key().upstream(), endpoints));
    return this;
  }

  public Snapshots with(EndpointSet endpoints) {
    builder.put(endpoints);
    return this;
  }

  public Snapshots with(LocationRule rule) {
    builder.put(rule);
    return this;
  }

  public Snapshots without(RuleKey key) {
    builder.removeRule(key);
    return this;
  }

  /** Adds a rule that forwards to a pool that is there, under the default policy. */
  public Snapshots forward(RuleKey key, RuleSource source, String pool) {
    return forward(key, source, pool, Policy.DEFAULT);
  }

  public Snapshots forward(RuleKey key, RuleSource source, String pool, Policy policy) {
    String id = builder.policy(policy);
    return with(
        new LocationRule(
            key,
            source,
            new Forward(List.of(new WeightedPool(poolKey(pool), 1)), Rewrite.NONE, id)));
  }

  /** Adds a rule that answers 503; the cheapest one where only matching is of interest. */
  public Snapshots rule(RuleKey key, RuleSource source) {
    return with(new LocationRule(key, source, new Unavailable("Invalid", "test")));
  }

  /** The builder, for what has no short word here. */
  public SnapshotBuilder builder() {
    return builder;
  }

  public RoutingSnapshot build() {
    return builder.build();
  }
}
