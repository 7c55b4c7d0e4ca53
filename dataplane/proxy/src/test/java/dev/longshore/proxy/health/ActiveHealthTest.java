package dev.longshore.proxy.health;

import static dev.longshore.proxy.health.Checks.active;
import static dev.longshore.proxy.health.Checks.state;
import static dev.longshore.proxy.health.Checks.status;
import static dev.longshore.proxy.testing.RawClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.UpstreamPool.HealthCheck;
import dev.longshore.contract.UpstreamPool.Probe;
import dev.longshore.contract.UpstreamTls;
import dev.longshore.proxy.DataPlaneOptions.Transport;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.RawUpstream.Conversation;
import dev.longshore.proxy.testing.RawUpstream.Script;
import dev.longshore.proxy.testing.TestCertificates;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Endpoints that are probed. */
class ActiveHealthTest {
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final Duration LONG = Duration.ofHours(1);

  private final AtomicBoolean well = new AtomicBoolean(true);

  /** What a probe sent after its handshake was accepted: hex, to the end. */
  private final BlockingQueue<String> goodbyes = new LinkedBlockingQueue<>();

  /** Answers requests, and probes only while it is well. */
  private final Script endpoint =
      conversation -> {
        while (true) {
          HttpHead head = conversation.readRequest();
          if (head.target().equals("/")) {
            conversation.answer("ok");
          } else if (!well.get()) {
            conversation.send("HTTP/1.1 500 Ill\r\nContent-Length: 0\r\n\r\n");
          } else if (head.has("upgrade")) {
            accept(conversation, head);
            String goodbye = conversation.readToEnd();
            if (!goodbye.isEmpty()) { // else the probe was too late, and gave up
              goodbyes.add(hex(goodbye));
            }
            return;
          } else {
            conversation.answer("fine");
          }
        }
      };

  private static void accept(Conversation conversation, HttpHead head) throws Exception {
    MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
    byte[] answer =
        sha1.digest((head.first("sec-websocket-key") + GUID).getBytes(StandardCharsets.US_ASCII));
    conversation.send(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: "
            + Base64.getEncoder().encodeToString(answer)
            + "\r\n\r\n"
            // What a server may say at once.
            + "\u0081\u0005hello");
  }

  private static String hex(String bytes) {
    StringBuilder hex = new StringBuilder();
    for (char each : bytes.toCharArray()) {
      hex.append(String.format("%02x", (int) each));
    }
    return hex.toString();
  }

  private static TestRoutes routes(
      RawUpstream upstream, HealthCheck health, @Nullable UpstreamTls tls) {
    TestRoutes.Rule rule = new TestRoutes().all().health(health);
    return (tls == null ? rule : rule.tls(tls)).to(upstream.address());
  }

