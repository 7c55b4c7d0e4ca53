package dev.longshore.operator.translate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator.Feature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.longshore.contract.Cidr;
import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.Listener;
import dev.longshore.contract.LocationRule;
import dev.longshore.contract.Matches;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleAction.Forward;
import dev.longshore.contract.RuleAction.Redirect;
import dev.longshore.contract.RuleAction.Respond;
import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.contract.RuleAction.Served;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.Settings;
import dev.longshore.contract.UpstreamCredentials;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamTls;
import dev.longshore.contract.policy.Access;
import dev.longshore.contract.policy.AllowedOrigins;
import dev.longshore.contract.policy.AllowedSubprotocols;
import dev.longshore.contract.policy.Closing;
import dev.longshore.contract.policy.EncodedSlashes;
import dev.longshore.contract.policy.HeaderEdits;
import dev.longshore.contract.policy.InsecureMode;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.policy.PolicyPart;
import dev.longshore.contract.policy.RequestHeaders;
import dev.longshore.contract.policy.ResponseHeaders;
import dev.longshore.contract.policy.Retries;
import dev.longshore.contract.policy.Timeouts;
import dev.longshore.contract.policy.UpgradeMode;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.translate.verdict.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes a translation for people: one line a rule, only what isn't default, verdicts below. */
final class GoldenText {
  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .disable(Feature.WRITE_DOC_START_MARKER)
          .disable(Feature.SPLIT_LINES)
          .enable(Feature.MINIMIZE_QUOTES)
          .enable(Feature.INDENT_ARRAYS_WITH_INDICATOR)
          .build();

  private GoldenText() {}

