package dev.longshore.proxy.tunnel;

import static dev.longshore.proxy.testing.RawClient.handshake;
import static dev.longshore.proxy.testing.RawClient.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.Settings;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.Carriers;
import dev.longshore.proxy.testing.Flood;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.RawUpstream.Script;
import dev.longshore.proxy.testing.TestCertificates;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import dev.longshore.proxy.testing.TlsClient;
import dev.longshore.proxy.testing.Wire;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * How tunnels live and end whose client, whose upstream, or both are TLS connections or streams.
 */
@Tag("tls")
@Execution(ExecutionMode.SAME_THREAD) // floods, which take a core each
class TlsTunnelTest {
  private static final int CLOSE = 0x88;

  @ParameterizedTest
  @EnumSource
  void muchGoesBothWaysThroughSlowReaders(Carriers carriers) throws Exception {
    String message = message("x".repeat(60_000));
    String last = "\u0081\u0080\0\0\0\0";
    try (RawUpstream upstream = carriers.upstream(RawUpstream.ECHO);
        TestProxy proxy = TestProxy.start(carriers.routes(upstream));
        RawClient client = proxy.connect(carriers.wire())) {
      client.send(handshake("/")).readHead();
      Flood flood = Flood.start(client, message, last);
      flood.awaitStandstill();
      flood.stop();
      int read = Flood.receive(client, message, last);
      assertThat(read).isEqualTo(flood.sent());
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatCameBeforeTheClientsEndReachesTheUpstream(Carriers carriers) throws Exception {
    String message = message("the last words");
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    try (RawUpstream upstream =
            carriers.upstream(
                conversation -> {
                  conversation.acceptWebSocket();
                  heard.add(conversation.readToEnd());
                });
        TestProxy proxy = TestProxy.start(carriers.routes(upstream));
        RawClient client = proxy.connect(carriers.wire())) {
      client.send(handshake("/")).readHead();
      client.send(message);
      client.shutdownOutput();
      assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo(message);
      assertThat(client.readToEnd()).isEmpty();
      await().until(() -> proxy.accessLog().contains("\"closedBy\":\"client\""));
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatCameBeforeTheUpstreamsEndReachesTheClient(Carriers carriers) {
    try (RawUpstream upstream =
            carriers.upstream(
                conversation -> {
                  conversation.acceptWebSocket();
                  conversation.send("\u0082\u0003end");
                  conversation.shutdownOutput();
                  conversation.readToEnd();
                });
        TestProxy proxy = TestProxy.start(carriers.routes(upstream));
        RawClient client = proxy.connect(carriers.wire())) {
      client.send(handshake("/")).readHead();
      assertThat(client.readToEnd()).isEqualTo("\u0082\u0003end");
      client.close();
      await().until(() -> proxy.accessLog().contains("\"closedBy\":\"upstream\""));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aShutdownSaysCloseAndThenCloseNotify(Carriers carriers) throws Exception {
    Settings fast =
        new TestSettings()
            .processDrain(Duration.ZERO, Duration.ZERO, Duration.ofSeconds(5))
            .build();
    try (RawUpstream upstream = carriers.upstream(RawUpstream.ECHO);
        TestProxy proxy = TestProxy.start(carriers.routes(upstream).settings(fast));
        RawClient client = proxy.connect(carriers.wire())) {
      client.send(handshake("/")).readHead();
      String message = message("hello");
      client.send(message);
      assertThat(client.read(message.length())).isEqualTo(message);
      var ended = proxy.dataPlane().shutdown();
      assertThat(client.read(4)).isEqualTo("\u0088\u0002\u0003\u00e9");
      client.send("" + (char) CLOSE + "\u0082\0\0\0\0\u0003\u00e9");
      assertThat(client.readToEnd()).isEmpty();
      client.close();
      ended.get(20, TimeUnit.SECONDS);
      await().until(() -> proxy.accessLog().contains("\"closedBy\":\"shutdown\""));
    }
  }

  @Test
  void aRecordThatCantBeDecryptedIsAReset() throws Exception {
    byte[] record = new byte[5 + 20];
    record[0] = 23;
    record[1] = 3;
    record[2] = 3;
    record[4] = 20;
    try (RawUpstream upstream = RawUpstream.start(RawUpstream.ECHO);
        TestProxy proxy = TestProxy.start(Carriers.CLIENT_TLS.routes(upstream));
        RawClient client = proxy.connect(Wire.TLS)) {
      client.send(handshake("/")).readHead();
      client.sendBeneath(record);
      // BoringSSL sends its alert, and says that it failed when it is next asked.
      await()
          .until(
              () -> {
                client.sendBeneath(record);
                return proxy.accessLog();
              },
              log -> log.contains("\"closedBy\":\"client-reset\""));
    }
  }

  @Test
  void certificatesAreSwappedUnderTunnelsThatGoOn() throws Exception {
    List<X509Bundle> bundles =
        List.of(
            TestCertificates.issue("chat.example.com"),
            TestCertificates.issue(CertificateBuilder::rsa2048, "chat.example.com"),
            TestCertificates.issue("chat.example.com"));
    int tunnels = 12;
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong echoed = new AtomicLong();
    List<Thread> threads = new ArrayList<>();
    List<Throwable> failures = new CopyOnWriteArrayList<>();
    try (RawUpstream upstream = RawUpstream.start(RawUpstream.ECHO);
        TestProxy proxy = TestProxy.start(Carriers.CLIENT_TLS.routes(upstream))) {
      for (int i = 0; i < tunnels; i++) {
        RawClient client = proxy.connect(Wire.TLS);
        client.send(handshake("/")).readHead();
        threads.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      try (client) {
                        while (!over.get()) {
                          String message = message("m".repeat(2_000));
                          client.send(message);
                          assertThat(client.read(message.length())).isEqualTo(message);
                          echoed.incrementAndGet();
                        }
                      } catch (Throwable e) {
                        failures.add(e);
                      }
                    }));
      }
      for (int swap = 0; swap < 30; swap++) {
        X509Bundle next = bundles.get(swap % bundles.size());
        long before = echoed.get();
        proxy.apply(
            Carriers.CLIENT_TLS
                .routes(upstream)
                .certificate(
                    TestCertificates.certificate(TestCertificates.KEY, next, "chat.example.com")));
        try (RawClient fresh = TlsClient.to(proxy).name("chat.example.com").connect()) {
          assertThat(Objects.requireNonNull(TlsClient.shown(fresh)).getSerialNumber())
              .isEqualTo(next.getCertificate().getSerialNumber());
        }
        await().until(() -> echoed.get() > before + tunnels || !failures.isEmpty());
      }
      over.set(true);
      for (Thread thread : threads) {
        assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
      }
      assertThat(failures).isEmpty();
    }
  }

  @Test
  void aStalledClientIsNotTakenForALiveOneBecauseRecordsAreLarger() {
    Policy stalling =
        new TestPolicy()
            .writeStall(Duration.ofSeconds(1))
            .closing(Duration.ofMillis(200), 1012)
            .build();
    Script trickle =
        conversation -> {
          conversation.acceptWebSocket();
          String large = "\u0082\u007e\u00ea\u0060" + "x".repeat(60_000);
          for (int i = 0; i < 2_000; i++) {
            conversation.send(large);
          }
        };
    try (RawUpstream upstream = RawUpstream.start(trickle);
        TestProxy proxy =
            TestProxy.start(new TestRoutes().all().policy(stalling).to(upstream.address()));
        RawClient client = proxy.connect(Wire.TLS)) {
      client.send(handshake("/")).readHead();
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> proxy.accessLog().contains("\"closedBy\":\"stall\""));
    }
  }
}
