package dev.longshore.contract.push;

import dev.longshore.contract.LocationRule;
import dev.longshore.contract.PathType;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.PoolPartType;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleAction.Forward;
import dev.longshore.contract.RuleAction.PathRewrite;
import dev.longshore.contract.RuleAction.Redirect;
import dev.longshore.contract.RuleAction.Respond;
import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.contract.RuleAction.Served;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.RuleAction.WeightedPool;
import dev.longshore.contract.Settings;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.policy.PartType;
import dev.longshore.contract.policy.Policy;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Names of what a snapshot may need a data plane to understand. A data plane says in its {@link
 * Hello} which it has; the operator closes the rules that need more to it, and says so in their
 * status, instead of sending what would not be read.
 *
 * <p>Whoever adds a component to a record of the snapshot adds a name here, and where it is needed:
 * a data plane of an earlier version refuses a document with a component that it doesn't know. The
 * parts of policies and pools bring their own, see {@link PartType} and {@link PoolPartType}.
 */
public final class Features {
  /** Connections that start with a PROXY header. */
  public static final String PROXY_PROTOCOL = "proxy-protocol";

  /** PROXY headers that are believed from some ranges only. */
  public static final String PROXY_PROTOCOL_RANGES = "proxy-protocol-ranges";

  /** HTTP/2 with clients; who lacks it is told nothing of it, and speaks HTTP/1.1. */
  public static final String HTTP2 = "http2";

  /** Certificates for TLS listeners. */
  public static final String SERVER_CERTIFICATES = "server-certificates";

  /** Paths that are patterns. */
  public static final String REGEX_PATHS = "regex-paths";

  /** Conditions on headers and query parameters. */
  public static final String MATCHES = "matches";

  /** More than one pool behind a rule. */
  public static final String WEIGHTED_BACKENDS = "weighted-backends";

  /** Changes to path and Host. */
  public static final String REWRITES = "rewrites";

  /** Paths made of what the groups of a pattern matched. */
  public static final String PATTERN_REWRITES = "pattern-rewrites";

  /** Credentials of upstreams that stand in the snapshot once, and pools that name them. */
  public static final String SHARED_CREDENTIALS = "shared-credentials";

  /** Listeners in the snapshot, beside those of flags; who lacks it isn't sent any. */
  public static final String LISTENERS = "listeners";

  /** The {@link Fleet} message; who lacks it isn't sent any. */
  public static final String FLEET = "fleet";

  /** Probes by grpc.health.v1. */
  public static final String GRPC_PROBES = UpstreamPool.HealthCheck.GRPC_PROBES;

  /** Rules that answer where else to ask. */
  public static final String REDIRECTS = "redirects";

  /** Redirects that say the query too. */
  public static final String REDIRECT_TARGETS = "redirect-targets";

  /** Everything that this version of the contract knows. */
  public static final Set<String> ALL =
      Stream.of(
              Stream.of(
                  PROXY_PROTOCOL,
                  PROXY_PROTOCOL_RANGES,
                  SERVER_CERTIFICATES,
                  REGEX_PATHS,
                  MATCHES,
                  WEIGHTED_BACKENDS,
                  REWRITES,
                  PATTERN_REWRITES,
                  SHARED_CREDENTIALS,
                  LISTENERS,
                  FLEET,
                  HTTP2,
                  GRPC_PROBES,
                  REDIRECTS,
                  REDIRECT_TARGETS),
              PoolPartType.all().stream().map(PoolPartType::feature),
              PartType.all().stream().flatMap(part -> part.features().stream()))
          .flatMap(names -> names)
          .collect(Collectors.toUnmodifiableSet());

  private Features() {}

  /** What a rule needs, with its policy and its pools. */
  public static SortedSet<String> neededBy(RoutingSnapshot snapshot, LocationRule rule) {
    SortedSet<String> needed = new TreeSet<>();
    if (rule.key().pathType() == PathType.REGEX) {
      needed.add(REGEX_PATHS);
    }
    if (rule.key().matches().count() > 0) {
      needed.add(MATCHES);
    }
    switch (rule.action()) {
      case Forward forward -> {
        if (forward.backends().size() > 1) {
          needed.add(WEIGHTED_BACKENDS);
        }
        for (WeightedPool backend : forward.backends()) {
          UpstreamPool pool = snapshot.pools().get(backend.pool());
          if (pool != null) {
            needed.addAll(pool.features());
          }
        }
        if (!forward.rewrite().equals(Rewrite.NONE)) {
          needed.add(REWRITES);
        }
        PathRewrite path = forward.rewrite().path();
        if (path != null && path.type() == PathRewrite.Type.REPLACE_MATCH) {
          needed.add(PATTERN_REWRITES);
        }
      }
      case Redirect redirect -> {
        needed.add(REDIRECTS);
        PathRewrite path = redirect.path();
        if (path != null && path.type() == PathRewrite.Type.REPLACE_TARGET) {
          needed.add(REDIRECT_TARGETS);
        }
      }
      // What it answers is a part of its policy, by which a data plane knows it.
      case Respond respond -> {}
      case Unavailable unavailable -> {}
    }
    if (rule.action() instanceof Served served) {
      Policy policy = snapshot.policies().get(served.policy());
      if (policy != null) {
        needed.addAll(policy.features());
        PoolKey asked = policy.asks();
        UpstreamPool pool = asked == null ? null : snapshot.pools().get(asked);
        if (pool != null) {
          needed.addAll(pool.features());
        }
      }
    }
    return needed;
  }

  /** What the snapshot needs beside its rules. */
  public static SortedSet<String> neededByAll(RoutingSnapshot snapshot) {
    SortedSet<String> needed = new TreeSet<>();
    if (snapshot.settings().proxyProtocol() != Settings.ProxyProtocol.OFF) {
      needed.add(PROXY_PROTOCOL);
    }
    if (snapshot.settings().proxyProtocolFrom() != null) {
      needed.add(PROXY_PROTOCOL_RANGES);
    }
    if (snapshot.certificates().size() > 0) {
      needed.add(SERVER_CERTIFICATES);
    }
    return needed;
  }
}
