package dev.longshore.proxy.observe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.Settings;
import dev.longshore.contract.Version;
import dev.longshore.process.admin.AdminPage;
import dev.longshore.process.admin.AdminResponse;
import dev.longshore.process.admin.AdminServer;
import dev.longshore.process.admin.Hosts;
import dev.longshore.process.watch.Watch;
import dev.longshore.proxy.answer.HandshakeOutcome;
import dev.longshore.proxy.limit.Limit;
import dev.longshore.proxy.limit.LimitMeters;
import dev.longshore.proxy.limit.Limiter;
import dev.longshore.proxy.memory.HeadMemory;
import dev.longshore.proxy.subscribe.FleetSize;
import dev.longshore.proxy.tunnel.CloseCause;
import dev.longshore.proxy.tunnel.Frames;
import dev.longshore.proxy.tunnel.TunnelFixture;
import dev.longshore.proxy.tunnel.TunnelFixture.Ends;
import dev.longshore.proxy.tunnel.TunnelMeters;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.Ticker;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The admin server over real HTTP, beside tunnels over real sockets. */
@Timeout(60)
class AdminServerTest {
  private static final Version VERSION = new Version("ab".repeat(32));

  private final AtomicReference<ConfigStatus> config = new AtomicReference<>(ConfigStatus.NONE);
  private final AtomicBoolean listening = new AtomicBoolean();
  private final AtomicBoolean draining = new AtomicBoolean();
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final AccessLog accessLog =
      new AccessLog(log, AccessLogFormat.JSON, () -> Settings.AccessLog.ALL);
  private final Watch watch = new Watch();
  private final Metrics metrics = new Metrics();
  private final Map<String, AdminPage> pages = AdminServer.pages();
  private final HttpClient http = HttpClient.newHttpClient();
  private TunnelFixture fixture;
  private AdminServer server;
  private InetSocketAddress address;

