package dev.longshore.proxy.tunnel;

import static dev.longshore.proxy.testing.RawClient.handshake;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.longshore.contract.Endpoint;
import dev.longshore.contract.EndpointSet;
import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.Settings;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.contract.policy.Draining.OnChange;
import dev.longshore.contract.policy.Ping.Towards;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.drain.Drains;
import dev.longshore.proxy.testing.Carriers;
import dev.longshore.proxy.testing.HandTimer;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawConnection;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Cases 13 to 15, and what ends a tunnel, through a whole proxy: that it is the same for a
 * connection as for a stream, on either side. What is written to a socket in which cases, the other
 * tests here ask.
 */
@ParameterizedClass
@EnumSource(Carriers.class)
@Timeout(60)
class TunnelOverWiresTest {
  private final Carriers carriers;
  private final MockTicker clock = Ticker.newMockTicker();
  private final HandTimer timer = new HandTimer();
  private final BlockingQueue<RawConnection> accepted = new LinkedBlockingQueue<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private RawUpstream upstream;

  @SuppressWarnings("NullAway.Init") // each test begins with open
  private TestProxy proxy;

  @SuppressWarnings("NullAway.Init")
  private RawClient client;

  @SuppressWarnings("NullAway.Init")
  private RawConnection server;

  TunnelOverWiresTest(Carriers carriers) {
    this.carriers = carriers;
  }

  @BeforeEach
  void start() {
    upstream =
        carriers.upstream(
            conversation -> {
              conversation.acceptWebSocket();
              accepted.add(conversation);
              over.await();
            });
  }

  @AfterEach
  void stop() {
    over.countDown();
    client.close();
    proxy.close();
    upstream.close();
  }

  private TestRoutes routes(TestPolicy policy) {
    return carriers.routes(upstream, policy.build());
  }

  private void open(TestPolicy policy) throws InterruptedException {
    proxy = TestProxy.start(routes(policy), clock, timer);
    client = proxy.connect(carriers.wire());
    assertThat(client.send(handshake("/ws")).readHead().status()).isEqualTo(101);
    server = Objects.requireNonNull(accepted.poll(60, TimeUnit.SECONDS));
    // The client may know before it is there to be closed.
    await().until(() -> proxy.metric("longshore_tunnels_open") == 1);
  }

  private static String text(byte[]... parts) {
    return new String(Frames.join(parts), StandardCharsets.ISO_8859_1);
  }

  /** The code of a Close that the upstream gets, which is masked. */
  private int closeOfServer() {
    String frame = server.read(8);
    assertThat(frame).startsWith("\u0088\u0082");
    return (frame.charAt(6) ^ frame.charAt(2)) << 8 | (frame.charAt(7) ^ frame.charAt(3));
  }

  /** In steps that don't look as if the process had slept. */
  private void passUntilSomethingComes() {
    await()
        .until(
            () -> {
              clock.advance(400, TimeUnit.MILLISECONDS);
              return !client.isSilentFor(100);
            });
  }

  /** Both sides have had what they get, and end. */
  private void assertEnded(String closedBy) {
    over.countDown();
    client.close();
    await().until(() -> proxy.accessLog().contains("\"closedBy\":\"" + closedBy + "\""));
    assertThat(proxy.accessLog())
        .contains("\"protocol\":\"" + (carriers.isStream() ? "HTTP/2" : "HTTP/1.1") + "\"");
    await().until(() -> proxy.metric("longshore_tunnels_open") == 0);
  }

  @Test
  void whateverIsFramedPassesByteForByte() throws Exception {
    open(new TestPolicy());
    Random random = new Random(8441);
    byte[] up =
        Frames.join(
            Frames.frame(false, Frames.TEXT, true, new byte[0]),
            Frames.frame(true, Frames.PING, true, new byte[125]),
            Frames.frame(false, Frames.CONTINUATION, true, new byte[126]),
            Frames.frame(true, Frames.CONTINUATION, true, new byte[65_536]),
            Frames.randomStream(random, 50, true));
    byte[] down = Frames.randomStream(random, 50, false);
    Thread.startVirtualThread(
        () -> {
          for (int i = 0; i < 300; i++) {
            client.send(new byte[] {up[i]});
          }
          client.send(Arrays.copyOfRange(up, 300, up.length));
        });
    Thread.startVirtualThread(() -> server.send(down));
    assertThat(server.read(up.length)).isEqualTo(text(up));
    assertThat(client.read(down.length)).isEqualTo(text(down));
  }

  @Test
  void aLengthWithItsTopBitSetIsAnErrorOfTheProtocol() throws Exception {
    open(new TestPolicy());
    client.send("\u0082\u00ff\u0080\0\0\0\0\0\0\1\0\0\0\0");
    assertThat(client.read(4)).isEqualTo(text(Frames.close(false, 1002)));
    client.send(Frames.close(true, 1002));
    assertThat(closeOfServer()).isEqualTo(1001);
    assertEnded("protocol");
  }

