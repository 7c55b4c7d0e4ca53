package dev.longshore.proxy.testing;

import dev.longshore.contract.Certificate;
import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.Endpoint;
import dev.longshore.contract.EndpointSet;
import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.Listener;
import dev.longshore.contract.LocationRule;
import dev.longshore.contract.Matches;
import dev.longshore.contract.PathType;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleAction;
import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.contract.RuleAction.WeightedPool;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.RuleSource;
import dev.longshore.contract.Settings;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Balancing;
import dev.longshore.contract.UpstreamPool.HealthCheck;
import dev.longshore.contract.UpstreamPool.Keepalive;
import dev.longshore.contract.UpstreamTls;
import dev.longshore.contract.policy.Policy;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Builds snapshots for tests, rule by rule. */
public final class TestRoutes {
  private final SnapshotBuilder snapshot =
      SnapshotBuilder.from(RoutingSnapshot.EMPTY)
          .put(TestCertificates.ofHost())
          .settings(new TestSettings().build());
  private int rules;
  private String namespace = "test";

  /** What every listener shares. */
  public TestRoutes settings(Settings settings) {
    snapshot.settings(settings);
    return this;
  }

  /** Adds a certificate, or replaces the one of its key. */
  public TestRoutes certificate(Certificate certificate) {
    snapshot.put(certificate);
    return this;
  }

  /** Takes a certificate away. */
  public TestRoutes without(CertificateKey key) {
    snapshot.removeCertificate(key);
    return this;
  }

  /** Adds a listener, or replaces the one of its name. */
  public TestRoutes listener(Listener listener) {
    snapshot.put(listener);
    return this;
  }

  /** Whose the pools of further rules are. */
  public TestRoutes namespace(String name) {
    namespace = name;
    return this;
  }

  /** Begins a rule for a path prefix of a host. */
  public Rule rule(String host, String prefix) {
    return new Rule(host, PathType.PREFIX, prefix);
  }

  /** Begins a rule for the paths of a host that a pattern matches. */
  public Rule pattern(String host, String pattern) {
    return new Rule(host, PathType.REGEX, pattern);
  }

  /** A rule of {@code chat.example.com} for everything. */
  public Rule all() {
    return rule("chat.example.com", "/");
  }

  /** Adds a pool that no rule forwards to. */
  public PoolKey pool(String name, @Nullable UpstreamTls tls, InetSocketAddress... endpoints) {
    PoolKey pool = new PoolKey("WebSocketRoute", namespace, "route", name);
    EndpointSetKey set = new EndpointSetKey("test", "route/" + name, "static");
    List<Endpoint> members = new ArrayList<>();
    for (InetSocketAddress endpoint : endpoints) {
      members.add(
          new Endpoint(
              endpoint.getAddress().getHostAddress(), endpoint.getPort(), Endpoint.State.READY));
    }
    snapshot.put(new EndpointSet(set, members));
    snapshot.put(
        UpstreamPool.of(
            pool, set, Balancing.ROUND_ROBIN, Duration.ZERO, Keepalive.DEFAULT, tls, null));
    return pool;
  }

  /** The snapshot of what was added so far. */
  public RoutingSnapshot build() {
    return snapshot.build();
  }

  /** A rule that is being put together; {@link #to} or {@link #unavailable} adds it. */
  public final class Rule {
    private final String host;
    private final PathType type;
    private final String path;
    private Policy policy = Policy.DEFAULT;
    private Rewrite rewrite = Rewrite.NONE;
    private Keepalive keepalive = Keepalive.DEFAULT;
    private Balancing balancing = Balancing.ROUND_ROBIN;
    private @Nullable UpstreamTls tls;
    private @Nullable HealthCheck health;
    private UnaryOperator<UpstreamPool> edit = UnaryOperator.identity();

    private Rule(String host, PathType type, String path) {
      this.host = host;
      this.type = type;
      this.path = path;
    }

    /** What it enforces. */
    public Rule policy(Policy policy) {
      this.policy = policy;
      return this;
    }

    /** What it changes of the request. */
    public Rule rewrite(Rewrite rewrite) {
      this.rewrite = rewrite;
      return this;
    }

    /** What its endpoints are spoken to with. */
    public Rule tls(UpstreamTls tls) {
      this.tls = tls;
      return this;
    }

    /** How endpoints that fail are found. */
    public Rule health(HealthCheck health) {
      this.health = health;
      return this;
    }

    /** How many idle connections its pool keeps, for a minute. */
    public Rule keepalive(int idleConnections) {
      return keepalive(idleConnections, Duration.ofSeconds(60));
    }

    /** How many idle connections its pool keeps, and for how long. */
    public Rule keepalive(int idleConnections, Duration idleTimeout) {
      this.keepalive = new Keepalive(idleConnections, idleTimeout);
      return this;
    }

    /** What else is said of its pool. */
    public Rule pool(UnaryOperator<UpstreamPool> edit) {
      this.edit = edit;
      return this;
    }

    /** Adds it, forwarding to a pool of its own. */
    public TestRoutes to(InetSocketAddress... endpoints) {
      String name = "pool-" + rules;
      PoolKey pool = new PoolKey("WebSocketRoute", namespace, "route", name);
      EndpointSetKey set = new EndpointSetKey("test", "route/" + name, "static");
      List<Endpoint> members = new ArrayList<>();
      for (InetSocketAddress endpoint : endpoints) {
        members.add(
            new Endpoint(
                endpoint.getAddress().getHostAddress(), endpoint.getPort(), Endpoint.State.READY));
      }
      snapshot.put(new EndpointSet(set, members));
      snapshot.put(
          edit.apply(UpstreamPool.of(pool, set, balancing, Duration.ZERO, keepalive, tls, health)));
      return add(
          new RuleAction.Forward(
              List.of(new WeightedPool(pool, 1)), rewrite, snapshot.policy(policy)));
    }

    /** Adds it, forwarding to the pool of an earlier rule, by its number from 0. */
    public TestRoutes toPoolOf(int rule) {
      PoolKey pool = new PoolKey("WebSocketRoute", "test", "route", "pool-" + rule);
      return add(
          new RuleAction.Forward(
              List.of(new WeightedPool(pool, 1)), rewrite, snapshot.policy(policy)));
    }

    /** Adds it as one that can't be served. */
    public TestRoutes unavailable() {
      return add(new RuleAction.Unavailable("Invalid", "spec.locations[0]: secret reason"));
    }

    /** Adds it as one that is served without a pool, under its policy. */
    public TestRoutes answered(RuleAction.Served action) {
      return add(action.under(snapshot.policy(policy)));
    }

    private TestRoutes add(RuleAction action) {
      RuleSource source =
          new RuleSource("WebSocketRoute", "test", "route", rules, "location-" + rules, 0);
      rules++;
      snapshot.put(new LocationRule(new RuleKey(host, type, path, Matches.NONE), source, action));
      return TestRoutes.this;
    }
  }
}