  @BeforeEach
  void start() throws Exception {
    fixture =
        new TunnelFixture(
            new TunnelReports(metrics, accessLog, watch.part("tunnels"), new HeadMemory()));
    metrics.bind(new TunnelMeters(fixture.tunnels));
    metrics.bind(accessLog);
    metrics.bind(
        new LimitMeters(new Limiter(IntUnaryOperator.identity(), 500, Ticker.systemTicker())));
    metrics.bind(new FleetSize());
    metrics.watch(config::get);
    metrics.watch(ByteBufAllocator.DEFAULT);
    pages.put("/metrics", new MetricsPage(metrics));
    pages.put("/connections", new ConnectionsPage(fixture.tunnels));
    server =
        new AdminServer(
            new Health(config::get, listening::get, List::of, draining::get, watch::troubles),
            watch);
    address =
        server.listen(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), pages, Hosts.UNRESOLVED);
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    metrics.close();
    accessLog.close();
    http.close();
    fixture.close();
  }

  private HttpResponse<String> get(String target) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + target))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private JsonNode connections(String query) throws Exception {
    HttpResponse<String> response = get("/connections" + query);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return new ObjectMapper().readTree(response.body());
  }

  private void applied() {
    config.set(
        new ConfigStatus(
            new ConfigStatus.Applied(VERSION, Version.EMPTY, Instant.now()),
            1,
            new ConfigStatus.Rejection(
                Version.EMPTY, Instant.now(), List.of("rules[/x]: no such pool"))));
  }

  @Test
  void isReadyOnceATableIsAppliedAndUntilAShutdown() throws Exception {
    assertThat(get("/livez").statusCode()).isEqualTo(200);
    assertThat(get("/readyz").statusCode()).isEqualTo(503);
    assertThat(get("/readyz").body()).contains("no configuration is applied yet");

    applied();
    assertThat(get("/readyz").body()).contains("the listeners are not open yet");

    listening.set(true);
    assertThat(get("/readyz").statusCode()).isEqualTo(200);
    assertThat(get("/readyz?verbose").body())
        .contains("applied version: " + VERSION.hex())
        .contains("rejected snapshots: 1")
        .contains("rules[/x]: no such pool");

    draining.set(true);
    assertThat(get("/readyz").statusCode()).isEqualTo(503);
    assertThat(get("/livez").statusCode()).isEqualTo(200);
  }

  @Test
  void countsWhatPassesThroughTunnelsOpenAndEnded() throws Exception {
    byte[] frame = Frames.text(true, "hello");
    try (Ends ends = fixture.open()) {
      ends.client().getOutputStream().write(frame);
      ends.upstream().getInputStream().readNBytes(frame.length);
      assertThat(get("/metrics").body())
          .contains("longshore_tunnels_open 1.0")
          .contains("longshore_tunnel_messages_total{from=\"client\"} 1.0")
          .contains("longshore_pings_total{towards=\"client\"} 0.0")
          .contains("longshore_tunnel_bytes_total{from=\"client\"} 11.0");
      ends.client().getOutputStream().write(Frames.close(true, 4321));
      ends.upstream().getInputStream().readNBytes(8);
    }
    fixture.awaitEnd();
    assertThat(get("/metrics").body())
        .contains("longshore_tunnels_open 0.0")
        .contains("longshore_tunnel_messages_total{from=\"client\"} 1.0")
        .contains("longshore_tunnels_ended_total{reason=\"client\"} 1.0")
        .contains("longshore_tunnel_close_codes_total{code=\"4xxx\",from=\"client\"} 1.0");
  }

  @Test
  void showsHandshakesRequestsFailuresConfigurationAndMemory() throws Exception {
    metrics.handshakeEstablished(2_000_000);
    metrics.handshake(HandshakeOutcome.FORBIDDEN);
    metrics.request(204, 1_000_000);
    metrics.upstreamFailure(UpstreamFailure.CONNECT_TIMEOUT);
    applied();
    assertThat(get("/metrics").body())
        .contains("longshore_handshakes_total{outcome=\"established\"} 1.0")
        .contains("longshore_handshakes_total{outcome=\"forbidden\"} 1.0")
        .contains("longshore_handshake_duration_seconds_bucket{le=\"0.0025\"} 1")
        .contains("longshore_request_duration_seconds_count{code=\"2xx\"} 1")
        .contains("longshore_upstream_failures_total{kind=\"connect_timeout\"} 1.0")
        .contains(
            "longshore_config_info{endpoints_version=\"000000000000\",version=\"abababababab\"}")
        .contains("longshore_config_rejected_total 1.0")
        .containsPattern("longshore_config_last_change_timestamp_seconds 1\\.\\d+E9")
        .contains("longshore_buffer_direct_bytes")
        .contains("longshore_access_log_dropped_total 0.0")
        .contains("jvm_memory_used_bytes")
        .contains("longshore_build_info{");
  }

  @Test
  void everyMetricOfOursIsInTheDocumentation() throws Exception {
    try (Ends ends = fixture.open()) {
      ends.client().getOutputStream().write(Frames.close(true, 1000));
      ends.upstream().getInputStream().readNBytes(8);
    }
    fixture.awaitEnd();
    applied();
    String documented = Files.readString(Path.of("../../docs/metrics.md"));
    List<String> families =
        get("/metrics")
            .body()
            .lines()
            .filter(line -> line.startsWith("# TYPE longshore_"))
            .map(line -> line.split(" ")[2])
            .toList();
    assertThat(families).hasSizeGreaterThan(12);
    assertThat(families).allSatisfy(name -> assertThat(documented).contains("`" + name + "`"));
    for (CloseCause cause : CloseCause.values()) {
      assertThat(documented).contains("`" + cause.reason() + "`");
    }
    for (HandshakeOutcome outcome : HandshakeOutcome.values()) {
      assertThat(documented).contains("`" + outcome.label() + "`");
    }
    for (Limit limit : Limit.values()) {
      assertThat(documented).contains("`" + limit.label() + "`");
    }
    for (UpstreamFailure kind : UpstreamFailure.values()) {
      assertThat(documented).contains("`" + kind.label() + "`");
    }
  }

  @Test
  void showsEveryOpenTunnelOnExactlyOnePage() throws Exception {
    List<Ends> open = new ArrayList<>();
    try {
      for (int i = 0; i < 70; i++) {
        open.add(fixture.open());
      }
      Set<Long> pagesSeen = new HashSet<>();
      int seen = 0;
      long after = 0;
      do {
        JsonNode page = connections("?limit=20&after=" + after);
        assertThat(page.get("open").asInt()).isEqualTo(70);
        seen += page.get("connections").size();
        after = page.path("next").asLong();
        assertThat(pagesSeen.add(after)).isTrue();
      } while (after > 0);
      assertThat(seen).isEqualTo(70);
    } finally {
      for (Ends ends : open) {
        ends.close();
      }
    }
    await().until(() -> fixture.tunnels.open() == 0);
    assertThat(connections("").get("connections")).isEmpty();
  }

  @Test
  void filtersAndRefusesWhatItCannotRead() throws Exception {
    try (Ends ends = fixture.open()) {
      String endpoint = "127.0.0.1:" + ends.upstream().getLocalPort();
      for (String hit :
          List.of(
              "route=demo/chat", "namespace=demo", "client=192.0.2.1", "endpoint=" + endpoint)) {
        assertThat(connections("?" + hit).get("connections")).as(hit).hasSize(1);
      }
      for (String miss :
          List.of("route=demo/other", "namespace=x", "client=192.0.2.2", "endpoint=[::1]:1")) {
        assertThat(connections("?" + miss).get("connections")).as(miss).isEmpty();
      }
      assertThat(connections("").at("/connections/0/route").asText())
          .isEqualTo("WebSocketRoute demo/chat");
    }
    for (String bad : List.of("limit=0", "limit=x", "after=-1", "rout=demo/chat", "route=chat")) {
      HttpResponse<String> response = get("/connections?" + bad);
      assertThat(response.statusCode()).as(bad).isEqualTo(400);
      assertThat(response.body()).contains("\"" + bad.substring(0, bad.indexOf('=')) + "\"");
    }
  }

  @Test
  void isNotLiveWhenSomethingIsDead() throws Exception {
    metrics.bind(watch::bindTo);
    Thread ending = Thread.ofPlatform().start(() -> {});
    ending.join();
    watch.part("apply").runsOn(ending);
    assertThat(get("/livez").statusCode()).isEqualTo(503);
    assertThat(get("/livez").body()).isEqualTo("not live: apply: its thread is dead\n");
    assertThat(get("/metrics").body())
        .contains("longshore_watch_failing{part=\"apply\"} 1.0")
        .contains("longshore_watch_failing_parts 1.0");
  }

  @Test
  void refusesOtherMethodsAndPathsAndServesPagesAddedLater() throws Exception {
    HttpRequest post =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + "/metrics"))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    assertThat(http.send(post, HttpResponse.BodyHandlers.discarding()).statusCode()).isEqualTo(405);
    assertThat(get("/verdicts").statusCode()).isEqualTo(404);
    pages.put("/verdicts", query -> AdminResponse.json("[]".getBytes(UTF_8)));
    assertThat(get("/verdicts").body()).isEqualTo("[]");
  }

  @Test
  void showsTheAppliedSnapshot() throws Exception {
    AtomicReference<Optional<RoutingSnapshot>> applied = new AtomicReference<>(Optional.empty());
    pages.put("/config", new ConfigPage(applied::get));
    assertThat(get("/config").statusCode()).isEqualTo(503);
    applied.set(Optional.of(RoutingSnapshot.EMPTY));
    assertThat(new ObjectMapper().readTree(get("/config").body()).get("settings").isObject())
        .isTrue();
  }

  @Test
  void aSlowPageHoldsUpNeitherHealthNorTheOrderOfAnswers() throws Exception {
    CountDownLatch slow = new CountDownLatch(1);
    pages.put(
        "/slow",
        query -> {
          try {
            slow.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return AdminResponse.text(200, "slow\n");
        });
    var pending =
        http.sendAsync(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + "/slow"))
                .timeout(Duration.ofSeconds(20))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(get("/livez").statusCode()).isEqualTo(200);
    assertThat(pending).isNotDone();
    slow.countDown();
    assertThat(pending.get().body()).isEqualTo("slow\n");
  }

  @Test
  void logsATunnelAtItsEndAsOneJsonLine() throws Exception {
    try (Ends ends = fixture.open()) {
      ends.client().getOutputStream().write(Frames.close(true, 1000));
      ends.upstream().getInputStream().readNBytes(8);
    }
    fixture.awaitEnd();
    accessLog.close();
    JsonNode line = new ObjectMapper().readTree(log.toString(UTF_8));
    assertThat(line.get("type").asText()).isEqualTo("tunnel");
    assertThat(line.get("closedBy").asText()).isEqualTo("client");
    assertThat(line.get("clientCloseCode").asInt()).isEqualTo(1000);
    assertThat(line.get("bytesFromClient").asInt()).isEqualTo(8);
    assertThat(line.get("route").asText()).isEqualTo("WebSocketRoute demo/chat");
    assertThat(line.get("endpoint").asText()).startsWith("127.0.0.1:");
    assertThat(line.get("requestId").asText()).isEqualTo("request-1");
  }
}