  @Test
  void aMessageThatIsTooLongIsToldToItsSender() throws Exception {
    open(new TestPolicy().messageBytes(1000));
    byte[] first = Frames.frame(false, Frames.TEXT, true, new byte[600]);
    client.send(text(first, Frames.frame(true, Frames.CONTINUATION, true, new byte[401])));
    assertThat(server.read(first.length)).isEqualTo(text(first));
    assertThat(client.read(4)).isEqualTo(text(Frames.close(false, 1009)));
    client.send(Frames.close(true, 1009));
    assertThat(closeOfServer()).isEqualTo(1001);
    assertEnded("size");
  }

  @Test
  void moreMessagesThanThereMayBeEndIt() throws Exception {
    open(new TestPolicy().messages(1, 3));
    for (int i = 0; i < 5; i++) {
      client.send(Frames.text(true, "hi"));
    }
    assertThat(client.read(4)).isEqualTo(text(Frames.close(false, 1008)));
    client.send(Frames.close(true, 1008));
    assertEnded("rate");
  }

  @Test
  void anIdleOneIsClosed() throws Exception {
    open(new TestPolicy().idle(Duration.ofSeconds(2)));
    passUntilSomethingComes();
    assertThat(client.read(4)).isEqualTo(text(Frames.close(false, 1001)));
    client.send(Frames.close(true, 1001));
    assertThat(closeOfServer()).isEqualTo(1001);
    assertEnded("idle");
  }

  @Test
  void itsLifetimeIsBounded() throws Exception {
    open(new TestPolicy().maxLifetime(Duration.ofSeconds(2)).closing(Duration.ofSeconds(5), 1012));
    passUntilSomethingComes();
    assertThat(client.read(4)).isEqualTo(text(Frames.close(false, 1012)));
    client.send(Frames.close(true, 1012));
    assertThat(closeOfServer()).isEqualTo(1001);
    assertEnded("lifetime");
  }

  @Test
  void aPingThatNobodyAnswersEndsIt() throws Exception {
    open(new TestPolicy().ping(Duration.ofSeconds(2), Duration.ofSeconds(1), Towards.CLIENT));
    passUntilSomethingComes();
    String ping = client.read(2);
    assertThat(ping.charAt(0)).isEqualTo('\u0089');
    client.read(ping.charAt(1));
    passUntilSomethingComes();
    assertThat(client.read(4)).isEqualTo(text(Frames.close(false, 1001)));
    client.send(Frames.close(true, 1001));
    assertEnded("ping");
  }

  @Test
  void aClientThatBreaksOffIsAwayForTheUpstream() throws Exception {
    open(new TestPolicy());
    byte[] message = Frames.text(true, "hi");
    client.send(message);
    assertThat(server.read(message.length)).isEqualTo(text(message));
    client.reset();
    assertThat(closeOfServer()).isEqualTo(1001);
    assertEnded("client-reset");
  }

  @Test
  void anUpstreamThatBreaksOffIsAnErrorForTheClient() throws Exception {
    open(new TestPolicy());
    server.reset();
    assertThat(client.read(4)).isEqualTo(text(Frames.close(false, 1011)));
    client.send(Frames.close(true, 1011));
    assertEnded("upstream-reset");
  }

  @Test
  void theEndOfADirectionIsPassed() throws Exception {
    open(new TestPolicy());
    assumeFalse(carriers.isTls(), "which ends both of them at once");
    client.send(Frames.close(true, 1000));
    client.shutdownOutput();
    assertThat(server.readToEnd()).isEqualTo(text(Frames.close(true, 1000)));
    server.send(Frames.close(false, 1000)).shutdownOutput();
    assertThat(client.readToEnd()).isEqualTo(text(Frames.close(false, 1000)));
    assertEnded("client");
  }

  @Test
  void itIsShownWhileItIsOpen() throws Exception {
    open(new TestPolicy());
    await()
        .untilAsserted(
            () ->
                assertThat(proxy.page("/connections"))
                    .contains(
                        "\"protocol\":\"" + (carriers.isStream() ? "HTTP/2" : "HTTP/1.1") + "\"")
                    .contains("\"path\":\"/ws\""));
    client.send(text(Frames.text(true, "hi"), Frames.close(true, 1000)));
    server.read(8 + 8);
    server.send(Frames.close(false, 1000));
    client.read(4);
    assertEnded("client");
  }

  /** The client is told with a code, the upstream with 1001, and it is counted. */
  private void assertClosed(int code, String reason) {
    assertThat(client.read(4)).isEqualTo(text(Frames.close(false, code)));
    client.send(Frames.close(true, code));
    assertThat(closeOfServer()).isEqualTo(1001);
    assertEnded(reason);
    assertThat(proxy.metric("longshore_tunnels_ended_total{reason=\"" + reason + "\"}"))
        .isEqualTo(1);
  }

