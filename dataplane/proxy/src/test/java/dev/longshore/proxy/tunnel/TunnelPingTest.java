package dev.longshore.proxy.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.policy.Ping.Towards;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.tunnel.TunnelFixture.Ends;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pings of the proxy's own, over real connections. */
@Timeout(60)
class TunnelPingTest {
  private static final Duration SOON = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofSeconds(20);

  /** Between Pings where the clock is the test's, and after how long one is surely due. */
  private static final Duration INTERVAL = Duration.ofSeconds(30);

  private static final Duration DUE = Duration.ofMillis(33_200);

  private final MockTicker clock = Ticker.newMockTicker();
  private TunnelFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture = new TunnelFixture();
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  private static TestPolicy bounded(Duration idle, Duration stall) {
    return new TestPolicy().idle(idle).writeStall(stall).closing(Duration.ofSeconds(5), 1012);
  }

  private static Policy pinging(Towards towards, Duration timeout) {
    return bounded(Duration.ZERO, Duration.ZERO).ping(SOON, timeout, towards).build();
  }

  /** With Pings that come late enough for a test to be first. */
  private static Policy patient(Duration timeout) {
    return bounded(Duration.ZERO, Duration.ZERO)
        .ping(Duration.ofMillis(1500), timeout, Towards.CLIENT)
        .build();
  }

  /** From now on the clock is the test's. */
  private void takeTheClock() throws Exception {
    fixture.close();
    fixture = new TunnelFixture(clock);
  }

  private void pass(Duration time) throws InterruptedException {
    fixture.pass(clock, time);
  }

  private static byte[] read(Socket socket, int length) throws IOException {
    return socket.getInputStream().readNBytes(length);
  }

  private static void write(Socket socket, byte[]... parts) throws IOException {
    socket.getOutputStream().write(Frames.join(parts));
  }