  private static void awaitState(TestProxy proxy, RawUpstream upstream, String state) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(state(proxy, upstream.address())).isEqualTo(state));
  }

  /** In the end: on a slow machine a probe may be too late, and the next one repairs that. */
  private static void awaitStatus(TestProxy proxy, int status) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(status(proxy, get("/"))).isEqualTo(status));
  }

  private static double probes(TestProxy proxy, String outcome) {
    return proxy.metric("longshore_health_probes_total{outcome=\"" + outcome + "\"}");
  }

  private static UpstreamTls trusting(@Nullable String name) {
    return new UpstreamTls(name, TestCertificates.authority().getCertificatePEM(), null);
  }

  private static RawUpstream secured(X509Bundle shown, Script script) {
    return RawUpstream.secured(TestCertificates.serving(shown), false, script);
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP", "WEB_SOCKET"})
  void whoseProbesFailGetsNothingUntilTheySucceed(Probe type) {
    try (RawUpstream upstream = RawUpstream.start(endpoint);
        TestProxy proxy =
            TestProxy.start(routes(upstream, active(type), null), Transport.AUTO, 2)) {
      awaitStatus(proxy, 200);
      for (int round = 0; round < 2; round++) {
        well.set(false);
        awaitState(proxy, upstream, "unhealthy");
        awaitStatus(proxy, 503);
        await().until(() -> proxy.page("/endpoints").contains("probe: answered 500"));
        assertThat(proxy.metric("longshore_endpoints_unhealthy{reason=\"probes\"}")).isEqualTo(1);
        well.set(true);
        awaitState(proxy, upstream, "ready");
        awaitStatus(proxy, 200);
      }
      assertThat(probes(proxy, "good")).isPositive();
      assertThat(probes(proxy, "bad")).isGreaterThanOrEqualTo(2);
    }
  }

  @Test
  void tcpAsksForAConnection() {
    RawUpstream upstream = RawUpstream.start(Conversation::readToEnd);
    try (TestProxy proxy = TestProxy.start(routes(upstream, active(Probe.TCP), null))) {
      await().until(() -> probes(proxy, "good") >= 2);
      awaitState(proxy, upstream, "ready");
      upstream.close();
      awaitState(proxy, upstream, "unhealthy");
      await().until(() -> proxy.page("/endpoints").contains("probe: connection refused"));
    } finally {
      upstream.close();
    }
  }

  @Test
  void anHttpProbeLooksLikeAKubelets() throws Exception {
    try (RawUpstream upstream = RawUpstream.start(endpoint);
        TestProxy proxy = TestProxy.start(routes(upstream, active(Probe.HTTP), null))) {
      HttpHead head = upstream.request();
      assertThat(head.start()).isEqualTo("GET /healthz?x=1 HTTP/1.1");
      assertThat(head.all("host")).containsExactly("127.0.0.1:" + upstream.address().getPort());
      assertThat(head.first("user-agent")).startsWith("longshore-health/");
      assertThat(head.all("connection")).containsExactly("close");
      awaitState(proxy, upstream, "ready");
      await().until(() -> upstream.accepted() > 3 && upstream.open() <= 1);
    }
  }

  @Test
  void aWebSocketProbeSaysGoodbye() throws Exception {
    try (RawUpstream upstream = RawUpstream.start(endpoint);
        TestProxy proxy = TestProxy.start(routes(upstream, active(Probe.WEB_SOCKET), null))) {
      String goodbye = goodbyes.poll(60, TimeUnit.SECONDS);
      assertThat(goodbye).as("a masked Close of two bytes").startsWith("8882").hasSize(16);
      int mask = Integer.parseUnsignedInt(goodbye.substring(4, 12), 16) >>> 16;
      assertThat(Integer.parseInt(goodbye.substring(12), 16) ^ mask).isEqualTo(1000);
      assertThat(upstream.request().first("sec-websocket-version")).isEqualTo("13");
      awaitState(proxy, upstream, "ready");
    }
  }

  @Test
  void aHandshakeThatIsNotVerifiedIsBad() {
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send(
                      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection:"
                          + " Upgrade\r\nSec-WebSocket-Accept: "
                          + RawClient.accept("the answer to another key")
                          + "\r\n\r\n");
                  conversation.readToEnd();
                });
        TestProxy proxy = TestProxy.start(routes(upstream, active(Probe.WEB_SOCKET), null))) {
      awaitState(proxy, upstream, "unhealthy");
    }
  }

  @Tag("tls")
  @ParameterizedTest
  @CsvSource({"HTTP, chat.internal", "HTTP,", "TCP, chat.internal", "WEB_SOCKET, chat.internal"})
  void overTlsWhereThePoolHasIt(Probe type, @Nullable String name) {
    try (RawUpstream upstream = secured(TestCertificates.issue("chat.internal"), endpoint);
        TestProxy proxy =
            TestProxy.start(routes(upstream, active(type), trusting(name)), Transport.AUTO, 1)) {
      await().atMost(Duration.ofSeconds(30)).until(() -> probes(proxy, "good") >= 3);
      assertThat(probes(proxy, "bad")).isZero();
      if (type != Probe.TCP) {
        well.set(false);
        awaitState(proxy, upstream, "unhealthy");
      }
    }
  }

  @Tag("tls")
  @ParameterizedTest
  @CsvSource({"false, chat.internal", "true, other.internal", "false,"})
  void aCertificateThatIsNotTrustedIsBad(boolean known, @Nullable String name) throws Exception {
    UpstreamTls tls =
        known
            ? trusting(name)
            : new UpstreamTls(name, TestCertificates.newAuthority().getCertificatePEM(), null);
    try (RawUpstream upstream = secured(TestCertificates.issue("chat.internal"), endpoint);
        TestProxy proxy = TestProxy.start(routes(upstream, active(Probe.TCP), tls))) {
      awaitState(proxy, upstream, "unhealthy");
      // A first probe may have been too late.
      await().until(() -> proxy.page("/endpoints").contains("probe: TLS failed"));
      assertThat(probes(proxy, "good")).isZero();
    }
  }

  @Test
  void whoIsSilentIsTooLate() {
    try (RawUpstream upstream = RawUpstream.start(Conversation::readToEnd);
        TestProxy proxy = TestProxy.start(routes(upstream, active(Probe.HTTP), null))) {
      awaitState(proxy, upstream, "unhealthy");
      assertThat(probes(proxy, "timed_out")).isPositive();
      assertThat(proxy.page("/endpoints")).contains("probe: no answer in time");
    }
  }

  @Test
  void whoDoesNotStopSendingIsCutOff() {
    AtomicInteger cut = new AtomicInteger();
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  conversation.send("HTTP/1.1 200 OK\r\n\r\n");
                  try {
                    while (true) {
                      conversation.send(new byte[10_000]);
                    }
                  } finally {
                    cut.incrementAndGet();
                  }
                });
        TestProxy proxy = TestProxy.start(routes(upstream, active(Probe.HTTP), null))) {
      await().until(() -> cut.get() >= 2);
      awaitState(proxy, upstream, "ready");
    }
  }

  /** By a clock that moves only when nobody is being asked: no probe is too late. */
  @Test
  void whoFlapsBelowTheThresholdStays() {
    MockTicker clock = Ticker.newMockTicker();
    AtomicInteger asked = new AtomicInteger();
    try (RawUpstream upstream =
            RawUpstream.start(
                conversation -> {
                  conversation.readRequest();
                  boolean bad = asked.getAndIncrement() % 3 != 0;
                  conversation.send(
                      "HTTP/1.1 " + (bad ? 500 : 200) + " X\r\nContent-Length: 0\r\n\r\n");
                });
        TestProxy proxy =
            TestProxy.start(
                routes(upstream, active(Probe.HTTP, Duration.ofSeconds(1), 3), null), 1, clock)) {
      // Of the only loop, which has begun with the check when it answers this.
      assertThat(status(proxy, "GET / HTTP/1.1\r\n\r\n")).isEqualTo(400);
      for (int probe = 1; probe <= 7; probe++) {
        clock.advance(2, TimeUnit.SECONDS);
        int all = probe;
        await().until(() -> probes(proxy, "good") + probes(proxy, "bad") == all);
        assertThat(state(proxy, upstream.address())).isEqualTo("ready");
      }
      assertThat(probes(proxy, "bad")).isEqualTo(4);
      assertThat(probes(proxy, "timed_out")).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aPoolThatGoesTakesItsProbesWithIt(boolean tls) {
    Script silent = Conversation::readToEnd;
    HealthCheck slow = active(Probe.HTTP, Duration.ofSeconds(5), 1);
    UpstreamTls trusted = tls ? trusting("chat.internal") : null;
    try (RawUpstream upstream =
            tls
                ? secured(TestCertificates.issue("chat.internal"), silent)
                : RawUpstream.start(silent);
        TestProxy proxy = TestProxy.start(routes(upstream, slow, trusted), Transport.AUTO, 2)) {
      await().until(() -> upstream.open() == 1);
      proxy.apply(new TestRoutes().all().unavailable());
      await().until(() -> upstream.open() == 0);
      double ended = probes(proxy, "timed_out") + probes(proxy, "bad");
      // Comes back, and with it a check.
      proxy.apply(routes(upstream, slow, trusted));
      assertThat(state(proxy, upstream.address())).isEqualTo("ready");
      await().until(() -> upstream.open() == 1);
      assertThat(ended).as("verdicts of probes that were stopped").isZero();
    }
  }

  @Test
  void endpointsThatLeaveAreProbedNoMore() {
    try (RawUpstream one = RawUpstream.start(endpoint);
        RawUpstream two = RawUpstream.start(endpoint);
        TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .all()
                    .health(active(Probe.HTTP))
                    .to(one.address(), two.address()))) {
      await().until(() -> one.accepted() > 0 && two.accepted() > 0);
      proxy.apply(new TestRoutes().all().health(active(Probe.HTTP)).to(two.address()));
      await().until(() -> one.open() == 0);
      int left = one.accepted();
      int stayed = two.accepted();
      await().until(() -> two.accepted() > stayed + 2);
      // One may have waited to be accepted.
      assertThat(one.accepted()).isLessThanOrEqualTo(left + 1);
    }
  }

  @Test
  void aVerdictSurvivesAChangeOfTheCheck() {
    well.set(false);
    try (RawUpstream upstream = RawUpstream.start(endpoint);
        TestProxy proxy = TestProxy.start(routes(upstream, active(Probe.HTTP), null))) {
      awaitState(proxy, upstream, "unhealthy");
      proxy.apply(routes(upstream, active(Probe.HTTP, LONG, 1), null));
      assertThat(state(proxy, upstream.address())).isEqualTo("unhealthy");
      proxy.apply(routes(upstream, Checks.passive(1, LONG), null));
      assertThat(state(proxy, upstream.address())).isEqualTo("ready");
    }
  }

  @Test
  void firstProbesAreSpreadOverTheInterval() {
    try (RawUpstream upstream = RawUpstream.start(endpoint)) {
      TestRoutes routes = new TestRoutes();
      for (int i = 0; i < 200; i++) {
        routes
            .rule("host-" + i + ".example.com", "/")
            // Each differs, so that none is shared.
            .health(active(Probe.TCP, LONG.plusSeconds(i), 1))
            .to(upstream.address());
      }
      routes.all().to(upstream.address());
      try (TestProxy proxy = TestProxy.start(routes)) {
        assertThat(status(proxy, get("/"))).isEqualTo(200);
        assertThat(upstream.accepted()).isLessThan(10);
      }
    }
  }

  @Test
  void poolsThatAskTheSameShareAProbe() {
    well.set(false);
    try (RawUpstream upstream = RawUpstream.start(endpoint)) {
      TestRoutes routes = new TestRoutes();
      for (int i = 0; i < 50; i++) {
        // What they make of the result may differ.
        HealthCheck check = active(Probe.HTTP, Duration.ofSeconds(1), 1 + i % 2);
        routes.rule("host-" + i + ".example.com", "/").health(check).to(upstream.address());
      }
      try (TestProxy proxy = TestProxy.start(routes)) {
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> proxy.metric("longshore_endpoints_unhealthy{reason=\"probes\"}") == 50);
        assertThat(probes(proxy, "bad")).isLessThan(50);
        // Those that stay keep it, and who comes has it at once.
        well.set(true);
        proxy.apply(
            new TestRoutes()
                .rule("host-7.example.com", "/")
                .health(active(Probe.HTTP))
                .to(upstream.address()));
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> proxy.metric("longshore_endpoints_unhealthy{reason=\"probes\"}") == 0);
      }
      await().until(() -> upstream.open() == 0);
    }
  }

  @Test
  void anIntervalBelowASecondIsASecond() {
    HealthCheck eager = active(Probe.TCP, Duration.ofMillis(100), 1);
    try (RawUpstream upstream = RawUpstream.start(Conversation::readToEnd);
        TestProxy proxy = TestProxy.start(routes(upstream, eager, null))) {
      await().until(() -> probes(proxy, "good") >= 1);
      long start = System.nanoTime();
      double before = probes(proxy, "good");
      await().atMost(Duration.ofSeconds(30)).until(() -> probes(proxy, "good") >= before + 3);
      // Of three intervals the first may have begun before; each may be a tenth shorter.
      assertThat(System.nanoTime() - start).isGreaterThan(Duration.ofMillis(1700).toNanos());
    }
  }

  @Test
  void oneNamespacesExcessDelaysNobodyElse() {
    try (RawUpstream silent = RawUpstream.start(Conversation::readToEnd);
        RawUpstream upstream = RawUpstream.start(endpoint)) {
      TestRoutes routes = new TestRoutes();
      // All different, and each open for as long as it may be.
      for (int i = 0; i < 1000; i++) {
        routes
            .namespace("greedy")
            .rule("host-" + i + ".example.com", "/")
            .health(active(Probe.HTTP, Duration.ofMillis(1000 + i), 1))
            .to(silent.address());
      }
      routes.namespace("modest").all().health(active(Probe.HTTP)).to(upstream.address());
      try (TestProxy proxy = TestProxy.start(routes)) {
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> proxy.metric("longshore_health_probes_delayed_total") > 0);
        double good = probes(proxy, "good");
        await().atMost(Duration.ofSeconds(30)).until(() -> probes(proxy, "good") >= good + 5);
        assertThat(silent.open()).isLessThanOrEqualTo(HardLimits.PROBES_OPEN_OF_NAMESPACE);
        assertThat(probes(proxy, "bad")).as("of those that answer").isZero();
      }
    }
  }

  @Test
  void tooFewHealthyOnesAreAPanic() {
    well.set(false);
    HealthCheck check = active(Probe.HTTP);
    try (RawUpstream upstream = RawUpstream.start(endpoint);
        TestProxy proxy =
            TestProxy.start(routes(upstream, new HealthCheck(null, check.active(), 50), null))) {
      awaitState(proxy, upstream, "unhealthy");
      assertThat(status(proxy, get("/"))).isEqualTo(200);
      assertThat(proxy.metric("longshore_pools_in_panic")).isEqualTo(1);
      assertThat(proxy.page("/endpoints")).contains("\"panic\":true");
    }
  }
}
