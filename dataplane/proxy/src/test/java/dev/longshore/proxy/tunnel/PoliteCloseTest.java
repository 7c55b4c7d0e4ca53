package dev.longshore.proxy.tunnel;

import static dev.longshore.proxy.testing.RawClient.handshake;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.policy.Ping.Towards;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.Carriers;
import dev.longshore.proxy.testing.Flood;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawConnection;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.RawUpstream.Script;
import dev.longshore.proxy.testing.TestProxy;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The order of a Close that the proxy begins, for each of its causes, in the clear and over TLS,
 * with frames of permessage-deflate (RFC 7692).
 */
@Timeout(60)
class PoliteCloseTest {
  private static final Duration PATIENT = Duration.ofSeconds(20);
  private static final Duration OFF = Duration.ZERO;

  /** After what is said first, before a test grows long. */
  private static final Duration SOON = Duration.ofMillis(1200);

  /** Longer than it takes until a Close waits behind the frames of a flood. */
  private static final Duration LATER = Duration.ofMillis(1500);

  private static final byte[] BEFORE = compressed(true, Frames.TEXT, true, 40);
  private static final byte[] FIRST = compressed(false, Frames.TEXT, false, 300);
  private static final byte[] LAST = Frames.frame(true, Frames.CONTINUATION, false, new byte[900]);
  private static final byte[] PARTING = compressed(true, Frames.TEXT, true, 60);

  private static byte[] compressed(boolean fin, int opcode, boolean masked, int length) {
    return Frames.compressed(Frames.frame(fin, opcode, masked, new byte[length]));
  }

  /** Why a tunnel is closed, and how the test brings it about. */
  enum Why {
    LIFETIME(1012, "lifetime", "", policy(OFF, SOON)),
    IDLE(1001, "idle", "", policy(SOON, OFF)),
    PING(1001, "ping", "", policy(OFF, OFF).ping(SOON, Duration.ofMillis(200), Towards.UPSTREAM)),
    SIZE(
        1009,
        "size",
        text(Frames.frame(true, Frames.BINARY, true, new byte[1301])),
        policy(OFF, OFF).messageBytes(1300)),
    RATE(1008, "rate", text(Frames.join(BEFORE, BEFORE)), policy(OFF, OFF).messages(1, 1)),
    PROTOCOL(
        1002, "protocol", "\u0082\u00ff\u0080\0\0\0\0\0\0\0\0\0\0\0 and so on", policy(OFF, OFF));

    private final int code;
    private final String reason;
    private final String trigger;
    private final Policy policy;

    Why(int code, String reason, String trigger, TestPolicy policy) {
      this.code = code;
      this.reason = reason;
      this.trigger = trigger;
      this.policy = policy.build();
    }

    private static TestPolicy policy(Duration idle, Duration lifetime) {
      return policyOf(idle, lifetime, PATIENT);
    }

    /** Whether the client may still speak. */
    boolean clientGoesOn() {
      return trigger.isEmpty();
    }
  }

