package dev.longshore.contract;

import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.RuleAction.Forward;
import dev.longshore.contract.RuleAction.PathRewrite;
import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.RuleAction.WeightedPool;
import dev.longshore.contract.policy.Draining.OnChange;
import dev.longshore.contract.policy.EncodedSlashes;
import dev.longshore.contract.policy.Header;
import dev.longshore.contract.policy.InsecureMode;
import dev.longshore.contract.policy.Limits;
import dev.longshore.contract.policy.Ping.Towards;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.testing.TestPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/** Entries and edits for the tests of this package; the same seed gives the same ones. */
public final class Samples {
  public static final String PRIVATE_KEY =
      """
      -----BEGIN PRIVATE KEY-----
      c2VjcmV0IGtleSBieXRlcw==
      -----END PRIVATE KEY-----
      """;
  static final String AFFINITY_KEY = "0123456789abcdef".repeat(4);
  static final String CHAIN =
      """
      -----BEGIN CERTIFICATE-----
      bGVhZg==
      -----END CERTIFICATE-----
      -----BEGIN CERTIFICATE-----
      aXNzdWVy
      -----END CERTIFICATE-----
      """;

  private Samples() {}

  static PoolKey poolKey(int i) {
    return new PoolKey("WebSocketRoute", "demo", "route-" + i / 4, "upstream-" + i % 4);
  }

  static EndpointSetKey endpointSetKey(int i) {
    return new EndpointSetKey("demo", "service-" + i, "3000");
  }

  static RuleKey ruleKey(int i) {
    return new RuleKey(
        i % 7 == 0 ? RuleKey.ANY_HOST : "host-" + i % 13 + ".example.com",
        i % 5 == 0 ? PathType.EXACT : PathType.PREFIX,
        "/path/" + i,
        i % 3 == 0
            ? new Matches(List.of(new ValueMatch("x-beta", ValueMatch.Type.EXACT, "1")), List.of())
            : Matches.NONE);
  }

  static RuleSource source(int i) {
    return new RuleSource("WebSocketRoute", "demo", "route-" + i, i, "spec.locations[0]", 1_700L);
  }

  static LocationRule rule(int i, List<WeightedPool> backends, String policy) {
    Rewrite rewrite =
        i % 4 == 0
            ? new Rewrite(new PathRewrite(PathRewrite.Type.REPLACE_PREFIX, "/ws"), "chat.internal")
            : Rewrite.NONE;
    return new LocationRule(ruleKey(i), source(i), new Forward(backends, rewrite, policy));
  }

  static LocationRule unavailable(int i) {
    return new LocationRule(
        ruleKey(i),
        source(i),
        new Unavailable("UnsupportedValue", "spec.locations[0].policy.auth"));
  }

  static Policy policy(int i) {
    TestPolicy policy =
        new TestPolicy()
            .with(i % 2 == 0 ? InsecureMode.ALLOW : InsecureMode.REDIRECT)
            .origins("https://*.example.com")
            .subprotocols("graphql-transport-ws")
            .retries(i % 11)
            .allow("10.0.0.0/8")
            .deny("10.9.0.0/16")
            .request(List.of(new Header("X-A", "b")), "x-c");
    if (i % 2 == 0) {
      policy.ping(Duration.ofSeconds(30), Duration.ofSeconds(10), Towards.CLIENT);
    }
    if (i % 3 == 0) {
      policy.with(new Limits(50_000, 20, 10, 20, 1 << 20, 100, 200));
    }
    if (i % 5 == 0) {
      policy.draining(Duration.ofSeconds(10), OnChange.CLOSE, OnChange.KEEP);
    }
    if (i % 7 == 0) {
      policy.with(EncodedSlashes.REJECT);
    }
    return policy.build();
  }

  static UpstreamPool pool(int i, int endpointSet) {
    boolean hashed = i % 2 == 0;
    return UpstreamPool.of(
        poolKey(i),
        endpointSetKey(endpointSet),
        hashed ? UpstreamPool.Balancing.CONSISTENT_HASH : UpstreamPool.Balancing.LEAST_CONNECTIONS,
        Duration.ofSeconds(30),
        UpstreamPool.Keepalive.DEFAULT,
        i % 3 == 0 ? i % 2 == 0 ? upstreamTls() : sharedTls() : null,
        hashed ? new UpstreamPool.HashOn(UpstreamPool.HashType.COOKIE, "session") : null,
        i % 4 == 0
            ? new UpstreamPool.Affinity(
                "longshore",
                Duration.ofHours(1),
                "/",
                UpstreamPool.SameSite.LAX,
                new Secret(AFFINITY_KEY))
            : null,
        i % 5 == 0
            ? new UpstreamPool.HealthCheck(
                new UpstreamPool.Passive(3, Duration.ofSeconds(30), 50),
                new UpstreamPool.Active(
                    UpstreamPool.Probe.HTTP,
                    "/healthz",
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(1),
                    2,
                    3,
                    null),
                50)
            : null,
        i % 7 == 0 ? new UpstreamPool.EndpointLimit(10_000) : null,
        hashed ? null : new UpstreamPool.Rebalance(50, 10),
        i % 3 == 1 ? UpstreamPool.Protocol.HTTP_2 : null);
  }

  static UpstreamTls upstreamTls() {
    return new UpstreamTls(
        "chat.internal", CHAIN, new UpstreamTls.ClientCertificate(CHAIN, new Secret(PRIVATE_KEY)));
  }

