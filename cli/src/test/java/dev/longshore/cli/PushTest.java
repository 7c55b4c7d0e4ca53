package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.push.Origin;
import dev.longshore.operator.pki.ServerIdentity;
import dev.longshore.operator.push.DataPlaneState;
import dev.longshore.operator.push.Publication;
import dev.longshore.operator.push.PushServer;
import dev.longshore.operator.push.PushServerOptions;
import dev.longshore.operator.push.TokenVerdict;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The push server of an operator and the process of a data plane, over a real channel. */
class PushTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private final X509Bundle authority = authority();
  private final ServerIdentity identity = identity();

  private static X509Bundle authority() {
    try {
      return new CertificateBuilder()
          .ecp256()
          .subject("CN=authority")
          .setIsCertificateAuthority(true)
          .buildSelfSigned();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private ServerIdentity identity() {
    try {
      X509Bundle issued =
          new CertificateBuilder()
              .ecp256()
              .subject("CN=operator")
              .addSanDnsName("localhost")
              .addExtendedKeyUsageServerAuth()
              .buildIssuedBy(authority);
      return new ServerIdentity(
          issued.getKeyPair().getPrivate(), List.of(issued.getCertificatePath()));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void files() throws IOException {
    Files.writeString(folder.resolve("ca.crt"), authority.getCertificatePEM());
    Files.writeString(folder.resolve("token"), "good");
  }

  private PushServer server(int port) throws IOException {
    PushServer server =
        new PushServer(
            PushServerOptions.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)),
            () -> identity,
            token ->
                CompletableFuture.completedFuture(
                    token.equals("good")
                        ? new TokenVerdict.Accepted("data plane", "node-1")
                        : new TokenVerdict.Unauthenticated("not good")),
            new SimpleMeterRegistry());
    server.start();
    return server;
  }

  /** A table in which these paths answer 503, and others 404. */
  private static SnapshotBuilder table(String... paths) {
    Settings standard = Settings.DEFAULT;
    SnapshotBuilder builder =
        SnapshotBuilder.from(RoutingSnapshot.EMPTY)
            .settings(
                new Settings(
                    standard.trustedProxies(),
                    standard.forwardedHeaders(),
                    standard.proxyProtocol(),
                    new Settings.ProcessDrain(Duration.ZERO, Duration.ZERO, Duration.ZERO),
                    standard.accessLog(),
                    standard.bounds(),
                    standard.tls(),
                    standard.proxyProtocolFrom(),
                    standard.http2()));
    for (String path : paths) {
      builder.put(rule(path, new RuleAction.Unavailable("Test", "closed")));
    }
    return builder;
  }

  private static LocationRule rule(String path, RuleAction action) {
    return new LocationRule(
        new RuleKey("*", PathType.PREFIX, path, new Matches(List.of(), List.of())),
        new RuleSource("WebSocketRoute", "demo", "chat", 0, "spec.locations[0]", 0),
        action);
  }

  private static Publication publication(long sequence, RoutingSnapshot snapshot) {
    return new Publication(
        sequence, snapshot, Origin.of(0, Map.of("WebSocketRoute", Long.toString(sequence))));
  }

  private static DataPlaneState awaitApplied(PushServer server, RoutingSnapshot snapshot) {
    return await()
        .atMost(LONG)
        .until(
            () -> server.dataPlanes().get("node-1"),
            state -> state != null && Versions.of(snapshot).equals(state.applied()));
  }

  @Test
  void whatIsPublishedIsServedAndOutlivesBothEnds() throws Exception {
    RoutingSnapshot first = table("/a").build();
    RoutingSnapshot second = table("/a", "/b").build();
    int port;
    try (PushServer server = server(0);
        DataPlaneProcess dataPlane = new DataPlaneProcess(folder, server.bound().getPort())) {
      port = server.bound().getPort();
      await().atMost(LONG).until(() -> server.dataPlanes().containsKey("node-1"));
      assertThat(dataPlane.status("/a")).as("nobody is accepted without a table").isZero();
      server.publish(publication(1, first));
      awaitApplied(server, first);
      assertThat(dataPlane.status("/a")).isEqualTo(503);
      assertThat(dataPlane.status("/b")).isEqualTo(404);
      server.publish(publication(2, second));
      awaitApplied(server, second);
      assertThat(dataPlane.status("/b")).isEqualTo(503);
      assertThat(dataPlane.terminate()).isZero();
    }
    try (DataPlaneProcess dataPlane = new DataPlaneProcess(folder, port)) {
      await().atMost(LONG).until(() -> dataPlane.status("/b"), status -> status == 503);
      assertThat(dataPlane.readiness())
          .startsWith("ready")
          .contains("last known good table")
          .contains("no operator reached yet");
      try (PushServer server = server(port)) {
        server.publish(publication(2, second));
        DataPlaneState state = awaitApplied(server, second);
        assertThat(state.lastNack()).isNull();
        await().atMost(LONG).until(() -> !dataPlane.readiness().contains("last known good"));
      }
      // And another operator in its place, which knows nothing of what it sent.
      try (PushServer server = server(port)) {
        RoutingSnapshot third = table("/c").build();
        server.publish(publication(3, third));
        awaitApplied(server, third);
        assertThat(dataPlane.status("/b")).isEqualTo(404);
      }
      assertThat(dataPlane.terminate()).isZero();
    }
  }

  @Test
  void whatIsRefusedIsClosedAloneAndNamed() throws Exception {
    try (PushServer server = server(0);
        DataPlaneProcess dataPlane = new DataPlaneProcess(folder, server.bound().getPort())) {
      RoutingSnapshot good = table("/a").build();
      server.publish(publication(1, good));
      awaitApplied(server, good);
      SnapshotBuilder builder = table("/a");
      RoutingSnapshot wrong =
          builder
              .put(
                  rule(
                      "/b",
                      new RuleAction.Forward(
                          List.of(
                              new WeightedPool(
                                  new PoolKey("WebSocketRoute", "demo", "chat", "p"), 1)),
                          Rewrite.NONE,
                          builder.policy(Policy.DEFAULT))))
              .build();
      server.publish(publication(2, wrong));
      // The rule is closed before anybody could look twice, and the rest is served.
      await().atMost(LONG).until(() -> dataPlane.status("/b"), status -> status == 503);
      assertThat(dataPlane.status("/a")).isEqualTo(503);
      assertThat(dataPlane.status("/c")).isEqualTo(404);
      assertThat(server.held())
          .hasSize(1)
          .allSatisfy(
              (rule, held) -> {
                assertThat(rule.path()).isEqualTo("/b");
                assertThat(held.why()).contains("rules[* Prefix /b]");
              });
      RoutingSnapshot mended = table("/a", "/b").build();
      server.publish(publication(3, mended));
      assertThat(awaitApplied(server, mended).lastNack()).isNull();
      assertThat(server.held()).isEmpty();
    }
  }

  @Test
  void aWrongTokenIsSaidAndAGoodOneTaken() throws Exception {
    Files.writeString(folder.resolve("token"), "the-bad-one");
    try (PushServer server = server(0);
        DataPlaneProcess dataPlane = new DataPlaneProcess(folder, server.bound().getPort())) {
      await().atMost(LONG).until(() -> dataPlane.readiness().contains("answers 401"));
      Files.writeString(folder.resolve("token"), "good");
      await().atMost(LONG).until(() -> server.dataPlanes().containsKey("node-1"));
      assertThat(dataPlane.log()).contains("answers 401").doesNotContain("the-bad-one");
    }
  }
}