  private static TestPolicy policyOf(Duration idle, Duration lifetime, Duration deadline) {
    return new TestPolicy()
        .idle(idle)
        .maxLifetime(lifetime)
        .writeStall(OFF)
        .closing(deadline, 1012);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** A Close as an upstream gets it, without its mask; fails if it is none. */
  private static byte[] unmasked(String frame) {
    byte[] bytes = frame.getBytes(StandardCharsets.ISO_8859_1);
    assertThat(bytes).hasSize(8);
    assertThat(bytes[1]).isEqualTo((byte) 0x82);
    return new byte[] {
      bytes[0], 2, (byte) (bytes[6] ^ bytes[2]), (byte) (bytes[7] ^ bytes[3]),
    };
  }

  /** What comes before a Close, without Pings, and the Close. Frames are short and masked. */
  private static String readToClose(RawConnection connection) {
    StringBuilder all = new StringBuilder();
    while (true) {
      String head = connection.read(2);
      String frame = head + connection.read(4 + (head.charAt(1) & 0x7f));
      if (head.charAt(0) != 0x89) {
        all.append(frame);
      }
      if (head.charAt(0) == 0x88) {
        return all.toString();
      }
    }
  }

  static Stream<Arguments> everything() {
    return Arrays.stream(Carriers.values())
        .flatMap(carriers -> Arrays.stream(Why.values()).map(why -> Arguments.of(carriers, why)));
  }

  @ParameterizedTest
  @MethodSource("everything")
  void goesFirstToTheClientAfterItsMessageThenToTheUpstreamAndNothingFollowsIt(
      Carriers carriers, Why why) throws Exception {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    CountDownLatch closing = new CountDownLatch(1);
    Script script =
        conversation -> {
          conversation.acceptWebSocket();
          heard.add(conversation.read(BEFORE.length));
          conversation.send(FIRST);
          conversation.send(Arrays.copyOf(LAST, 500));
          closing.await();
          conversation.send(Arrays.copyOfRange(LAST, 500, LAST.length));
          conversation.send(Frames.text(false, "too late"));
          heard.add(readToClose(conversation));
          conversation.send(Frames.text(false, "much too late"));
          conversation.send(Frames.close(false, 1001));
          heard.add(conversation.readToEnd());
        };
    try (RawUpstream upstream = carriers.upstream(script);
        TestProxy proxy = TestProxy.start(carriers.routes(upstream, why.policy));
        RawClient client = proxy.connect(carriers.wire())) {
      client.send(handshake("/")).readHead();
      client.send(BEFORE);
      assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo(text(BEFORE));
      assertThat(client.read(FIRST.length + 500)).hasSize(FIRST.length + 500);
      client.send(why.trigger);
      String cause = "\"closing\":\"" + why.reason + '"';
      await().until(() -> proxy.page("/connections").contains(cause));
      closing.countDown();
      assertThat(client.read(LAST.length - 500)).hasSize(LAST.length - 500);
      assertThat(client.read(4)).isEqualTo(text(Frames.close(false, why.code)));
      if (why.clientGoesOn()) {
        client.send(PARTING);
        client.send(Frames.close(true, why.code));
      }
      assertThat(client.readToEnd()).isEmpty();
      client.close();
      String told = heard.poll(60, TimeUnit.SECONDS);
      assertThat(told).isNotNull();
      int close = told.length() - 8;
      // A slow test may be within the rate once more.
      String last = told.substring(0, close).replace(text(BEFORE), "");
      assertThat(last).isEqualTo(why.clientGoesOn() ? text(PARTING) : "");
      assertThat(unmasked(told.substring(close))).isEqualTo(Frames.close(false, 1001));
      assertThat(heard.poll(60, TimeUnit.SECONDS)).isEmpty();
      await().until(() -> proxy.accessLog().contains("\"closedBy\":\"" + why.reason + "\""));
    }
  }

  @Tag("tls")
  @ParameterizedTest
  @EnumSource
  void aSlowReaderGetsItsCloseBehindWholeFrames(Carriers carriers) throws Exception {
    byte[] frame = compressed(true, Frames.BINARY, false, 60_000);
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    CompletableFuture<Flood> started = new CompletableFuture<>();
    Script flooding =
        conversation -> {
          conversation.acceptWebSocket();
          // What comes after the Close is read and thrown away.
          started.complete(Flood.start(conversation, text(frame), ""));
          heard.add(conversation.read(8));
          conversation.send(Frames.close(false, 1001));
          heard.add(conversation.readToEnd());
        };
    Policy policy = policyOf(OFF, Duration.ofMillis(500), PATIENT).build();
    try (RawUpstream upstream = carriers.upstream(flooding);
        TestProxy proxy = TestProxy.start(carriers.routes(upstream, policy));
        RawClient client = proxy.connect(carriers.wire())) {
      client.send(handshake("/")).readHead();
      Thread.sleep(LATER);
      int frames = Flood.receive(client, text(frame), text(Frames.close(false, 1012)));
      Flood flood = started.get(60, TimeUnit.SECONDS);
      flood.stop();
      // Once both have their Close, an upstream is read for 2 s only, however much it has to send.
      assertThat(flood.sent()).isGreaterThanOrEqualTo(frames);
      client.send(Frames.close(true, 1012));
      assertThat(client.readToEnd()).isEmpty();
      client.close();
      String told = heard.poll(60, TimeUnit.SECONDS);
      assertThat(told).isNotNull();
      assertThat(unmasked(told)).isEqualTo(Frames.close(false, 1001));
      assertThat(heard.poll(60, TimeUnit.SECONDS)).isEmpty();
    }
  }

  /** The deadline of a Close passes, and two seconds to read what is on its way. */
  private static void awaitLifetime(TestProxy proxy, MockTicker clock) {
    await()
        .until(
            () -> {
              clock.advance(200, TimeUnit.MILLISECONDS);
              return proxy.accessLog().contains("\"closedBy\":\"lifetime\"");
            });
  }

  @ParameterizedTest
  @EnumSource
  void whoReadsNothingAtAllIsCutSoonAfterTheDeadline(Carriers carriers) {
    byte[] frame = compressed(true, Frames.BINARY, false, 60_000);
    Script flood =
        conversation -> {
          conversation.acceptWebSocket();
          while (true) {
            conversation.send(frame);
          }
        };
    MockTicker clock = Ticker.newMockTicker();
    Policy policy = policyOf(OFF, Duration.ofSeconds(60), Duration.ofSeconds(1)).build();
    try (RawUpstream upstream = carriers.upstream(flood);
        TestProxy proxy = TestProxy.start(carriers.routes(upstream, policy), 1, clock);
        RawClient client = proxy.connect(carriers.wire())) {
      client.send(handshake("/")).readHead();
      // Before that it has no life that could end.
      await().until(() -> proxy.metric("longshore_tunnels_open") == 1);
      clock.advance(67, TimeUnit.SECONDS);
      awaitLifetime(proxy, clock);
    }
  }

  @Tag("tls")
  @ParameterizedTest
  @EnumSource
  void nobodyHasToAnswerAClose(Carriers carriers) throws Exception {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    Script silent =
        conversation -> {
          conversation.acceptWebSocket();
          heard.add(conversation.readToEnd());
        };
    MockTicker clock = Ticker.newMockTicker();
    Policy policy = policyOf(OFF, Duration.ofSeconds(60), Duration.ofSeconds(1)).build();
    try (RawUpstream upstream = carriers.upstream(silent);
        TestProxy proxy = TestProxy.start(carriers.routes(upstream, policy), 1, clock);
        RawClient client = proxy.connect(carriers.wire())) {
      client.send(handshake("/")).readHead();
      // Before that it has no life that could end.
      await().until(() -> proxy.metric("longshore_tunnels_open") == 1);
      clock.advance(67, TimeUnit.SECONDS);
      assertThat(client.read(4)).isEqualTo(text(Frames.close(false, 1012)));
      awaitLifetime(proxy, clock);
      assertThat(client.readToEnd()).isEmpty();
      String told = heard.poll(60, TimeUnit.SECONDS);
      assertThat(told).isNotNull();
      assertThat(unmasked(told)).isEqualTo(Frames.close(false, 1001));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aResetUpstreamIsAServerErrorBehindItsLastWholeFrame(Carriers carriers) throws Exception {
    byte[] frame = compressed(false, Frames.BINARY, false, 500);
    BlockingQueue<Boolean> read = new LinkedBlockingQueue<>();
    Script resetting =
        conversation -> {
          conversation.acceptWebSocket();
          conversation.send(frame);
          read.take();
          conversation.reset();
        };
    try (RawUpstream upstream = carriers.upstream(resetting);
        TestProxy proxy = TestProxy.start(carriers.routes(upstream));
        RawClient client = proxy.connect(carriers.wire())) {
      client.send(handshake("/")).readHead();
      assertThat(client.read(frame.length)).isEqualTo(text(frame));
      read.add(true);
      assertThat(client.read(4)).isEqualTo(text(Frames.close(false, 1011)));
      client.send(Frames.close(true, 1011));
      assertThat(client.readToEnd()).isEmpty();
      await().until(() -> proxy.accessLog().contains("\"closedBy\":\"upstream-reset\""));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aResetClientIsAwayForTheUpstream(Carriers carriers) throws Exception {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    Script script =
        conversation -> {
          conversation.acceptWebSocket();
          heard.add(conversation.read(BEFORE.length));
          heard.add(conversation.read(8));
          conversation.send(Frames.close(false, 1001));
          heard.add(conversation.readToEnd());
        };
    try (RawUpstream upstream = carriers.upstream(script);
        TestProxy proxy = TestProxy.start(carriers.routes(upstream));
        RawClient client = proxy.connect(carriers.wire())) {
      client.send(handshake("/")).readHead();
      client.send(BEFORE);
      assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo(text(BEFORE));
      client.reset();
      String told = heard.poll(60, TimeUnit.SECONDS);
      assertThat(told).isNotNull();
      assertThat(unmasked(told)).isEqualTo(Frames.close(false, 1001));
      assertThat(heard.poll(60, TimeUnit.SECONDS)).isEmpty();
      await().until(() -> proxy.accessLog().contains("\"closedBy\":\"client-reset\""));
    }
  }

  @ParameterizedTest
  @EnumSource
  void pingsGoAndStayBetweenTheFramesOfBothSides(Carriers carriers) throws Exception {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    Script script =
        conversation -> {
          conversation.acceptWebSocket();
          conversation.send(FIRST);
          for (int i = 0; i < 3; i++) {
            byte[] ping = conversation.read(14).getBytes(StandardCharsets.ISO_8859_1);
            assertThat(Arrays.copyOf(ping, 2)).containsExactly(0x89, 0x88);
            byte[] nonce = Arrays.copyOfRange(ping, 6, 14);
            for (int j = 0; j < nonce.length; j++) {
              nonce[j] ^= ping[2 + j % 4];
            }
            conversation.send(Frames.frame(true, Frames.PONG, false, nonce));
          }
          conversation.send(LAST);
          conversation.send(Frames.close(false, 1000));
          heard.add(conversation.readToEnd());
        };
    Policy policy =
        policyOf(OFF, OFF, PATIENT).ping(Duration.ofMillis(200), PATIENT, Towards.BOTH).build();
    try (RawUpstream upstream = carriers.upstream(script);
        TestProxy proxy = TestProxy.start(carriers.routes(upstream, policy));
        RawClient client = proxy.connect(carriers.wire())) {
      client.send(handshake("/")).readHead();
      assertThat(client.read(FIRST.length)).isEqualTo(text(FIRST));
      String next = client.read(2);
      int answered = 0;
      while (next.equals("\u0089\u0008")) {
        byte[] nonce = client.read(8).getBytes(StandardCharsets.ISO_8859_1);
        client.send(Frames.frame(true, Frames.PONG, true, nonce));
        answered++;
        next = client.read(2);
      }
      assertThat(answered).isPositive();
      assertThat(next + client.read(LAST.length - 2)).isEqualTo(text(LAST));
      client.send(Frames.close(true, 1000));
      String bye = client.read(4);
      if (bye.startsWith("\u0089")) {
        client.read(6);
        bye = client.read(4);
      }
      assertThat(bye).isEqualTo(text(Frames.close(false, 1000)));
      client.close();
      String rest = heard.poll(60, TimeUnit.SECONDS);
      assertThat(rest).isNotNull().endsWith(text(Frames.close(true, 1000)));
    }
  }
}
