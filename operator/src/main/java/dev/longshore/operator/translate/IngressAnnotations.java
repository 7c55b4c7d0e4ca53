package dev.longshore.operator.translate;

import dev.longshore.api.v1alpha1.Auth;
import dev.longshore.api.v1alpha1.Location;
import dev.longshore.api.v1alpha1.Location.PathRewriteType;
import dev.longshore.api.v1alpha1.Policy;
import dev.longshore.api.v1alpha1.Policy.DrainAction;
import dev.longshore.api.v1alpha1.Policy.EncodedSlashes;
import dev.longshore.api.v1alpha1.Policy.Insecure;
import dev.longshore.api.v1alpha1.Policy.Upgrade;
import dev.longshore.api.v1alpha1.Upstream;
import dev.longshore.api.v1alpha1.Upstream.HashSource;
import dev.longshore.api.v1alpha1.Upstream.LoadBalancingPolicy;
import dev.longshore.operator.translate.PolicyLayers.Layer;
import dev.longshore.operator.translate.PolicyLayers.Mistakes;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@code longshore.dev/} annotations of an Ingress into what a WebSocketRoute would say
 * in fields: a policy, what its upstreams have in common, and a rewrite.
 *
 * <p>A value that can't be read is a warning, and the rules go on without it; unless going on
 * without it could open something.
 */
final class IngressAnnotations {
  static final String PREFIX = "longshore.dev/";
  private static final int LONGEST = 16 * 1024;

  /** The annotation of a leaf of the policy. */
  private static final Map<String, String> BY_LEAF =
      Map.ofEntries(
          Map.entry("upgrade", "upgrade"),
          Map.entry("insecure", "insecure"),
          Map.entry("origins", "origins"),
          Map.entry("subprotocols", "subprotocols"),
          Map.entry("access.allow", "allow"),
          Map.entry("access.deny", "deny"),
          Map.entry("timeouts.connect", "connect-timeout"),
          Map.entry("timeouts.handshake", "handshake-timeout"),
          Map.entry("timeouts.idle", "idle-timeout"),
          Map.entry("timeouts.maxLifetime", "max-lifetime"),
          Map.entry("timeouts.response", "response-timeout"),
          Map.entry("keepalive.ping", "ping"),
          Map.entry("keepalive.timeout", "ping-timeout"),
          Map.entry("retries.attempts", "retries"),
          Map.entry("limits.connections", "connections"),
          Map.entry("limits.connectionsPerClient", "connections-per-client"),
          Map.entry("limits.handshakesPerSecondPerClient", "handshakes-per-second"),
          Map.entry("limits.messageBytes", "message-bytes"),
          Map.entry("limits.messagesPerSecond", "messages-per-second"),
          Map.entry("auth.external", "auth-service"),
          Map.entry("auth.jwt", "auth-jwt"),
          Map.entry("drain.window", "drain-window"),
          Map.entry("drain.deadline", "drain-deadline"),
          Map.entry("drain.onRemoval", "drain-on-removal"),
          Map.entry("encodedSlashes", "encoded-slashes"));

  /** The annotation of a field of the upstream. */
  private static final Map<String, String> BY_UPSTREAM_FIELD =
      Map.of(
          "protocol", "backend-protocol",
          "loadBalancing.policy", "load-balancing",
          "loadBalancing.hashOn", "hash-on",
          "loadBalancing.slowStart", "slow-start",
          "affinity", "affinity-cookie");

  private static final Map<String, String> ACCEPTS =
      Map.ofEntries(
          Map.entry("upgrade", "Allow, Require or Deny"),
          Map.entry("insecure", "Redirect or Allow"),
          Map.entry("encoded-slashes", "Allow or Reject"),
          Map.entry("connections", "a whole number"),
          Map.entry("connections-per-client", "a whole number"),
          Map.entry("handshakes-per-second", "a whole number"),
          Map.entry("messages-per-second", "a whole number"),
          Map.entry("retries", "a number from 0 to 10"),
          Map.entry("hash-on", "Header:X-User, Cookie:name, Query:name or ClientIP"),
          Map.entry("load-balancing", "LeastConnections, RoundRobin, Random or ConsistentHash"),
          Map.entry("backend-protocol", "ws or wss"),
          Map.entry("drain-on-removal", "Keep or Close"));

  private final Map<String, String> values = new TreeMap<>();
  private final Problems problems = new Problems();
  private final @Nullable Set<String> webSocketServices;
  private final Policy policy;
  private final Upstream upstream;
  private final Location.@Nullable Rewrite rewrite;

