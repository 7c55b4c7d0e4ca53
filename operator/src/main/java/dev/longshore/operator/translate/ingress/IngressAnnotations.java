package dev.longshore.operator.translate.ingress;

import dev.longshore.api.v1alpha1.Location;
import dev.longshore.api.v1alpha1.Location.PathRewriteType;
import dev.longshore.api.v1alpha1.Upstream;
import dev.longshore.api.v1alpha1.Upstream.HashSource;
import dev.longshore.api.v1alpha1.Upstream.LoadBalancingPolicy;
import dev.longshore.operator.translate.field.GatewayDurations;
import dev.longshore.operator.translate.field.Names;
import dev.longshore.operator.translate.policy.Choice;
import dev.longshore.operator.translate.policy.PolicyAnnotations;
import dev.longshore.operator.translate.policy.Source;
import dev.longshore.operator.translate.policy.Statements;
import dev.longshore.operator.translate.rule.AnswerAnnotations;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import dev.longshore.operator.translate.verdict.Suggestions;
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
public final class IngressAnnotations {
  /** What the names of our own annotations begin with. */
  public static final String PREFIX = PolicyAnnotations.PREFIX;

  private static final int LONGEST = 16 * 1024;

  /** The annotation of a field of the upstream. */
  private static final Map<String, String> BY_UPSTREAM_FIELD =
      Map.of(
          "protocol", "backend-protocol",
          "loadBalancing.policy", "load-balancing",
          "loadBalancing.hashOn", "hash-on",
          "loadBalancing.slowStart", "slow-start",
          "affinity", "affinity-cookie");

  private static final String HASHES = "Header:X-User, Cookie:name, Query:name or ClientIP";

  private static final Choice<LoadBalancingPolicy, LoadBalancingPolicy> BALANCING =
      Choice.of(LoadBalancingPolicy.class);

  private static final Choice<Upstream.Protocol, Upstream.Protocol> PROTOCOL =
      Choice.of(Upstream.Protocol.class);

  private static final Set<String> OF_RULES =
      Set.of("websocket-services", "rewrite-path", "rewrite-host");

  private static final Set<String> KNOWN = known();

  private final Map<String, String> values = new TreeMap<>();
  private final Problems problems = new Problems();
  private final @Nullable Set<String> webSocketServices;
  private final Statements policy;
  private final Upstream upstream;
  private final Location.@Nullable Rewrite rewrite;
  private final AnswerAnnotations answers;
  private final Location.@Nullable Redirect redirect;
  private final Location.@Nullable Respond respond;

  /** Of all annotations of an Ingress. */
  public IngressAnnotations(@Nullable Map<String, String> annotations) {
    if (annotations != null) {
      annotations.forEach(this::take);
    }
    webSocketServices = values.containsKey("websocket-services") ? services() : null;
    policy = PolicyAnnotations.read(values, PolicyAnnotations::path, problems);
    upstream = readUpstream();
    rewrite = readRewrite();
    answers = new AnswerAnnotations(values, problems);
    redirect = answers.redirect();
    respond = answers.respond();
  }

  /** What is wrong with the annotations; a fault concerns all rules. */
  Problems problems() {
    return problems;
  }

  /** The policy that they state. */
  public Source policy() {
    return policy;
  }

  /** What all upstreams have in common; name and Service are the backend's. */
  Upstream upstream() {
    return upstream;
  }

  /** The field path of a field of the upstream; null when no annotation states it. */
  static @Nullable String upstreamPath(String field) {
    String annotation = BY_UPSTREAM_FIELD.get(field);
    return annotation == null ? null : PolicyAnnotations.path(annotation);
  }

  /** The rewrite that they state. */
  Location.@Nullable Rewrite rewrite() {
    return rewrite;
  }

  /** The field path of the rewrite's annotations. */
  static String rewritePath(String field) {
    return PolicyAnnotations.path(field.startsWith("host") ? "rewrite-host" : "rewrite-path");
  }

