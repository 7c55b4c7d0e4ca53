package dev.longshore.proxy.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.policy.Closing;
import dev.longshore.contract.policy.Timeouts;
import dev.longshore.proxy.tunnel.TunnelFixture.Ends;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How the proxy itself ends a tunnel, over real connections, by a clock of the test's. */
@Timeout(60)
class TunnelCloseTest {
  private static final Closing SOON = new Closing(Duration.ofSeconds(1), 1012);
  private static final Closing PATIENT = new Closing(Duration.ofSeconds(20), 1012);
  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final Duration LIFETIME = Duration.ofSeconds(60);

  /** The same and a tenth, and a tick. */
  private static final Duration OVER = Duration.ofMillis(66_100);

  private static final byte[] FRAGMENT = Frames.frame(false, Frames.TEXT, false, new byte[300]);
  private static final byte[] LAST = Frames.frame(true, Frames.CONTINUATION, false, new byte[7]);

  private final MockTicker clock = Ticker.newMockTicker();
  private TunnelFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture = new TunnelFixture(clock);
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  private static Timeouts idle(Duration idle) {
    return timeouts(idle, Duration.ZERO, Duration.ZERO);
  }

  private static Timeouts lifetime(Duration lifetime) {
    return timeouts(Duration.ZERO, lifetime, Duration.ZERO);
  }

  private static Timeouts timeouts(Duration idle, Duration lifetime, Duration stall) {
    return new Timeouts(Duration.ZERO, Duration.ZERO, idle, lifetime, Duration.ZERO, stall);
  }

  private void pass(Duration time) throws InterruptedException {
    fixture.pass(clock, time);
  }

  private Tunnel awaitEnd() {
    await()
        .until(
            () -> {
              pass(Duration.ofSeconds(1));
              return !fixture.ended.isEmpty();
            });
    return fixture.ended.getFirst();
  }

  private Tunnel only() {
    return (Tunnel) fixture.tunnels.page(0, 1, tunnel -> true).tunnels().getFirst();
  }

  private static byte[] read(Socket socket, int length) throws IOException {
    return socket.getInputStream().readNBytes(length);
  }

  private static byte[] rest(Socket socket) throws IOException {
    return socket.getInputStream().readAllBytes();
  }