  private static TestPolicy onChange() {
    return new TestPolicy()
        .closing(Duration.ofSeconds(5), 1012)
        .draining(Duration.ZERO, OnChange.CLOSE, OnChange.CLOSE);
  }

  @Test
  void aRemovedRuleClosesIt() throws Exception {
    open(onChange());
    proxy.apply(new TestRoutes());
    timer.pass(Drains.GRACE.plusSeconds(1));
    passUntilSomethingComes();
    assertClosed(1012, "removed");
  }

  @Test
  void aTightenedPolicyClosesIt() throws Exception {
    open(onChange());
    proxy.apply(routes(onChange().deny("127.0.0.0/8")));
    passUntilSomethingComes();
    assertClosed(1008, "policy");
  }

  @Test
  void anEndpointThatDrainsSendsItAway() throws Exception {
    open(onChange());
    RoutingSnapshot before = routes(onChange()).build();
    EndpointSetKey key = new EndpointSetKey("test", "route/pool-0", "static");
    Endpoint here = Objects.requireNonNull(before.endpointSets().get(key)).endpoints().getFirst();
    List<Endpoint> next =
        List.of(
            new Endpoint(here.address(), here.port(), Endpoint.State.DRAINING),
            new Endpoint(here.address(), here.port() == 1 ? 2 : 1, Endpoint.State.READY));
    RoutingSnapshot draining = SnapshotBuilder.from(before).put(new EndpointSet(key, next)).build();
    assertThat(proxy.dataPlane().apply(draining)).isEmpty();
    passUntilSomethingComes();
    assertClosed(1012, "drain");
  }

  @Test
  void aShutdownClosesIt() throws Exception {
    open(new TestPolicy());
    Settings fast =
        new TestSettings()
            .processDrain(Duration.ZERO, Duration.ZERO, Duration.ofSeconds(30))
            .build();
    proxy.apply(routes(new TestPolicy()).settings(fast));
    CompletableFuture<Void> ended = proxy.dataPlane().shutdown();
    passUntilSomethingComes();
    assertThat(client.read(4)).isEqualTo(text(Frames.close(false, 1001)));
    client.send(Frames.close(true, 1001));
    assertThat(closeOfServer()).isEqualTo(1001);
    over.countDown();
    client.close();
    ended.get(60, TimeUnit.SECONDS);
    await().until(() -> proxy.accessLog().contains("\"closedBy\":\"shutdown\""));
  }

  @Test
  void anUpstreamThatDoesNotAnswerAPingIsGone() throws Exception {
    open(new TestPolicy().ping(Duration.ofSeconds(2), Duration.ofSeconds(1), Towards.UPSTREAM));
    passUntilSomethingComes();
    assertThat(client.read(4)).isEqualTo(text(Frames.close(false, 1001)));
    client.send(Frames.close(true, 1001));
    String ping = server.read(2);
    assertThat(ping.charAt(0)).isEqualTo('\u0089');
    server.read(4 + (ping.charAt(1) & 0x7f));
    assertThat(closeOfServer()).isEqualTo(1001);
    assertEnded("ping");
  }

  @Test
  void aMessageOfTheUpstreamThatIsTooLongIsToldToIt() throws Exception {
    open(new TestPolicy().messageBytes(1000));
    server.send(Frames.frame(true, Frames.BINARY, false, new byte[1001]));
    assertThat(client.read(4)).isEqualTo(text(Frames.close(false, 1001)));
    client.send(Frames.close(true, 1001));
    assertThat(closeOfServer()).isEqualTo(1009);
    assertEnded("size");
  }

  @Test
  void whoTakesNothingIsCutAndTheOtherIsTold() throws Exception {
    open(new TestPolicy().writeStall(Duration.ofSeconds(2)));
    byte[] frame = Frames.frame(true, Frames.BINARY, false, new byte[60_000]);
    Thread.startVirtualThread(
        () -> {
          try {
            while (true) {
              server.send(frame);
            }
          } catch (UncheckedIOException e) {
            // It is over.
          }
        });
    await()
        .until(
            () -> {
              clock.advance(400, TimeUnit.MILLISECONDS);
              return proxy.accessLog().contains("\"closedBy\":\"stall\"");
            });
    await().until(() -> proxy.metric("longshore_tunnels_open") == 0);
  }

  /** Nothing but a connection that is lost: TCP ends, and says nothing of streams. */
  @Test
  void aClientWhoseConnectionIsLostInAFrameIsAwayForTheUpstream() throws Exception {
    open(new TestPolicy());
    byte[] message = Frames.text(true, "hi");
    client.send(message);
    assertThat(server.read(message.length)).isEqualTo(text(message));
    client.send(Arrays.copyOf(Frames.frame(true, Frames.BINARY, true, new byte[500]), 100));
    assertThat(server.read(100)).hasSize(100);
    client.reset();
    // In the middle of a frame there is no room for a Close.
    assertThat(server.readToEnd()).isEmpty();
    assertEnded("client-reset");
  }
}