  /** Where they send clients; null: nowhere. */
  Location.@Nullable Redirect redirect() {
    return redirect;
  }

  /** The field path of the redirect's annotations. */
  String redirectPath(String field) {
    return answers.redirectPath(field);
  }

  /** What they answer; null: nothing. */
  Location.@Nullable Respond respond() {
    return respond;
  }

  /** The Services that may be upgraded; null: all. */
  @Nullable Set<String> webSocketServices() {
    return webSocketServices;
  }

  private void take(String key, @Nullable String value) {
    if (!key.startsWith(PREFIX)) {
      return;
    }
    String name = key.substring(PREFIX.length());
    if (!KNOWN.contains(name)) {
      problems.warn(
          Reason.UNKNOWN_ANNOTATION,
          "metadata.annotations[" + key + "]",
          "there is no such annotation" + Suggestions.of(name, KNOWN));
    } else if (value == null || value.length() > LONGEST) {
      problems.fault(
          Reason.INVALID,
          PolicyAnnotations.path(name),
          "is longer than " + LONGEST + " characters");
    } else {
      values.put(name, value.strip());
    }
  }

  private static Set<String> known() {
    Set<String> names = new TreeSet<>(PolicyAnnotations.names());
    names.addAll(BY_UPSTREAM_FIELD.values());
    names.addAll(OF_RULES);
    names.addAll(AnswerAnnotations.names());
    return names;
  }

  private Set<String> services() {
    Set<String> names = new TreeSet<>();
    for (String name : list("websocket-services")) {
      problems.parse(PolicyAnnotations.path("websocket-services"), () -> Names.label(name));
      names.add(name);
    }
    return names;
  }

  private Upstream readUpstream() {
    LoadBalancingPolicy balancing = choice("load-balancing", BALANCING, false);
    Upstream.HashOn hashOn = hashOn(balancing);
    if (balancing == LoadBalancingPolicy.CONSISTENT_HASH && hashOn == null) {
      if (!values.containsKey("hash-on")) {
        problems.warn(
            Reason.INVALID_ANNOTATION,
            PolicyAnnotations.path("load-balancing"),
            "ConsistentHash needs the annotation " + PREFIX + "hash-on, " + HASHES);
      }
      balancing = null;
    }
    return new Upstream(
        null,
        null,
        null,
        choice("backend-protocol", PROTOCOL, true),
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
          PolicyAnnotations.path("hash-on"),
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
      bad("hash-on", Quote.of(value) + " is not " + HASHES, false);
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
      problems.warn(
          Reason.INVALID_ANNOTATION,
          PolicyAnnotations.path(annotation),
          String.valueOf(e.getMessage()));
      return null;
    }
  }

  private @Nullable String slowStart() {
    String text = values.get("slow-start");
    if (text != null) {
      try {
        GatewayDurations.parse(text, Duration.ZERO, GatewayDurations.LONGEST);
      } catch (IllegalArgumentException e) {
        problems.warn(
            Reason.INVALID_ANNOTATION,
            PolicyAnnotations.path("slow-start"),
            String.valueOf(e.getMessage()));
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

  private List<String> list(String name) {
    String value = values.getOrDefault(name, "");
    return value.isEmpty()
        ? List.of()
        : Arrays.stream(value.split(",", -1)).map(String::strip).toList();
  }

  private <T extends Enum<T>> @Nullable T choice(String name, Choice<T, T> form, boolean closes) {
    String value = values.get(name);
    if (value == null) {
      return null;
    }
    try {
      return form.ofText(value);
    } catch (IllegalArgumentException e) {
      bad(name, String.valueOf(e.getMessage()), closes);
      return null;
    }
  }

  private void bad(String name, String message, boolean closes) {
    if (closes) {
      problems.fault(Reason.INVALID, PolicyAnnotations.path(name), message);
    } else {
      problems.warn(Reason.INVALID_ANNOTATION, PolicyAnnotations.path(name), message);
    }
  }
}