  private static void write(Socket socket, byte[]... parts) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(Frames.join(parts));
    out.flush();
  }

  /** Sends RST instead of FIN. */
  private static void reset(Socket socket) throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  private static void assertMaskedClose(byte[] frame, int code) {
    assertThat(frame).hasSize(8);
    assertThat(frame[0]).isEqualTo((byte) 0x88);
    assertThat(frame[1]).isEqualTo((byte) 0x82);
    int high = (frame[6] ^ frame[2]) & 0xff;
    int low = (frame[7] ^ frame[3]) & 0xff;
    assertThat(high << 8 | low).isEqualTo(code);
  }

  @Test
  void anIdleTunnelGetsItsCloseAndTheUpstreamIsToldAtTheClientsAnswer() throws Exception {
    try (Ends ends = fixture.open(idle(IDLE), PATIENT)) {
      pass(IDLE.plusMillis(100));
      assertThat(read(ends.client(), 4)).isEqualTo(Frames.close(false, 1001));
      byte[] parting = Frames.text(true, "wait, one more");
      write(ends.client(), parting, Frames.close(true, 1001));
      assertThat(read(ends.upstream(), parting.length)).isEqualTo(parting);
      assertMaskedClose(read(ends.upstream(), 8), 1001);
      assertThat(rest(ends.client())).isEmpty();
      write(ends.upstream(), Frames.close(false, 1001));
      assertThat(rest(ends.upstream())).isEmpty();
    }
    Tunnel tunnel = awaitEnd();
    assertThat(tunnel.cause()).isEqualTo(CloseCause.IDLE);
    assertThat(tunnel.injectedCloseCode()).isEqualTo(1001);
    assertThat(fixture.released).hasValue(1);
  }

  @Test
  void bytesKeepATunnelFromBeingIdle() throws Exception {
    try (Ends ends = fixture.open(idle(IDLE), SOON)) {
      byte[] frame = Frames.text(false, "tick");
      for (int i = 0; i < 5; i++) {
        pass(IDLE.minusSeconds(1));
        write(ends.upstream(), frame);
        assertThat(read(ends.client(), frame.length)).isEqualTo(frame);
      }
      assertThat(fixture.tunnels.open()).isEqualTo(1);
      pass(IDLE.plusMillis(100));
      assertThat(read(ends.client(), 4)).isEqualTo(Frames.close(false, 1001));
    }
  }

  @Test
  void theCloseWaitsForTheEndOfAFragmentedMessageAndNothingFollowsIt() throws Exception {
    try (Ends ends = fixture.open(lifetime(LIFETIME), PATIENT)) {
      write(ends.upstream(), FRAGMENT);
      assertThat(read(ends.client(), FRAGMENT.length)).isEqualTo(FRAGMENT);
      pass(OVER);
      assertThat(only().cause()).isEqualTo(CloseCause.LIFETIME);
      byte[] ping = Frames.frame(true, Frames.PING, false, new byte[5]);
      write(ends.upstream(), ping, LAST, Frames.text(false, "too late"));
      assertThat(read(ends.client(), ping.length)).isEqualTo(ping);
      assertThat(read(ends.client(), LAST.length)).isEqualTo(LAST);
      assertThat(read(ends.client(), 4)).isEqualTo(Frames.close(false, 1012));
      write(ends.upstream(), Frames.text(false, "much too late"));
      write(ends.client(), Frames.close(true, 1012));
      assertThat(rest(ends.client())).isEmpty();
      assertMaskedClose(read(ends.upstream(), 8), 1001);
    }
    assertThat(awaitEnd().cause()).isEqualTo(CloseCause.LIFETIME);
  }

  @Test
  void theCloseWaitsForTheEndOfAFrameThatComesByteByByte() throws Exception {
    try (Ends ends = fixture.open(lifetime(LIFETIME), PATIENT)) {
      byte[] frame = Frames.frame(true, Frames.BINARY, false, new byte[200]);
      ends.upstream().setTcpNoDelay(true);
      OutputStream out = ends.upstream().getOutputStream();
      out.write(frame, 0, 5);
      assertThat(read(ends.client(), 5)).hasSize(5);
      pass(OVER);
      assertThat(only().cause()).isEqualTo(CloseCause.LIFETIME);
      for (int i = 5; i < frame.length; i++) {
        out.write(frame, i, 1);
      }
      assertThat(read(ends.client(), frame.length - 5)).hasSize(frame.length - 5);
      assertThat(read(ends.client(), 4)).isEqualTo(Frames.close(false, 1012));
    }
  }

  @Test
  void atTheDeadlineTheCloseMayGoBetweenFragments() throws Exception {
    try (Ends ends = fixture.open(lifetime(LIFETIME), SOON)) {
      write(ends.upstream(), FRAGMENT);
      assertThat(read(ends.client(), FRAGMENT.length)).isEqualTo(FRAGMENT);
      pass(OVER);
      pass(SOON.deadline().plusMillis(100));
      assertThat(read(ends.client(), 4)).isEqualTo(Frames.close(false, 1012));
      awaitEnd();
      assertMaskedClose(read(ends.upstream(), 8), 1001);
      assertThat(rest(ends.client())).isEmpty();
    }
  }

  @Test
  void atTheDeadlineInsideAFrameTheConnectionEndsWithoutAClose() throws Exception {
    try (Ends ends = fixture.open(lifetime(LIFETIME), SOON)) {
      byte[] part = Frames.header(true, Frames.BINARY, false, 1000);
      write(ends.upstream(), part);
      assertThat(read(ends.client(), part.length)).isEqualTo(part);
      pass(OVER);
      pass(SOON.deadline().plusMillis(100));
      Tunnel tunnel = awaitEnd();
      assertThat(rest(ends.client())).isEmpty();
      assertMaskedClose(read(ends.upstream(), 8), 1001);
      assertThat(tunnel.injectedCloseCode()).isZero();
    }
  }

  @Test
  void aClientThatNeverAnswersIsCutAtTheDeadlineAndTheUpstreamIsTold() throws Exception {
    try (Ends ends = fixture.open(idle(IDLE), SOON)) {
      pass(IDLE.plusMillis(100));
      assertThat(read(ends.client(), 4)).isEqualTo(Frames.close(false, 1001));
      pass(SOON.deadline().minusMillis(100));
      assertThat(only().cause()).isEqualTo(CloseCause.IDLE);
      awaitEnd();
      assertThat(rest(ends.client())).isEmpty();
      assertMaskedClose(read(ends.upstream(), 8), 1001);
      assertThat(rest(ends.upstream())).isEmpty();
    }
  }

  @Test
  void theUpstreamIsNeverSentACloseInsideAFrameOfTheClient() throws Exception {
    try (Ends ends = fixture.open(idle(IDLE), new Closing(Duration.ofSeconds(4), 1012))) {
      byte[] part = Frames.header(true, Frames.BINARY, true, 1000);
      write(ends.client(), part);
      assertThat(read(ends.upstream(), part.length)).isEqualTo(part);
      pass(IDLE.plusMillis(100));
      awaitEnd();
      assertThat(rest(ends.upstream())).isEmpty();
    }
  }

  @Test
  void aClientsOwnCloseThatCrossesOursIsAnswer() throws Exception {
    try (Ends ends = fixture.open(idle(IDLE), PATIENT)) {
      pass(IDLE.plusMillis(100));
      assertThat(read(ends.client(), 4)).isEqualTo(Frames.close(false, 1001));
      byte[] close = Frames.close(true, 1000);
      OutputStream out = ends.client().getOutputStream();
      ends.client().setTcpNoDelay(true);
      for (byte part : close) {
        out.write(part);
      }
      assertMaskedClose(read(ends.upstream(), 8), 1001);
      assertThat(rest(ends.client())).isEmpty();
    }
  }

  @Test
  void aResetUpstreamIsAServerErrorForTheClient() throws Exception {
    try (Ends ends = fixture.open()) {
      write(ends.upstream(), FRAGMENT);
      assertThat(read(ends.client(), FRAGMENT.length)).isEqualTo(FRAGMENT);
      reset(ends.upstream());
      assertThat(read(ends.client(), 4)).isEqualTo(Frames.close(false, 1011));
      write(ends.client(), Frames.close(true, 1011));
      assertThat(rest(ends.client())).isEmpty();
    }
    assertThat(awaitEnd().cause()).isEqualTo(CloseCause.UPSTREAM_RESET);
  }

  @Test
  void anUpstreamResetInsideAFrameEndsTheClientsConnection() throws Exception {
    try (Ends ends = fixture.open()) {
      byte[] part = Frames.header(true, Frames.BINARY, false, 1000);
      write(ends.upstream(), part);
      assertThat(read(ends.client(), part.length)).isEqualTo(part);
      reset(ends.upstream());
      assertThat(rest(ends.client())).isEmpty();
    }
    assertThat(awaitEnd().cause()).isEqualTo(CloseCause.UPSTREAM_RESET);
  }

  @Test
  void aResetClientIsAwayForTheUpstream() throws Exception {
    try (Ends ends = fixture.open()) {
      reset(ends.client());
      assertMaskedClose(read(ends.upstream(), 8), 1001);
      write(ends.upstream(), Frames.close(false, 1001));
      assertThat(rest(ends.upstream())).isEmpty();
    }
    assertThat(awaitEnd().cause()).isEqualTo(CloseCause.CLIENT_RESET);
    assertThat(fixture.released).hasValue(1);
  }

  @Test
  void aLengthWithItsTopBitSetIsAProtocolErrorAndNothingOfItPasses() throws Exception {
    byte[] bad = {(byte) 0x82, (byte) 0xff, (byte) 0x80, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5};
    try (Ends ends = fixture.open()) {
      byte[] good = Frames.text(true, "good");
      write(ends.client(), good, bad);
      assertThat(read(ends.upstream(), good.length)).isEqualTo(good);
      assertMaskedClose(read(ends.upstream(), 8), 1001);
      assertThat(read(ends.client(), 4)).isEqualTo(Frames.close(false, 1002));
      assertThat(rest(ends.client())).isEmpty();
    }
    assertThat(awaitEnd().cause()).isEqualTo(CloseCause.PROTOCOL);
  }

  @Test
  void anUpstreamsProtocolErrorIsToldToTheUpstream() throws Exception {
    byte[] bad = {(byte) 0x82, 0x7f, (byte) 0x80, 0, 0, 0, 0, 0, 0, 1};
    try (Ends ends = fixture.open()) {
      write(ends.upstream(), bad);
      assertThat(read(ends.client(), 4)).isEqualTo(Frames.close(false, 1001));
      write(ends.client(), Frames.close(true, 1001));
      assertMaskedClose(read(ends.upstream(), 8), 1002);
      assertThat(rest(ends.client())).isEmpty();
    }
    assertThat(awaitEnd().cause()).isEqualTo(CloseCause.PROTOCOL);
  }

  @Test
  void aHalfClosedTunnelGoesOnInTheOtherDirectionAndEndsAfterTenSeconds() throws Exception {
    try (Ends ends = fixture.open()) {
      write(ends.client(), Frames.text(true, "last words"));
      ends.client().shutdownOutput();
      InputStream upstream = ends.upstream().getInputStream();
      assertThat(upstream.readAllBytes()).isEqualTo(Frames.text(true, "last words"));
      byte[] answer = Frames.text(false, "still here");
      write(ends.upstream(), answer);
      assertThat(read(ends.client(), answer.length)).isEqualTo(answer);
      assertThat(fixture.tunnels.open()).isEqualTo(1);
      pass(Duration.ofSeconds(10));
      assertThat(fixture.tunnels.open()).isEqualTo(1);
      write(ends.upstream(), answer);
      assertThat(read(ends.client(), answer.length)).isEqualTo(answer);
      pass(Duration.ofMillis(200));
      assertThat(read(ends.client(), 4)).isEqualTo(Frames.close(false, 1001));
      assertThat(awaitEnd().cause()).isEqualTo(CloseCause.CLIENT);
      assertThat(rest(ends.client())).isEmpty();
    }
  }

  @Test
  void aPartialHeaderBeforeFinIsPassedToo() throws Exception {
    try (Ends ends = fixture.open()) {
      byte[] part = {(byte) 0x82, (byte) 0xfe, 1};
      write(ends.client(), part);
      ends.client().shutdownOutput();
      assertThat(rest(ends.upstream())).isEqualTo(part);
    }
    awaitEnd();
  }

  @Test
  void aLifetimeIsKeptWithinTenPercent() throws Exception {
    try (Ends ends = fixture.open(lifetime(LIFETIME), PATIENT)) {
      pass(Duration.ofMillis(53_900));
      assertThat(only().cause()).isNull();
      pass(OVER.minusMillis(53_900));
      assertThat(read(ends.client(), 4)).isEqualTo(Frames.close(false, 1012));
    }
  }

  @Test
  void aShutdownClosesAllTunnelsWithinItsWindowAndLateOnesToo() throws Exception {
    Ends[] open = new Ends[20];
    int left = open.length;
    for (int i = 0; i < open.length; i++) {
      open[i] = fixture.open();
    }
    TunnelDrain drain =
        TunnelDrain.start(fixture.tunnels, Duration.ofSeconds(20), Duration.ofSeconds(5));
    assertThat(fixture.tunnels.draining()).isTrue();
    for (Ends ends : open) {
      assertThat(read(ends.client(), 4)).isEqualTo(Frames.close(false, 1001));
      // The first is told while the others are still being given their times.
      fixture.awaitLoop();
      assertThat(fixture.tunnels.pending()).as("one a second").isEqualTo(--left);
      write(ends.client(), Frames.close(true, 1001));
      assertMaskedClose(read(ends.upstream(), 8), 1001);
      ends.close();
      pass(Duration.ofSeconds(1));
    }
    drain.done().get(60, TimeUnit.SECONDS);
    try (Ends late = fixture.open()) {
      assertThat(read(late.client(), 4)).isEqualTo(Frames.close(false, 1001));
    }
    assertThat(fixture.ended).allSatisfy(t -> assertThat(t.cause()).isEqualTo(CloseCause.SHUTDOWN));
  }

  @Test
  void aHurriedShutdownWaitsForNoWindow() throws Exception {
    try (Ends ends = fixture.open();
        Ends other = fixture.open()) {
      TunnelDrain drain =
          TunnelDrain.start(fixture.tunnels, Duration.ofHours(1), Duration.ofMillis(200));
      drain.hurry();
      assertThat(read(ends.client(), 4)).isEqualTo(Frames.close(false, 1001));
      assertThat(read(other.client(), 4)).isEqualTo(Frames.close(false, 1001));
      awaitEnd();
      assertThat(rest(ends.client())).isEmpty();
      assertThat(rest(other.client())).isEmpty();
      drain.done().get(60, TimeUnit.SECONDS);
    }
  }

  @Test
  void aSlowReaderHoldsUpTheSenderInBoundedMemoryAndStallsOut() throws Exception {
    Timeouts timeouts = timeouts(Duration.ZERO, Duration.ZERO, Duration.ofSeconds(1));
    try (Ends ends = fixture.open(timeouts, new Closing(Duration.ofSeconds(5), 1012))) {
      byte[] frame = Frames.frame(true, Frames.BINARY, true, new byte[60_000]);
      Thread flood =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      for (int i = 0; i < 2_000; i++) {
                        ends.client().getOutputStream().write(frame);
                      }
                    } catch (IOException e) {
                      // The tunnel ends meanwhile.
                    }
                  });
      Tunnel tunnel = only();
      await()
          .until(
              () -> {
                pass(Duration.ofSeconds(1));
                return tunnel.cause() != null;
              });
      // What the kernel's buffers and 64 KiB of ours hold, not 120 MB. (Later it is discarded.)
      assertThat(tunnel.bytesFromClient()).isLessThan(20L << 20);
      assertThat(awaitEnd().cause()).isEqualTo(CloseCause.STALL);
      flood.join();
    }
  }
}
