package dev.longshore.bench;

import dev.longshore.contract.Endpoint;
import dev.longshore.contract.EndpointSet;
import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.HardLimits;
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
import dev.longshore.contract.UpstreamPool.Balancing;
import dev.longshore.contract.UpstreamPool.Keepalive;
import dev.longshore.contract.policy.Policy;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A snapshot of many routes, and requests for them. Every route is a resource with a pool of its
 * own; a hundred pools share one Service. Public because JMH generates code in a package of its
 * own.
 */
public final class Routes {
  private static final int RULES_PER_HOST = 10;
  private static final int POOLS_PER_SERVICE = 100;
  private static final int REQUESTS = 4096;

  /** Of one host: {@link HardLimits#PATTERN_INSTRUCTIONS_PER_HOST} are enough for so many. */
  private static final int PATTERN_ROUTES_PER_HOST = 40_000;

  /** How routes are spread over hosts. */
  public enum Layout {
    /** Ten to a host. */
    MANY_HOSTS,
    /** All on one. */
    ONE_HOST
  }

  /** Which paths the routes have. */
  public enum Paths {
    /** Exact paths only. */
    EXACT,
    /** Prefixes of two to four elements only. */
    PREFIX,
    /** 60 % prefixes, 39 % exact paths, 1 % patterns; of one host no more than it may have. */
    MIXED
  }

  private final int count;
  private final Layout layout;
  private final Paths paths;

  Routes(int count, Layout layout, Paths paths) {
    this.count = count;
    this.layout = layout;
    this.paths = paths;
  }

  RoutingSnapshot snapshot() {
    SnapshotBuilder builder = SnapshotBuilder.from(RoutingSnapshot.EMPTY);
    String policy = builder.policy(Policy.DEFAULT);
    for (int i = 0; i < count; i += POOLS_PER_SERVICE) {
      builder.put(endpoints(i, 1));
    }
    for (int i = 0; i < count; i++) {
      builder.put(pool(i)).put(rule(i, policy, 0));
    }
    return builder.build();
  }

  /** The rule of a route; another version is another rule of the same key. */
  LocationRule rule(int route, String policy, int version) {
    return new LocationRule(
        key(route),
        new RuleSource("WebSocketRoute", "demo", "r" + route, version, "socket", 0),
        new Forward(List.of(new WeightedPool(poolKey(route), 1)), Rewrite.NONE, policy));
  }

  /** The endpoints of the Service of a route. */
  static EndpointSet endpoints(int route, int lastByte) {
    return new EndpointSet(
        setKey(route),
        List.of(
            new Endpoint("10.0.0." + lastByte, 80, Endpoint.State.READY),
            new Endpoint("10.0.1." + lastByte, 80, Endpoint.State.READY)));
  }

  /** What clients ask for: nine of ten find a rule. */
  List<Request> requests() {
    SplittableRandom random = new SplittableRandom(1);
    return random
        .ints(REQUESTS, 0, count)
        .mapToObj(
            route ->
                new Request(host(route), random.nextInt(10) == 0 ? "/none/such" : asked(route)))
        .toList();
  }

  /**
   * One request.
   *
   * @param host as the table wants it
   * @param path as the table wants it
   */
  record Request(String host, String path) {}

  private static UpstreamPool pool(int route) {
    return UpstreamPool.of(
        poolKey(route),
        setKey(route),
        Balancing.LEAST_CONNECTIONS,
        Duration.ofSeconds(30),
        Keepalive.DEFAULT);
  }

  private static PoolKey poolKey(int route) {
    return new PoolKey("WebSocketRoute", "demo", "r" + route, "main");
  }

  private static EndpointSetKey setKey(int route) {
    return new EndpointSetKey("demo", "s" + route / POOLS_PER_SERVICE, "80");
  }

  private RuleKey key(int route) {
    return new RuleKey(host(route), type(route), path(route), Matches.NONE);
  }

  private String host(int route) {
    return switch (layout) {
      case MANY_HOSTS -> "h" + route / RULES_PER_HOST + ".example.com";
      case ONE_HOST -> "chat.example.com";
    };
  }

  private PathType type(int route) {
    return switch (paths) {
      case EXACT -> PathType.EXACT;
      case PREFIX -> PathType.PREFIX;
      case MIXED ->
          route % 100 == 50 && mayHavePattern(route)
              ? PathType.REGEX
              : route % 5 < 3 ? PathType.PREFIX : PathType.EXACT;
    };
  }

  private boolean mayHavePattern(int route) {
    return switch (layout) {
      case MANY_HOSTS -> true;
      case ONE_HOST -> route < PATTERN_ROUTES_PER_HOST;
    };
  }

  private String path(int route) {
    String base = "/team" + route % 97 + "/room" + route;
    return switch (type(route)) {
      case EXACT -> base + "/socket";
      case PREFIX -> route % 3 == 0 ? base : base + "/v1";
      case REGEX -> base + "/v[0-9]+/socket";
    };
  }

  private String asked(int route) {
    return switch (type(route)) {
      case EXACT -> path(route);
      case PREFIX -> path(route) + "/messages";
      case REGEX -> "/team" + route % 97 + "/room" + route + "/v2/socket";
    };
  }
}
