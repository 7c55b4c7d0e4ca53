package dev.longshore.proxy.tunnel;

import static dev.longshore.proxy.testing.RawClient.handshake;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.longshore.contract.policy.Ping.Towards;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawConnection;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
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
 * connection as for a stream. What is written to a socket in which cases, the other tests here ask.
 */
@ParameterizedClass
@EnumSource(Wire.class)
@Timeout(60)
class TunnelOverWiresTest {
  private final Wire wire;
  private final MockTicker clock = Ticker.newMockTicker();
  private final BlockingQueue<RawConnection> accepted = new LinkedBlockingQueue<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private RawUpstream upstream;

  @SuppressWarnings("NullAway.Init") // each test begins with open
  private TestProxy proxy;

  @SuppressWarnings("NullAway.Init")
  private RawClient client;

  @SuppressWarnings("NullAway.Init")
  private RawConnection server;

  TunnelOverWiresTest(Wire wire) {
    this.wire = wire;
  }

  @BeforeEach
  void start() {
    upstream =
        RawUpstream.start(
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
    return new TestRoutes().all().policy(policy.build()).to(upstream.address());
  }

  private void open(TestPolicy policy) throws InterruptedException {
    proxy = TestProxy.start(routes(policy), 1, clock);
    client = proxy.connect(wire);
    assertThat(client.send(handshake("/ws")).readHead().status()).isEqualTo(101);
    server = Objects.requireNonNull(accepted.poll(60, TimeUnit.SECONDS));
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
        .contains("\"protocol\":\"" + (wire.isHttp1() ? "HTTP/1.1" : "HTTP/2") + "\"");
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
    assumeTrue(wire != Wire.TLS, "which ends both of them at once");
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
                    .contains("\"protocol\":\"" + (wire.isHttp1() ? "HTTP/1.1" : "HTTP/2") + "\"")
                    .contains("\"path\":\"/ws\""));
    client.send(text(Frames.text(true, "hi"), Frames.close(true, 1000)));
    server.read(8 + 8);
    server.send(Frames.close(false, 1000));
    client.read(4);
    assertEnded("client");
  }
}