  static UpstreamTls sharedTls() {
    return UpstreamTls.by(sharedCredentials(), "chat.internal");
  }

  static SharedCredentials sharedCredentials() {
    return new SharedCredentials(upstreamTls().own());
  }

  static EndpointSet endpointSet(int i, int lastByte) {
    return new EndpointSet(
        endpointSetKey(i),
        List.of(
            new Endpoint("192.168.3." + lastByte, 3000, Endpoint.State.READY),
            new Endpoint("2001:db8::" + lastByte, 3000, Endpoint.State.DRAINING)));
  }

  static Certificate certificate(int i, String privateKey) {
    return new Certificate(
        new CertificateKey("demo", "tls-" + i),
        List.of("host-" + i + ".example.com", "*.host-" + i + ".example.com"),
        CHAIN,
        new Secret(privateKey));
  }

  static Settings settings(int bodyBytes) {
    Settings sample = Settings.DEFAULT;
    Settings.Bounds bounds = sample.bounds();
    return new Settings(
        List.of(Cidr.parse("10.0.0.0/8")),
        sample.forwardedHeaders(),
        sample.proxyProtocol(),
        sample.processDrain(),
        sample.accessLog(),
        new Settings.Bounds(
            bounds.requestLineBytes(),
            bounds.headerBytes(),
            bounds.headerCount(),
            bodyBytes,
            bounds.requestTimeout()),
        new Settings.Tls(
            Settings.TlsVersion.TLS_1_3,
            Settings.TlsVersion.TLS_1_3,
            List.of("TLS_AES_128_GCM_SHA256"),
            null,
            new Settings.Hsts(Duration.ofDays(365), true)),
        List.of(Cidr.parse("10.1.0.0/16")),
        null);
  }

  /** A valid snapshot of about so many rules, with some of everything. */
  public static RoutingSnapshot snapshot(int rules) {
    SnapshotBuilder builder = SnapshotBuilder.from(RoutingSnapshot.EMPTY);
    entries(rules).forEach(entry -> entry.accept(builder));
    return builder.build();
  }

  /** The entries of {@link #snapshot}, each as an edit; they may be applied in any order. */
  static List<Consumer<SnapshotBuilder>> entries(int rules) {
    int pools = Math.max(1, rules / 2);
    int sets = Math.max(1, rules / 4);
    List<Consumer<SnapshotBuilder>> edits = new ArrayList<>();
    for (int i = 0; i < sets; i++) {
      int id = i;
      edits.add(b -> b.put(endpointSet(id, id % 250)));
    }
    for (int i = 0; i < pools; i++) {
      int id = i;
      edits.add(b -> put(b, pool(id, id % sets)));
    }
    for (int i = 0; i < rules; i++) {
      int id = i;
      edits.add(
          b ->
              b.put(
                  every(10, id)
                      ? unavailable(id)
                      : rule(
                          id,
                          List.of(
                              new WeightedPool(poolKey(id % pools), 95),
                              new WeightedPool(poolKey((id + 1) % pools), 5)),
                          b.policy(policy(id)))));
    }
    edits.add(b -> b.put(certificate(0, PRIVATE_KEY)));
    edits.add(b -> b.settings(settings(4096)));
    return edits;
  }

  /** One random edit; the snapshot it leads to may be wrong. */
  public static Consumer<SnapshotBuilder> edit(Random random) {
    int id = random.nextInt(12);
    int other = random.nextInt(12);
    return switch (random.nextInt(14)) {
      case 0, 1, 2 -> b -> b.put(rule(id, weighted(other), b.policy(policy(other))));
      case 3 -> b -> b.put(unavailable(id));
      case 4 -> b -> put(b, pool(id, other));
      case 5 -> b -> b.put(endpointSet(id, other));
      case 6 -> b -> b.removeRule(ruleKey(id));
      case 7 -> b -> b.removePool(poolKey(id));
      case 8 -> b -> b.removeEndpointSet(endpointSetKey(id));
      case 9 -> b -> b.put(certificate(id, PRIVATE_KEY + "\n".repeat(other)));
      case 10 -> b -> b.removeCertificate(new CertificateKey("demo", "tls-" + id));
      case 11 -> b -> b.put(listener(id, 8000 + other));
      case 12 -> b -> b.removeListener(listener(id, 1).name());
      default -> b -> b.settings(settings(other));
    };
  }

  private static void put(SnapshotBuilder builder, UpstreamPool pool) {
    UpstreamTls tls = pool.tls();
    if (tls != null && tls.credentials() != null) {
      builder.put(sharedCredentials());
    }
    builder.put(pool);
  }

  /** A listener of TLS with all that one can have. */
  public static Listener listener(int id, int port) {
    return new Listener(
        "listener-" + id,
        "192.0.2." + (id + 1),
        port,
        Listener.Protocol.HTTPS,
        List.of("*.example.com", "chat.example.com"),
        new Listener.TlsVersions(Settings.TlsVersion.TLS_1_3, Settings.TlsVersion.TLS_1_3),
        List.of(Cidr.parse("10.0.0.0/8")));
  }

  private static List<WeightedPool> weighted(int pool) {
    return List.of(new WeightedPool(poolKey(pool), 1));
  }

  private static boolean every(int nth, int id) {
    return id % nth == nth - 1;
  }
}
