package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.push.Origin;
import dev.longshore.operator.pki.ServerIdentity;
import dev.longshore.operator.push.Publication;
import dev.longshore.operator.push.PushServer;
import dev.longshore.operator.push.PushServerOptions;
import dev.longshore.operator.push.TokenVerdict;
import dev.longshore.proxy.DataPlane;
import dev.longshore.proxy.subscribe.SubscriptionOptions;
import dev.longshore.testkube.KubeApiServer;
import dev.longshore.testkube.Ports;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Operators that are killed or can't be trusted any more, while a data plane serves: one, all, and
 * one whose certificate has expired.
 *
 * <p>Beside these: the election by itself, {@code LeadershipTest} of the operator; certificates and
 * their renewal over years, its {@code TrustTest}; the table that is kept, {@code
 * LastKnownGoodTest} and {@code SubscriptionTest} of the proxy.
 */
class OperatorFaultsTest {
  private static final String PUSH = "longshore-operator-push";

  @TempDir private Path folder = Path.of("");

  @Test
  void replicasAreKilledOneAfterTheOtherAndTheDataPlaneRestartsWithout() throws Exception {
    int push = Ports.free("127.0.0.1", "127.0.0.2");
    Path hosts =
        Files.writeString(folder.resolve("hosts"), "127.0.0.1 " + PUSH + "\n127.0.0.2 " + PUSH);
    List<String> jvm = List.of("-Djdk.net.hosts.file=" + hosts);
    try (Stage stage = new Stage(KubeApiServer.shared(), folder)) {
      stage.apply(stage.service("echo"));
      stage.apply(stage.route("used", "echo"));
      stage.dataPlanes("node-1");
      Files.writeString(folder.resolve("token"), stage.token("node-1"));
      try (OperatorProcess first = operator(stage, "first", "127.0.0.1:" + push)) {
        first.pushPort();
        stage.ca();
        Stage.patience().until(() -> leads(first));
        try (OperatorProcess second = operator(stage, "second", "127.0.0.2:" + push)) {
          second.pushPort();
          try (DataPlaneProcess dataPlane = new DataPlaneProcess(folder, PUSH + ":" + push, jvm)) {
            stage.awaitStatus(dataPlane.port(), "used", "/", 200);
            Stage.patience()
                .until(() -> dataPlane.readiness().contains("operators connected: 2 of 2"));
            try (Traffic traffic = new Traffic(dataPlane.port(), List.of(stage.host("used")))) {
              first.close();
              stage.apply(stage.route("orphan", "echo"));
              stage.awaitStatus(dataPlane.port(), "orphan", "/", 200);
              traffic.goesOn();
              Stage.patience().until(() -> leads(second));
              stage.awaitProgrammed("orphan");
              second.close();
              Stage.patience()
                  .until(() -> dataPlane.readiness().contains("operators connected: 0 of 2"));
              traffic.goesOn();
            }
          }
        }
      }
      stage.apply(stage.route("unheard", "echo"));
      // Killed too, by now.
      try (DataPlaneProcess again = new DataPlaneProcess(folder, PUSH + ":" + push, jvm)) {
        stage.awaitStatus(again.port(), "used", "/", 200);
        stage.awaitStatus(again.port(), "orphan", "/", 200);
        assertThat(again.readiness()).contains("last known good table");
        try (Traffic traffic = new Traffic(again.port(), List.of(stage.host("orphan")));
            OperatorProcess third = operator(stage, "third", "127.0.0.1:" + push)) {
          stage.awaitStatus(again.port(), "unheard", "/", 200);
          Stage.patience().until(() -> leads(third));
          stage.awaitProgrammed("unheard");
          traffic.goesOn();
        }
      }
    }
  }

  @Test
  void anExpiredCertificateIsRefusedAndWhatIsServedStays() throws Exception {
    Instant now = Instant.now();
    X509Bundle authority =
        certificate("authority", now.minus(3, ChronoUnit.DAYS), now.plus(3, ChronoUnit.DAYS))
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    ServerIdentity valid =
        identity(authority, now.minus(1, ChronoUnit.DAYS), now.plus(1, ChronoUnit.DAYS));
    ServerIdentity expired =
        identity(authority, now.minus(2, ChronoUnit.DAYS), now.minus(1, ChronoUnit.HOURS));
    AtomicReference<ServerIdentity> identity = new AtomicReference<>(valid);
    Path ca = Files.writeString(folder.resolve("ca.crt"), authority.getCertificatePEM());
    Path token = Files.writeString(folder.resolve("token"), "good");
    int port;
    try (DataPlane dataPlane = Stage.unsubscribed()) {
      dataPlane.start();
      try (PushServer server = server(0, identity)) {
        port = server.bound().getPort();
        dataPlane.subscribe(
            new SubscriptionOptions("localhost", port, ca, token, null, "node-1", "g", "test"));
        Stage.patience().until(() -> Stage.readiness(dataPlane).startsWith("ready"));
      }
      identity.set(expired);
      try (PushServer server = server(port, identity)) {
        Stage.patience()
            .until(() -> Stage.readiness(dataPlane), text -> text.contains("TLS fails"));
        assertThat(server.dataPlanes()).isEmpty();
        assertThat(RawTunnel.status(Stage.port(dataPlane), "any", "/")).isEqualTo(404);
        identity.set(valid);
        Stage.patience().until(() -> server.dataPlanes().containsKey("node-1"));
      }
    }
  }

  private static OperatorProcess operator(Stage stage, String name, String push)
      throws IOException {
    return new OperatorProcess(
        KubeApiServer.shared().kubeconfig(),
        name,
        List.of(
            "--push=" + push,
            "--push-service=" + PUSH,
            "--publish-status-address=192.0.2.7",
            "--namespace=" + stage.system(),
            "--watch-namespaces=" + stage.demo()));
  }

  private static boolean leads(OperatorProcess operator) {
    return operator.get("/metrics").contains("longshore_operator_leader 1.0");
  }

  private static PushServer server(int port, AtomicReference<ServerIdentity> identity)
      throws IOException {
    PushServer server =
        new PushServer(
            PushServerOptions.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)),
            identity::get,
            token -> CompletableFuture.completedFuture(new TokenVerdict.Accepted("any", "node-1")),
            new SimpleMeterRegistry());
    server.start();
    server.publish(new Publication(1, RoutingSnapshot.EMPTY, Origin.of(0, Map.of())));
    return server;
  }

  private static ServerIdentity identity(X509Bundle authority, Instant from, Instant until)
      throws Exception {
    X509Bundle issued =
        certificate("operator", from, until)
            .addSanDnsName("localhost")
            .addExtendedKeyUsageServerAuth()
            .buildIssuedBy(authority);
    return new ServerIdentity(
        issued.getKeyPair().getPrivate(), List.of(issued.getCertificatePath()));
  }

  private static CertificateBuilder certificate(String name, Instant from, Instant until) {
    return new CertificateBuilder().ecp256().subject("CN=" + name).notBefore(from).notAfter(until);
  }
}
