package dev.longshore.proxy.subscribe;

import static dev.longshore.proxy.testing.RawClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.PathType;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.push.Ack;
import dev.longshore.contract.push.Current;
import dev.longshore.contract.push.Fleet;
import dev.longshore.contract.push.Hello;
import dev.longshore.contract.push.Nack;
import dev.longshore.contract.push.Origin;
import dev.longshore.contract.push.SnapshotMessage;
import dev.longshore.proxy.DataPlane;
import dev.longshore.proxy.DataPlaneOptions;
import dev.longshore.proxy.DataPlaneOptions.Transport;
import dev.longshore.proxy.Snapshots;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole data plane that follows an operator: what clients, probes and scrapes see. */
class FollowingDataPlaneTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Origin ORIGIN = Origin.of(0, Map.of("Ingress", "7"));

  @TempDir private Path temp;
  private final TestPki pki = new TestPki();

  @BeforeEach
  void files() throws IOException {
    Files.writeString(temp.resolve("ca.crt"), pki.bundle());
    Files.writeString(temp.resolve("token"), "token-1");
  }

  private TestOperator operator(int port) {
    return new TestOperator("127.0.0.1", port, pki.issue("localhost"));
  }

  /** Answers with the path. */
  private static RawUpstream upstream() {
    return RawUpstream.start(
        conversation -> {
          while (true) {
            conversation.answer(conversation.readRequest().target());
          }
        });
  }

  private DataPlane follow(int port) throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    DataPlane dataPlane =
        new DataPlane(
            new DataPlaneOptions(List.of(any), List.of(), any, any, 1, Transport.AUTO),
            OutputStream.nullOutputStream());
    dataPlane.start();
    dataPlane.subscribe(
        new SubscriptionOptions(
            "localhost",
            port,
            temp.resolve("ca.crt"),
            temp.resolve("token"),
            temp.resolve("state"),
            "node-1",
            "default",
            "1.0"));
    return dataPlane;
  }

  private static String fetch(InetSocketAddress server, String path) {
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + server.getPort() + path);
      return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String answer(DataPlane dataPlane) {
    try (RawClient client = RawClient.connect(Wire.PLAIN, dataPlane.boundHttp().getFirst())) {
      client.send(get("/path"));
      return client.readBody(client.readHead());
    }
  }

  @Test
  void isReadyOnceTheOperatorHasSentATable() throws Exception {
    try (RawUpstream upstream = upstream();
        TestOperator operator = operator(0);
        DataPlane dataPlane = follow(operator.port())) {
      operator.next(Hello.class);
      assertThat(fetch(dataPlane.boundMetrics(), "/readyz?verbose"))
          .startsWith("not ready: no configuration is applied yet")
          .contains("operators connected: 1 of ")
          .contains("127.0.0.1:" + operator.port() + ": active")
          .contains("data planes that share limits: 1\n")
          .contains("last message from an operator: none yet");
      assertThatThrownBy(() -> answer(dataPlane)).isInstanceOf(UncheckedIOException.class);

      operator.send(new Fleet(3));
      operator.send(
          new SnapshotMessage(ORIGIN, new TestRoutes().all().to(upstream.address()).build()));
      operator.next(Ack.class);
      assertThat(fetch(dataPlane.boundMetrics(), "/readyz?verbose"))
          .startsWith("ready")
          .contains("data planes that share limits: 3\n")
          .contains("last message from an operator: 2");
      assertThat(answer(dataPlane)).isEqualTo("/path");

      RoutingSnapshot wrong =
          Snapshots.snapshot()
              .forward(
                  Snapshots.key("b", PathType.PREFIX, "/"),
                  Snapshots.source("chat", 0, 0),
                  "missing")
              .build();
      operator.send(new SnapshotMessage(ORIGIN, wrong));
      operator.next(Nack.class);
      assertThat(answer(dataPlane)).isEqualTo("/path");
      assertThat(fetch(dataPlane.boundMetrics(), "/metrics"))
          .contains("longshore_operators_known ")
          .contains("longshore_operators_connected 1.0")
          .contains("longshore_operator_active{address=\"127.0.0.1:" + operator.port() + "\"} 1.0")
          .contains("longshore_operator_last_message_timestamp_seconds 1.")
          .contains("longshore_config_from_last_known_good 0.0")
          .contains("longshore_config_age_seconds 0.0")
          .contains("longshore_config_nacks_total 1.0")
          .contains("longshore_config_rejected_total 1.0")
          .contains("longshore_config_stale_taken_total 0.0");
    }
  }

  @Test
  void servesTheLastKnownGoodTableWhileTheOperatorIsGone() throws Exception {
    try (RawUpstream upstream = upstream()) {
      RoutingSnapshot table =
          WithoutSecrets.of(new TestRoutes().all().to(upstream.address()).build());
      int port;
      try (TestOperator operator = operator(0);
          DataPlane first = follow(operator.port())) {
        port = operator.port();
        operator.next(Hello.class);
        operator.send(new SnapshotMessage(ORIGIN, table));
        operator.next(Ack.class);
      }
      try (DataPlane second = follow(port)) {
        assertThat(answer(second)).isEqualTo("/path");
        await()
            .atMost(LONG)
            .untilAsserted(
                () ->
                    assertThat(fetch(second.boundMetrics(), "/readyz?verbose"))
                        .startsWith("ready")
                        .contains("serving the last known good table, applied 2")
                        .contains("no operator reached yet")
                        .contains("operators connected: 0 of ")
                        .contains("refuses the connection"));
        assertThat(fetch(second.boundMetrics(), "/metrics"))
            .contains("longshore_config_from_last_known_good 1.0")
            .contains("longshore_last_known_good_timestamp_seconds 1.")
            .doesNotContain("longshore_config_age_seconds 0.0")
            .doesNotContain("longshore_operator_active{");
        try (TestOperator operator = operator(port)) {
          assertThat(operator.next(Hello.class).applied()).isEqualTo(Versions.of(table));
          operator.send(new Current(ORIGIN, Versions.of(table)));
          await()
              .atMost(LONG)
              .untilAsserted(
                  () ->
                      assertThat(fetch(second.boundMetrics(), "/metrics"))
                          .contains("longshore_config_from_last_known_good 0.0")
                          .contains("longshore_config_age_seconds 0.0"));
        }
      }
    }
  }
}