  private static void assertSilent(Socket socket, int millis) throws IOException {
    int before = socket.getSoTimeout();
    socket.setSoTimeout(millis);
    assertThatThrownBy(() -> socket.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
    socket.setSoTimeout(before);
  }

  /** Reads a Ping as a client gets one; returns its nonce. */
  private static byte[] readPing(Socket client) throws IOException {
    byte[] ping = read(client, 10);
    assertThat(Arrays.copyOf(ping, 2)).containsExactly(0x89, 8);
    return Arrays.copyOfRange(ping, 2, 10);
  }

  /** Reads a Ping as an upstream gets one; returns its nonce. */
  private static byte[] readMaskedPing(Socket upstream) throws IOException {
    byte[] ping = read(upstream, 14);
    assertThat(Arrays.copyOf(ping, 2)).containsExactly(0x89, 0x88);
    byte[] nonce = Arrays.copyOfRange(ping, 6, 14);
    for (int i = 0; i < nonce.length; i++) {
      nonce[i] ^= ping[2 + i % 4];
    }
    return nonce;
  }

  private static void readMaskedClose(Socket upstream, int code) throws IOException {
    byte[] frame = read(upstream, 8);
    assertThat(Arrays.copyOf(frame, 2)).containsExactly(0x88, 0x82);
    int high = (frame[6] ^ frame[2]) & 0xff;
    int low = (frame[7] ^ frame[3]) & 0xff;
    assertThat(high << 8 | low).isEqualTo(code);
  }

  private static byte[] pong(boolean masked, byte[] payload) {
    return Frames.frame(true, Frames.PONG, masked, payload);
  }

  @Test
  void aSilentClientIsAskedAndItsAnswersStayWithUs() throws Exception {
    try (Ends ends = fixture.open(pinging(Towards.CLIENT, LONG))) {
      byte[] first = readPing(ends.client());
      write(ends.client(), pong(true, first));
      byte[] second = readPing(ends.client());
      assertThat(second).isNotEqualTo(first);
      byte[] hello = Frames.text(true, "hello");
      // A Pong that answers no question of ours passes, whatever it holds.
      byte[] others = Frames.join(pong(true, first), pong(true, new byte[0]), pong(true, hello));
      write(ends.client(), others, pong(true, second), hello);
      assertThat(read(ends.upstream(), others.length)).isEqualTo(others);
      assertThat(read(ends.upstream(), hello.length)).isEqualTo(hello);
      assertThat(fixture.tunnels.pingsToClients()).isGreaterThanOrEqualTo(2);
      assertThat(fixture.tunnels.pingsToUpstreams()).isZero();
      assertThat(fixture.tunnels.messagesFromClients()).isEqualTo(1);
    }
  }

  @Test
  void anAnswerThatComesByteByByteIsKnownToo() throws Exception {
    try (Ends ends = fixture.open(pinging(Towards.CLIENT, LONG))) {
      ends.client().setTcpNoDelay(true);
      byte[] hello = Frames.text(true, "hello");
      byte[] all = Frames.join(pong(true, readPing(ends.client())), hello);
      for (byte part : all) {
        ends.client().getOutputStream().write(part);
      }
      assertThat(read(ends.upstream(), hello.length)).isEqualTo(hello);
    }
  }

  @Test
  void aClientThatSaysNothingIsGone() throws Exception {
    try (Ends ends = fixture.open(pinging(Towards.CLIENT, SOON))) {
      readPing(ends.client());
      assertThat(read(ends.client(), 4)).isEqualTo(Frames.close(false, 1001));
      write(ends.client(), Frames.close(true, 1001));
      readMaskedClose(ends.upstream(), 1001);
    }
    assertThat(fixture.awaitEnd().cause()).isEqualTo(CloseCause.PING);
    assertThat(fixture.tunnels.pingsToClients()).isEqualTo(1);
  }

  @Test
  void anUpstreamThatSaysNothingIsGone() throws Exception {
    try (Ends ends = fixture.open(pinging(Towards.UPSTREAM, SOON))) {
      readMaskedPing(ends.upstream());
      assertThat(read(ends.client(), 4)).isEqualTo(Frames.close(false, 1001));
      write(ends.client(), Frames.close(true, 1001));
      readMaskedClose(ends.upstream(), 1001);
    }
    assertThat(fixture.awaitEnd().cause()).isEqualTo(CloseCause.PING);
    assertThat(fixture.tunnels.pingsToUpstreams()).isEqualTo(1);
  }

  @Test
  void bothSidesAreAskedEachForItself() throws Exception {
    try (Ends ends = fixture.open(pinging(Towards.BOTH, LONG))) {
      for (int i = 0; i < 3; i++) {
        write(ends.client(), pong(true, readPing(ends.client())));
        write(ends.upstream(), pong(false, readMaskedPing(ends.upstream())));
      }
      byte[] bye = Frames.close(true, 1000);
      write(ends.client(), bye);
      // Of our Pings none is behind a Close, so whatever comes before it is one.
      byte[] next = read(ends.upstream(), 8);
      if (next[0] == (byte) 0x89) {
        read(ends.upstream(), 6);
        next = read(ends.upstream(), 8);
      }
      assertThat(next).isEqualTo(bye);
      assertSilent(ends.upstream(), 600);
    }
  }

  @Test
  void anyByteIsASignOfLife() throws Exception {
    takeTheClock();
    Duration timeout = Duration.ofSeconds(10);
    Policy policy =
        bounded(Duration.ZERO, Duration.ZERO).ping(INTERVAL, timeout, Towards.CLIENT).build();
    try (Ends ends = fixture.open(policy)) {
      byte[] part = Frames.header(true, Frames.BINARY, true, 1000);
      write(ends.client(), part);
      assertThat(read(ends.upstream(), part.length)).hasSize(part.length);
      pass(DUE);
      readPing(ends.client());
      for (int i = 0; i < 15; i++) {
        pass(timeout.minusSeconds(1));
        write(ends.client(), new byte[] {1});
        assertThat(read(ends.upstream(), 1)).containsExactly(1);
      }
      assertThat(fixture.tunnels.open()).isEqualTo(1);
      // Unanswered all the time, so there never was a second one.
      assertThat(fixture.tunnels.pingsToClients()).isEqualTo(1);
    }
  }

  @Test
  void noPingOvertakesARelayedOneWhichAsksTheSame() throws Exception {
    try (Ends ends = fixture.open(patient(Duration.ofMillis(600)))) {
      byte[] theirs = Frames.frame(true, Frames.PING, false, "theirs".getBytes());
      write(ends.upstream(), theirs);
      assertThat(read(ends.client(), theirs.length)).isEqualTo(theirs);
      // Nothing but the Close at the end of the time-out.
      assertThat(read(ends.client(), 4)).isEqualTo(Frames.close(false, 1001));
      assertThat(fixture.tunnels.pingsToClients()).isZero();
    }
    assertThat(fixture.awaitEnd().cause()).isEqualTo(CloseCause.PING);
  }

  @Test
  void aRelayedPingThatIsAnsweredHoldsNoneUp() throws Exception {
    try (Ends ends = fixture.open(patient(LONG))) {
      byte[] theirs = Frames.frame(true, Frames.PING, false, "theirs".getBytes());
      write(ends.upstream(), theirs);
      assertThat(read(ends.client(), theirs.length)).isEqualTo(theirs);
      byte[] answer = pong(true, "theirs".getBytes());
      write(ends.client(), answer);
      assertThat(read(ends.upstream(), answer.length)).isEqualTo(answer);
      readPing(ends.client());
      // Now ours is unanswered, and theirs comes behind it: the latest is enough.
      write(ends.upstream(), theirs);
      assertThat(read(ends.client(), theirs.length)).isEqualTo(theirs);
      write(ends.client(), answer);
      assertThat(read(ends.upstream(), answer.length)).isEqualTo(answer);
      write(ends.client(), pong(true, readPing(ends.client())));
      assertSilent(ends.upstream(), 100);
    }
  }

  @Test
  void ourPingsKeepNoIdleTunnelOpen() throws Exception {
    takeTheClock();
    Policy policy =
        bounded(Duration.ofMinutes(2), Duration.ZERO)
            .ping(INTERVAL, Duration.ofMinutes(1), Towards.CLIENT)
            .build();
    try (Ends ends = fixture.open(policy)) {
      for (int i = 0; i < 3; i++) {
        pass(DUE);
        write(ends.client(), pong(true, readPing(ends.client())));
        int pings = i + 1;
        await().until(() -> fixture.tunnels.pingsToClients() == pings);
      }
      pass(Duration.ofMinutes(2).minus(DUE.multipliedBy(3)).plusMillis(100));
      assertThat(read(ends.client(), 4)).isEqualTo(Frames.close(false, 1001));
      ends.client().close();
      ends.upstream().close();
    }
    assertThat(fixture.awaitEnd().cause()).isEqualTo(CloseCause.IDLE);
  }

  @Test
  void aPingWaitsForTheEndOfAFrameButNotOfAMessage() throws Exception {
    try (Ends ends = fixture.open(patient(LONG))) {
      byte[] frame = Frames.frame(false, Frames.BINARY, false, new byte[1000]);
      byte[] last = Frames.frame(true, Frames.CONTINUATION, false, new byte[7]);
      ends.upstream().getOutputStream().write(frame, 0, 500);
      assertThat(read(ends.client(), 500)).hasSize(500);
      assertSilent(ends.client(), 2500);
      write(ends.upstream(), Arrays.copyOfRange(frame, 500, frame.length), last);
      assertThat(read(ends.client(), frame.length - 500)).hasSize(frame.length - 500);
      readPing(ends.client());
      assertThat(read(ends.client(), last.length)).isEqualTo(last);
    }
  }

  @Test
  void anAnswerThatComesWhileWeCloseStaysWithUsToo() throws Exception {
    takeTheClock();
    Policy policy =
        bounded(DUE, Duration.ZERO).ping(Duration.ofSeconds(20), LONG, Towards.CLIENT).build();
    try (Ends ends = fixture.open(policy)) {
      pass(Duration.ofMillis(22_100));
      byte[] nonce = readPing(ends.client());
      pass(DUE.minusMillis(22_000));
      assertThat(read(ends.client(), 4)).isEqualTo(Frames.close(false, 1001));
      byte[] parting = Frames.text(true, "wait, one more");
      write(ends.client(), parting, pong(true, nonce), parting, Frames.close(true, 1001));
      assertThat(read(ends.upstream(), parting.length)).isEqualTo(parting);
      assertThat(read(ends.upstream(), parting.length)).isEqualTo(parting);
      readMaskedClose(ends.upstream(), 1001);
    }
    assertThat(fixture.awaitEnd().cause()).isEqualTo(CloseCause.IDLE);
  }

  @Test
  void noPingFollowsACloseThatWasPassed() throws Exception {
    try (Ends ends = fixture.open(patient(SOON))) {
      byte[] bye = Frames.close(false, 2500);
      write(ends.upstream(), bye);
      assertThat(read(ends.client(), bye.length)).isEqualTo(bye);
      assertSilent(ends.client(), 1000);
      assertThat(fixture.tunnels.open()).isEqualTo(1);
      byte[] byeToo = Frames.close(true, 1000);
      write(ends.client(), byeToo);
      assertThat(read(ends.upstream(), byeToo.length)).isEqualTo(byeToo);
    }
    assertThat(fixture.awaitEnd().cause()).isEqualTo(CloseCause.UPSTREAM);
  }

  /** Writes until the tunnel ends, or takes no more. */
  private static Thread flood(Socket socket, byte[] frame) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try {
                for (int i = 0; i < 2_000; i++) {
                  socket.getOutputStream().write(frame);
                }
              } catch (IOException e) {
                // The tunnel ends meanwhile.
              }
            });
  }

  @Test
  void whoIsNotReadIsNotTakenForSilent() throws Exception {
    try (Ends ends = fixture.open(pinging(Towards.UPSTREAM, Duration.ofSeconds(2)))) {
      byte[] frame = Frames.frame(true, Frames.BINARY, false, new byte[60_000]);
      Thread flood = flood(ends.upstream(), frame);
      Tunnel tunnel = (Tunnel) fixture.tunnels.page(0, 1, t -> true).tunnels().getFirst();
      // The client reads nothing, so the upstream is not read for longer than it has time.
      await().during(Duration.ofSeconds(4)).until(() -> tunnel.cause() == null);
      assertThat(tunnel.bytesFromUpstream()).isLessThan(20L << 20);
      assertThat(tunnel.cause()).isNull();
      ends.client().close();
      flood.join();
    }
  }

  @Test
  void theAnswersOfOneSideAreNotTakenForWhatTheOtherHasRead() {
    EmbeddedChannel client =
        new EmbeddedChannel() {
          @Override
          protected void doWrite(ChannelOutboundBuffer in) {
            // Its kernel takes nothing.
          }
        };
    EmbeddedChannel upstream = new EmbeddedChannel();
    Policy policy =
        bounded(Duration.ZERO, Duration.ofSeconds(3)).ping(SOON, LONG, Towards.UPSTREAM).build();
    MockTicker ticker = Ticker.newMockTicker();
    TunnelLoop loop =
        new TunnelLoop(
            client.eventLoop(), TunnelObserver.NONE, 0, ByteBufAllocator.DEFAULT, ticker);
    Tunnel tunnel =
        Tunnel.open(
            fixture.context(policy),
            loop,
            new SocketCarrier(client),
            new SocketCarrier(upstream),
            Unpooled.EMPTY_BUFFER,
            Unpooled.EMPTY_BUFFER);
    upstream.writeInbound(Unpooled.copiedBuffer(Frames.text(false, "hello")));
    int answered = 0;
    while (tunnel.cause() == null && answered < 100) {
      ticker.advance(3L * TickClock.TICK_MILLIS, TimeUnit.MILLISECONDS);
      loop.clock().refresh();
      tunnel.inspect(loop.clock().now());
      ByteBuf ping = upstream.readOutbound();
      if (ping != null && tunnel.cause() == null) {
        byte[] nonce = new byte[8];
        int mask = ping.getInt(2);
        for (int i = 0; i < nonce.length; i++) {
          nonce[i] = (byte) (ping.getByte(6 + i) ^ (mask >> (24 - i % 4 * 8)));
        }
        upstream.writeInbound(Unpooled.copiedBuffer(pong(false, nonce)));
        answered++;
      }
      if (ping != null) {
        ping.release();
      }
    }
    assertThat(tunnel.cause()).isEqualTo(CloseCause.STALL);
    assertThat(answered).isGreaterThan(3);
    client.finishAndReleaseAll();
    upstream.finishAndReleaseAll();
  }
}