  IngressAnnotations(@Nullable Map<String, String> annotations) {
    if (annotations != null) {
      annotations.forEach(this::take);
    }
    webSocketServices = values.containsKey("websocket-services") ? services() : null;
    policy = readPolicy();
    upstream = readUpstream();
    rewrite = readRewrite();
  }

  /** What is wrong with the annotations; a fault concerns all rules. */
  Problems problems() {
    return problems;
  }

  /** The policy that they state. */
  Layer policy() {
    return new Layer(policy, leaf -> path(BY_LEAF.getOrDefault(leaf, leaf)), Mistakes.WARN);
  }

  /** What all upstreams have in common; name and Service are the backend's. */
  Upstream upstream() {
    return upstream;
  }

  /** The field path of a field of the upstream; null when no annotation states it. */
  static @Nullable String upstreamPath(String field) {
    String annotation = BY_UPSTREAM_FIELD.get(field);
    return annotation == null ? null : path(annotation);
  }

  /** The rewrite that they state. */
  Location.@Nullable Rewrite rewrite() {
    return rewrite;
  }

  /** The field path of the rewrite's annotations. */
  static String rewritePath(String field) {
    return path(field.startsWith("host") ? "rewrite-host" : "rewrite-path");
  }

  /** The Services that may be upgraded; null: all. */
  @Nullable Set<String> webSocketServices() {
    return webSocketServices;
  }

  static String path(String annotation) {
    return "metadata.annotations[" + PREFIX + annotation + "]";
  }

  private void take(String key, @Nullable String value) {
    if (!key.startsWith(PREFIX)) {
      return;
    }
    String name = key.substring(PREFIX.length());
    boolean known =
        BY_LEAF.containsValue(name)
            || BY_UPSTREAM_FIELD.containsValue(name)
            || Set.of("websocket-services", "rewrite-path", "rewrite-host").contains(name);
    if (!known) {
      problems.warn(
          Reason.UNKNOWN_ANNOTATION,
          "metadata.annotations[" + key + "]",
          "there is no such annotation" + Suggestions.of(name, known()));
    } else if (value == null || value.length() > LONGEST) {
      problems.fault(Reason.INVALID, path(name), "is longer than " + LONGEST + " characters");
    } else {
      values.put(name, value.strip());
    }
  }

  private static Set<String> known() {
    Set<String> names = new TreeSet<>(BY_LEAF.values());
    names.addAll(BY_UPSTREAM_FIELD.values());
    names.addAll(Set.of("websocket-services", "rewrite-path", "rewrite-host"));
    return names;
  }

  private Set<String> services() {
    Set<String> names = new TreeSet<>();
    for (String name : list("websocket-services")) {
      problems.parse(path("websocket-services"), () -> Names.label(name));
      names.add(name);
    }
    return names;
  }

  private Policy readPolicy() {
    return new Policy(
        choice(
            "upgrade",
            Map.of("Allow", Upgrade.ALLOW, "Require", Upgrade.REQUIRE, "Deny", Upgrade.DENY),
            true),
        choice("insecure", Map.of("Redirect", Insecure.REDIRECT, "Allow", Insecure.ALLOW), true),
        optionalList("origins"),
        optionalList("subprotocols"),
        new Policy.Timeouts(
            values.get("connect-timeout"),
            values.get("handshake-timeout"),
            values.get("idle-timeout"),
            values.get("max-lifetime"),
            values.get("response-timeout"),
            null),
        new Policy.Retries(number("retries", false)),
        new Policy.Keepalive(values.get("ping"), values.get("ping-timeout"), null),
        new Policy.Limits(
            number("connections", true),
            number("connections-per-client", true),
            number("handshakes-per-second", true),
            null,
            values.get("message-bytes"),
            number("messages-per-second", true),
            null),
        new Policy.Access(optionalList("allow"), optionalList("deny")),
        new Auth(
            values.containsKey("auth-jwt")
                ? new Auth.Jwt(null, null, null, null, null, null, null)
                : null,
            values.containsKey("auth-service")
                ? new Auth.External(null, null, null, null, null)
                : null),
        null,
        new Policy.Drain(
            values.get("drain-window"),
            values.get("drain-deadline"),
            null,
            choice(
                "drain-on-removal",
                Map.of("Keep", DrainAction.KEEP, "Close", DrainAction.CLOSE),
                false),
            null),
        choice(
            "encoded-slashes",
            Map.of("Allow", EncodedSlashes.ALLOW, "Reject", EncodedSlashes.REJECT),
            true));
  }

