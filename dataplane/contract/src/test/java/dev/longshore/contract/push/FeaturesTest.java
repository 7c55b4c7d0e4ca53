package dev.longshore.contract.push;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.Certificate;
import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.Listener;
import dev.longshore.contract.LocationRule;
import dev.longshore.contract.Matches;
import dev.longshore.contract.PathType;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.PoolPartType;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleAction;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.RuleSource;
import dev.longshore.contract.Samples;
import dev.longshore.contract.Settings;
import dev.longshore.contract.UpstreamCredentials;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.policy.PartType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class FeaturesTest {
  /**
   * What there is in a snapshot beside endpoints. Whoever adds a component here: a data plane of
   * before refuses it, so let {@link Features} name it, and the rules that need it.
   */
  private static final String KNOWN =
      """
      Access: allow deny
      Active: healthyThreshold interval path service timeout type unhealthyThreshold
      Affinity: cookie key path sameSite ttl
      AllowedOrigins: values
      AllowedSubprotocols: names
      BasicAuth: realm users
      Bounds: bodyBytes headerBytes headerCount requestLineBytes requestTimeout
      Certificate: chain hosts key privateKey
      CertificateKey: namespace secret
      Cidr: text
      ClientCertificate: chain privateKey
      Closing: closeCode deadline
      Cors: credentials exposedHeaders headers maxAge methods origins
      Draining: onPolicyChange onRemoval window
      EndpointLimit: connections
      EndpointSetKey: namespace port service
      ExternalAuth: cacheKey cacheTtl copyHeaders failOpen forwardHeaders host path recheck recheckGrace service timeout
      FixedAnswer: body contentType status
      Forward: backends policy rewrite
      ForwardedClaim: claim header
      HashOn: name type
      Header: name secret value
      HeaderEdits: remove set
      HealthCheck: active panicThresholdPercent passive
      Hsts: includeSubdomains maxAge
      Http2: http https maxConcurrentStreams
      JwtAuth: algorithms audiences claims clockSkew closeOnExpiry forwardClaims from issuer keys
      Keepalive: idleConnections idleTimeout
      Limits: connections connectionsPerClient handshakesBurst handshakesPerSecondPerClient messageBytes messagesBurst messagesPerSecond
      Listener: address hosts name port protocol proxyProtocolFrom tls
      LocationRule: action key source
      Matches: headers query
      Passive: consecutiveFailures ejectFor maxEjectedPercent
      PathRewrite: type value
      Ping: interval timeout towards
      Policy: access basicAuth closing cors draining encodedSlashes externalAuth fixedAnswer insecure jwtAuth limits origins ping requestHeaders requestRate responseHeaders retries signIn subprotocols timeouts upgrade
      PoolKey: kind namespace resource upstream
      ProcessDrain: deadline delay window
      Rebalance: maxPerSecond tolerancePercent
      Redirect: host path policy port scheme status
      RequestHeaders: edits
      RequestRate: burst perSecondPerClient
      RequiredClaim: name values
      Respond: policy
      ResponseHeaders: edits
      Retries: attempts
      Rewrite: host path
      RuleKey: host matches path pathType
      RuleSource: createdAt index kind location name namespace
      Settings: accessLog bounds forwardedHeaders http2 processDrain proxyProtocol proxyProtocolFrom tls trustedProxies
      SignIn: location
      Source: name type
      Timeouts: connect handshake idle maxLifetime response writeStall
      Tls: ciphers defaultCertificate hsts maxVersion minVersion
      TlsVersions: max min
      TokenSource: name type
      Unavailable: message reason
      UpstreamCredentials: clientCertificate trustedCertificates
      UpstreamPool: affinity balancing endpoints hashOn health keepalive key maxConnectionsPerEndpoint rebalance requestProtocol slowStart tls
      UpstreamTls: clientCertificate credentials serverName trustedCertificates
      ValueMatch: name type value
      WeightedPool: pool weight
      """;

  /** What data planes of other versions say that they have: names are added, never changed. */
  private static final Set<String> PUBLISHED =
      Set.of(
          "access-lists",
          "affinity",
          "basicAuth",
          "consistent-hash",
          "cors",
          "draining",
          "encoded-slashes",
          "endpoint-limits",
          "externalAuth",
          "fixedAnswer",
          "fleet",
          "grpc-probes",
          "header-edits",
          "header-secrets",
          "health-checks",
          "http2",
          "jwtAuth",
          "limits",
          "listeners",
          "matches",
          "pattern-rewrites",
          "pings",
          "proxy-protocol",
          "proxy-protocol-ranges",
          "rebalance",
          "redirect-targets",
          "redirects",
          "regex-paths",
          "requestProtocol",
          "requestRate",
          "rewrites",
          "server-certificates",
          "signIn",
          "shared-credentials",
          "upstream-tls",
          "weighted-backends");

  @Test
  void namesStayAsTheyWerePublished() {
    assertThat(Features.ALL).containsExactlyInAnyOrderElementsOf(PUBLISHED);
  }

  @Test
  void groupsInPathsAreNeededBesideRewrites() {
    RuleAction.Rewrite groups =
        new RuleAction.Rewrite(
            new RuleAction.PathRewrite(RuleAction.PathRewrite.Type.REPLACE_MATCH, "/$1"), null);
    LocationRule rule =
        new LocationRule(
            new RuleKey("a", PathType.REGEX, "/(.*)", Matches.NONE),
            new RuleSource("Ingress", "demo", "a", 0, "spec.rules[0]", 0),
            new RuleAction.Forward(List.of(), groups, ""));
    assertThat(Features.neededBy(RoutingSnapshot.EMPTY, rule))
        .containsExactly(Features.PATTERN_REWRITES, Features.REGEX_PATHS, Features.REWRITES);
  }

  @Test
  void wholeTargetsAreNeededBesideRedirects() {
    RuleAction.PathRewrite target =
        new RuleAction.PathRewrite(RuleAction.PathRewrite.Type.REPLACE_TARGET, "/a?b");
    LocationRule rule =
        new LocationRule(
            new RuleKey("a", PathType.EXACT, "/", Matches.NONE),
            new RuleSource("Ingress", "demo", "a", 0, "spec.rules[0]", 0),
            new RuleAction.Redirect(null, null, null, target, 302, ""));
    assertThat(Features.neededBy(RoutingSnapshot.EMPTY, rule))
        .containsExactly(Features.REDIRECT_TARGETS, Features.REDIRECTS);
  }

  @Test
  void whatASnapshotNeedsIsNamed() {
    RoutingSnapshot snapshot = Samples.snapshot(20);
    Set<String> needed = new TreeSet<>(Features.neededByAll(snapshot));
    snapshot.rules().forEach((key, rule) -> needed.addAll(Features.neededBy(snapshot, rule)));
    assertThat(needed)
        .contains(
            Features.MATCHES,
            Features.WEIGHTED_BACKENDS,
            Features.REWRITES,
            "header-edits",
            "access-lists",
            Features.SERVER_CERTIFICATES,
            Features.PROXY_PROTOCOL_RANGES,
            "pings",
            "limits",
            "draining",
            "consistent-hash",
            "affinity",
            "health-checks",
            "endpoint-limits",
            "rebalance",
            "requestProtocol",
            Features.SHARED_CREDENTIALS);
    assertThat(Features.ALL).containsAll(needed);
    assertThat(Features.neededByAll(RoutingSnapshot.EMPTY)).isEmpty();
  }

  @Test
  void nothingIsInASnapshotThatIsNotKnown() {
    Set<String> shape = new TreeSet<>();
    for (Class<?> root :
        List.of(
            LocationRule.class,
            RuleAction.Forward.class,
            RuleAction.Redirect.class,
            RuleAction.Respond.class,
            RuleAction.Unavailable.class,
            UpstreamCredentials.class,
            Certificate.class,
            Listener.class,
            Settings.class)) {
      walk(root, shape);
    }
    Set<String> parts = new TreeSet<>();
    for (PartType<?> part : PartType.all()) {
      parts.add(part.name());
      walk(part.type(), shape);
    }
    Set<String> pool =
        new TreeSet<>(Set.of("key", "endpoints", "balancing", "slowStart", "keepalive"));
    walk(PoolKey.class, shape);
    walk(EndpointSetKey.class, shape);
    walk(UpstreamPool.Keepalive.class, shape);
    for (PoolPartType<?> part : PoolPartType.all()) {
      pool.add(part.name());
      walk(part.type(), shape);
    }
    shape.add("UpstreamPool: " + String.join(" ", pool));
    shape.add("Policy: " + String.join(" ", parts));
    assertThat(shape).containsExactlyElementsOf(KNOWN.lines().toList());
  }

  private static void walk(Type type, Set<String> shape) {
    switch (type) {
      case ParameterizedType generic -> {
        for (Type argument : generic.getActualTypeArguments()) {
          walk(argument, shape);
        }
      }
      case Class<?> record when record.isRecord() -> {
        Set<String> names = new TreeSet<>();
        for (RecordComponent component : record.getRecordComponents()) {
          names.add(component.getName());
          walk(component.getGenericType(), shape);
        }
        shape.add(record.getSimpleName() + ": " + String.join(" ", names));
      }
      default -> {}
    }
  }
}