  static String write(Translation translation) {
    RoutingSnapshot snapshot = translation.snapshot();
    Map<String, Object> text = new LinkedHashMap<>();
    Map<String, Object> rules = new TreeMap<>();
    snapshot.rules().forEach((key, rule) -> rules.put(show(key), show(rule, snapshot)));
    text.put("rules", rules);
    Map<String, Object> pools = new TreeMap<>();
    snapshot.pools().forEach((key, pool) -> pools.put(show(key), show(pool, snapshot)));
    text.put("pools", pools);
    Map<String, Object> sets = new TreeMap<>();
    snapshot
        .endpointSets()
        .forEach(
            (key, set) ->
                sets.put(
                    show(key),
                    set.endpoints().stream()
                        .map(e -> e.address() + " " + e.port() + " " + e.state())
                        .toList()));
    text.put("endpoints", sets);
    Map<String, Object> certificates = new TreeMap<>();
    snapshot
        .certificates()
        .forEach(
            (key, certificate) ->
                certificates.put(key.namespace() + "/" + key.secret(), certificate.hosts()));
    if (!certificates.isEmpty()) {
      text.put("certificates", certificates);
    }
    if (!snapshot.settings().equals(Settings.DEFAULT.with(Settings.Http2.DEFAULT))) {
      text.put("settings", show(snapshot.settings()));
    }
    if (snapshot.listeners().size() > 0) {
      Map<String, String> listeners = new TreeMap<>();
      snapshot.listeners().forEach((name, listener) -> listeners.put(name, show(listener)));
      text.put("listeners", listeners);
    }
    Map<ResourceRef, Object> verdicts = new TreeMap<>();
    translation.verdicts().forEach((ref, verdict) -> verdicts.put(ref, show(verdict)));
    Map<String, Object> shown = new LinkedHashMap<>();
    verdicts.forEach((ref, verdict) -> shown.put(ref.toString(), verdict));
    text.put("verdicts", shown);
    try {
      return YAML.writeValueAsString(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String show(HeaderEdits edits) {
    return "set "
        + edits.set().stream()
            .map(h -> h.name() + (h.secret() == null ? ": " : ", secret: ") + h.reveal())
            .toList()
        + ", remove "
        + edits.remove();
  }

  private static String show(RuleKey key) {
    return key.host() + " " + key.pathType() + " " + key.path() + show(key.matches());
  }

  private static String show(Matches matches) {
    StringBuilder text = new StringBuilder();
    matches
        .headers()
        .forEach(m -> text.append(" header ").append(m.name()).append('=').append(m.value()));
    matches
        .query()
        .forEach(m -> text.append(" query ").append(m.name()).append('=').append(m.value()));
    return text.toString();
  }

  private static String show(PoolKey key) {
    return key.kind() + " " + key.namespace() + "/" + key.resource() + " " + key.upstream();
  }

  private static String show(EndpointSetKey key) {
    return key.namespace() + "/" + key.service() + " " + key.port();
  }

  private static Map<String, Object> show(LocationRule rule, RoutingSnapshot snapshot) {
    Map<String, Object> text = new LinkedHashMap<>();
    text.put("from", rule.source().resource() + " " + rule.source().location());
    switch (rule.action()) {
      case Forward forward -> {
        text.put(
            "to",
            forward.backends().stream()
                .map(b -> show(b.pool()) + (b.weight() == 1 ? "" : " × " + b.weight()))
                .toList());
        if (!forward.rewrite().equals(Rewrite.NONE)) {
          text.put("rewrite", forward.rewrite().toString());
        }
        policy(text, forward, snapshot);
      }
      case Redirect redirect -> {
        text.put(
            "redirect",
            Stream.of(
                    redirect.status(),
                    redirect.scheme(),
                    redirect.host(),
                    redirect.port(),
                    redirect.path())
                .filter(Objects::nonNull)
                .map(Object::toString)
                .collect(Collectors.joining(" ")));
        policy(text, redirect, snapshot);
      }
      case Respond respond -> policy(text, respond, snapshot);
      case Unavailable unavailable ->
          text.put("unavailable", unavailable.reason() + ": " + unavailable.message());
    }
    return text;
  }

  private static void policy(Map<String, Object> text, Served served, RoutingSnapshot snapshot) {
    List<String> policy = show(Objects.requireNonNull(snapshot.policies().get(served.policy())));
    if (!policy.isEmpty()) {
      text.put("policy", policy);
    }
  }

  private static List<String> show(Policy policy) {
    List<String> text = new ArrayList<>();
    differing(text, "upgrade", UpgradeMode.ALLOW, policy.get(UpgradeMode.class));
    differing(text, "insecure", InsecureMode.ALLOW, policy.get(InsecureMode.class));
    differing(text, "origins", List.of(), policy.get(AllowedOrigins.class).values());
    differing(text, "subprotocols", List.of(), policy.get(AllowedSubprotocols.class).names());
    differing(text, "encodedSlashes", EncodedSlashes.ALLOW, policy.get(EncodedSlashes.class));
    for (PolicyPart part : policy.parts()) {
      switch (part) {
        case UpgradeMode _, InsecureMode _, EncodedSlashes _ -> {}
        case AllowedOrigins _, AllowedSubprotocols _ -> {}
        case Timeouts t -> {
          Timeouts d = Timeouts.DEFAULT;
          differing(text, "connect", d.connect(), t.connect());
          differing(text, "handshake", d.handshake(), t.handshake());
          differing(text, "idle", d.idle(), t.idle());
          differing(text, "maxLifetime", d.maxLifetime(), t.maxLifetime());
          differing(text, "response", d.response(), t.response());
          differing(text, "writeStall", d.writeStall(), t.writeStall());
        }
        case Retries retries -> text.add("retries " + retries.attempts());
        case Access access -> {
          differing(text, "allow", List.of(), access.allow().stream().map(Cidr::text).toList());
          differing(text, "deny", List.of(), access.deny().stream().map(Cidr::text).toList());
        }
        case RequestHeaders headers -> text.add("requestHeaders " + show(headers.edits()));
        case ResponseHeaders headers -> text.add("responseHeaders " + show(headers.edits()));
        case Closing closing -> text.add("closing " + closing);
        default -> text.add(part.toString());
      }
    }
    return text;
  }

  private static void differing(List<String> text, String name, Object byDefault, Object value) {
    if (!byDefault.equals(value)) {
      text.add(name + " " + value);
    }
  }

  private static String show(UpstreamPool pool, RoutingSnapshot snapshot) {
    return show(pool.endpoints())
        + ", "
        + pool.balancing()
        + ", slow start "
        + pool.slowStart()
        + ", keepalive "
        + pool.keepalive().idleConnections()
        + " for "
        + pool.keepalive().idleTimeout()
        + show(pool.tls(), snapshot)
        + Stream.of(
                pool.hashOn(),
                pool.affinity(),
                pool.health(),
                pool.endpointLimit() == null
                    ? null
                    : "at most " + pool.endpointLimit().connections() + " each",
                pool.rebalance(),
                pool.protocol())
            .filter(Objects::nonNull)
            .map(part -> ", " + part)
            .collect(Collectors.joining());
  }

  private static String show(@Nullable UpstreamTls tls, RoutingSnapshot snapshot) {
    if (tls == null) {
      return "";
    }
    UpstreamCredentials credentials = Objects.requireNonNull(snapshot.credentialsOf(tls));
    String trusted = credentials.trustedCertificates();
    return ", TLS to "
        + (tls.serverName() == null ? "the request's host" : tls.serverName())
        + ", trusting "
        + (trusted == null
            ? "the system's"
            : trusted.split("BEGIN CERTIFICATE", -1).length - 1 + " given")
        + (credentials.clientCertificate() == null ? "" : ", with a certificate");
  }

  private static String show(Listener listener) {
    return listener.protocol()
        + " "
        + (listener.address() == null ? "*" : listener.address())
        + ":"
        + listener.port()
        + (listener.hosts().isEmpty() ? "" : " hosts " + listener.hosts())
        + (listener.tls() == null ? "" : " " + listener.tls())
        + (listener.proxyProtocolFrom() == null
            ? ""
            : " proxyProtocolFrom "
                + listener.proxyProtocolFrom().stream().map(Cidr::text).toList());
  }

  private static List<String> show(Settings settings) {
    List<String> text = new ArrayList<>();
    Settings byDefault = Settings.DEFAULT;
    differing(
        text,
        "trustedProxies",
        List.of(),
        settings.trustedProxies().stream().map(Cidr::text).toList());
    differing(text, "forwardedHeaders", byDefault.forwardedHeaders(), settings.forwardedHeaders());
    differing(text, "proxyProtocol", byDefault.proxyProtocol(), settings.proxyProtocol());
    differing(
        text,
        "proxyProtocolFrom",
        "everybody",
        settings.proxyProtocolFrom() == null
            ? "everybody"
            : settings.proxyProtocolFrom().stream().map(Cidr::text).toList());
    differing(text, "processDrain", byDefault.processDrain(), settings.processDrain());
    differing(text, "accessLog", byDefault.accessLog(), settings.accessLog());
    differing(text, "bounds", byDefault.bounds(), settings.bounds());
    differing(text, "tls", byDefault.tls(), settings.tls());
    differing(
        text,
        "http2",
        Settings.Http2.DEFAULT,
        settings.http2() == null ? "nowhere" : settings.http2());
    return text;
  }

  private static Map<String, Object> show(Verdict verdict) {
    Map<String, Object> text = new LinkedHashMap<>();
    verdict
        .conditions()
        .forEach(
            c ->
                text.put(
                    c.type().label(),
                    (c.status() ? "True " : "False ") + c.reason() + ": " + c.message()));
    if (!verdict.problems().isEmpty()) {
      text.put(
          "problems",
          verdict.problems().stream()
              .map(p -> p.severity().label() + " " + p.reason() + " " + p.text())
              .toList());
    }
    return text;
  }
}