  private Upstream readUpstream() {
    LoadBalancingPolicy balancing =
        choice(
            "load-balancing",
            Map.of(
                "LeastConnections", LoadBalancingPolicy.LEAST_CONNECTIONS,
                "RoundRobin", LoadBalancingPolicy.ROUND_ROBIN,
                "Random", LoadBalancingPolicy.RANDOM,
                "ConsistentHash", LoadBalancingPolicy.CONSISTENT_HASH),
            false);
    Upstream.HashOn hashOn = hashOn(balancing);
    if (balancing == LoadBalancingPolicy.CONSISTENT_HASH && hashOn == null) {
      if (!values.containsKey("hash-on")) {
        problems.warn(
            Reason.INVALID_ANNOTATION,
            path("load-balancing"),
            "ConsistentHash needs the annotation " + PREFIX + "hash-on, " + ACCEPTS.get("hash-on"));
      }
      balancing = null;
    }
    return new Upstream(
        null,
        null,
        null,
        choice(
            "backend-protocol",
            Map.of("ws", Upstream.Protocol.WS, "wss", Upstream.Protocol.WSS),
            true),
        null,
        new Upstream.LoadBalancing(balancing, hashOn, slowStart()),
        affinity(),
        null,
        null,
        null,
        null);
  }

  /** What is hashed; null when nothing is. Without it the rules go on, and balance by load. */
  private Upstream.@Nullable HashOn hashOn(@Nullable LoadBalancingPolicy balancing) {
    String value = values.get("hash-on");
    if (value == null) {
      return null;
    }
    if (balancing != LoadBalancingPolicy.CONSISTENT_HASH) {
      problems.warn(
          Reason.INVALID_ANNOTATION,
          path("hash-on"),
          "has no effect without the annotation " + PREFIX + "load-balancing: ConsistentHash");
      return null;
    }
    if (value.equals("ClientIP")) {
      return new Upstream.HashOn(HashSource.CLIENT_IP, null);
    }
    int colon = value.indexOf(':');
    HashSource type =
        switch (value.substring(0, Math.max(colon, 0))) {
          case "Header" -> HashSource.HEADER;
          case "Cookie" -> HashSource.COOKIE;
          case "Query" -> HashSource.QUERY;
          default -> null;
        };
    String name = type == null ? null : token("hash-on", value.substring(colon + 1).strip());
    if (type == null) {
      bad("hash-on", value, false);
    }
    return name == null ? null : new Upstream.HashOn(type, name);
  }

  private Upstream.@Nullable Affinity affinity() {
    String value = values.get("affinity-cookie");
    String name = value == null ? null : token("affinity-cookie", value);
    return name == null ? null : new Upstream.Affinity(new Upstream.Cookie(name, null, null, null));
  }

  private @Nullable String token(String annotation, String text) {
    try {
      return Names.token(text);
    } catch (IllegalArgumentException e) {
      problems.warn(Reason.INVALID_ANNOTATION, path(annotation), String.valueOf(e.getMessage()));
      return null;
    }
  }

  private @Nullable String slowStart() {
    String text = values.get("slow-start");
    if (text != null) {
      try {
        Durations.parse(text, Duration.ZERO, Durations.LONGEST);
      } catch (IllegalArgumentException e) {
        problems.warn(
            Reason.INVALID_ANNOTATION, path("slow-start"), String.valueOf(e.getMessage()));
        return null;
      }
    }
    return text;
  }

  private Location.@Nullable Rewrite readRewrite() {
    String path = values.get("rewrite-path");
    String host = values.get("rewrite-host");
    return path == null && host == null
        ? null
        : new Location.Rewrite(
            path == null ? null : new Location.PathRewrite(PathRewriteType.REPLACE_PREFIX, path),
            host);
  }

  private @Nullable List<String> optionalList(String name) {
    return values.containsKey(name) ? list(name) : null;
  }

  private List<String> list(String name) {
    String value = values.getOrDefault(name, "");
    return value.isEmpty()
        ? List.of()
        : Arrays.stream(value.split(",", -1)).map(String::strip).toList();
  }

  private @Nullable Integer number(String name, boolean closes) {
    String value = values.get(name);
    if (value == null) {
      return null;
    }
    if (value.length() <= 9
        && !value.isEmpty()
        && value.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Integer.valueOf(value);
    }
    bad(name, value, closes);
    return null;
  }

  private <T> @Nullable T choice(String name, Map<String, T> choices, boolean closes) {
    String value = values.get(name);
    if (value == null) {
      return null;
    }
    T choice = choices.get(value);
    if (choice == null) {
      bad(name, value, closes);
    }
    return choice;
  }

  private void bad(String name, String value, boolean closes) {
    String message = Quote.of(value) + " is not " + ACCEPTS.get(name);
    if (closes) {
      problems.fault(Reason.INVALID, path(name), message);
    } else {
      problems.warn(Reason.INVALID_ANNOTATION, path(name), message);
    }
  }
}
