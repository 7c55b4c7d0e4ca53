package dev.longshore.proxy.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.tunnel.TunnelFixture.Ends;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages that are too long or too many, over real connections. */
@Timeout(60)
class MessageLimitTest {
  private TunnelFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture = new TunnelFixture();
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  private static Policy limited(long bytes, int perSecond, int burst) {
    return new TestPolicy()
        .messageBytes(bytes)
        .messages(perSecond, burst)
        .closing(Duration.ofSeconds(20), 1012)
        .build();
  }

  private static byte[] read(Socket socket, int length) throws IOException {
    return socket.getInputStream().readNBytes(length);
  }

  private static void write(Socket socket, byte[]... parts) throws IOException {
    socket.getOutputStream().write(Frames.join(parts));
  }

  private static byte[] rest(Socket socket) throws IOException {
    return socket.getInputStream().readAllBytes();
  }

  private static void readMaskedClose(Socket upstream, int code) throws IOException {
    byte[] frame = read(upstream, 8);
    assertThat(Arrays.copyOf(frame, 2)).containsExactly(0x88, 0x82);
    int high = (frame[6] ^ frame[2]) & 0xff;
    int low = (frame[7] ^ frame[3]) & 0xff;
    assertThat(high << 8 | low).isEqualTo(code);
  }

  @Test
  void nothingPassesOfAFrameOfTheClientThatCrossesTheLimit() throws Exception {
    try (Ends ends = fixture.open(limited(1000, 0, 0))) {
      byte[] most = Frames.compressed(Frames.frame(true, Frames.TEXT, true, new byte[1000]));
      byte[] first = Frames.compressed(Frames.frame(false, Frames.TEXT, true, new byte[600]));
      byte[] second = Frames.frame(true, Frames.CONTINUATION, true, new byte[401]);
      write(ends.client(), most, first, second, Frames.text(true, "and more"));
      assertThat(read(ends.upstream(), most.length)).isEqualTo(most);
      assertThat(read(ends.upstream(), first.length)).isEqualTo(first);
      readMaskedClose(ends.upstream(), 1001);
      assertThat(read(ends.client(), 4)).isEqualTo(Frames.close(false, 1009));
      assertThat(rest(ends.client())).isEmpty();
      ends.client().close();
      assertThat(rest(ends.upstream())).isEmpty();
    }
    Tunnel tunnel = fixture.awaitEnd();
    assertThat(tunnel.cause()).isEqualTo(CloseCause.SIZE);
    assertThat(tunnel.injectedCloseCode()).isEqualTo(1009);
    assertThat(tunnel.messagesFromClient()).isEqualTo(1);
  }

  @Test
  void theUpstreamIsToldOfItsOwnMessageWhenTheClientHasAnswered() throws Exception {
    try (Ends ends = fixture.open(limited(1000, 0, 0))) {
      byte[] most = Frames.frame(true, Frames.TEXT, false, new byte[1000]);
      byte[] header = Frames.header(true, Frames.BINARY, false, 5L << 30);
      ends.upstream().setTcpNoDelay(true);
      for (byte part : Frames.join(most, header)) {
        ends.upstream().getOutputStream().write(part);
      }
      write(ends.upstream(), new byte[50_000]);
      assertThat(read(ends.client(), most.length)).isEqualTo(most);
      assertThat(read(ends.client(), 4)).isEqualTo(Frames.close(false, 1001));
      byte[] parting = Frames.text(true, "bye");
      write(ends.client(), parting, Frames.close(true, 1001));
      assertThat(rest(ends.client())).isEmpty();
      assertThat(read(ends.upstream(), parting.length)).isEqualTo(parting);
      readMaskedClose(ends.upstream(), 1009);
    }
    assertThat(fixture.awaitEnd().cause()).isEqualTo(CloseCause.SIZE);
  }

  @Test
  void aLimitIsNotOverWhenTheCloseHasBeenPassed() throws Exception {
    try (Ends ends = fixture.open(limited(1000, 0, 0))) {
      byte[] bye = Frames.close(true, 1000);
      byte[] header = Frames.header(true, Frames.BINARY, true, 1001);
      write(ends.client(), bye, header, new byte[1001]);
      assertThat(read(ends.client(), 4)).isEqualTo(Frames.close(false, 1009));
      write(ends.client(), new byte[10_000]);
      assertThat(rest(ends.client())).isEmpty();
      ends.client().close();
      assertThat(rest(ends.upstream())).isEqualTo(bye);
    }
    assertThat(fixture.awaitEnd().cause()).isEqualTo(CloseCause.SIZE);
  }

  @Test
  void theFirstMessagePastTheBurstDoesNotPass() throws Exception {
    try (Ends ends = fixture.open(limited(0, 1, 3))) {
      byte[] one = Frames.text(true, "one");
      byte[] fragment = Frames.frame(false, Frames.TEXT, true, new byte[5]);
      byte[] more = Frames.frame(false, Frames.CONTINUATION, true, new byte[5]);
      byte[] last = Frames.frame(true, Frames.CONTINUATION, true, new byte[5]);
      byte[] ping = Frames.frame(true, Frames.PING, true, new byte[5]);
      byte[] allowed = Frames.join(one, fragment, more, ping, more, ping, more, last, ping, one);
      write(ends.client(), allowed, ping, one, one);
      assertThat(read(ends.upstream(), allowed.length)).isEqualTo(allowed);
      assertThat(read(ends.upstream(), ping.length)).isEqualTo(ping);
      readMaskedClose(ends.upstream(), 1001);
      assertThat(read(ends.client(), 4)).isEqualTo(Frames.close(false, 1008));
      assertThat(rest(ends.client())).isEmpty();
    }
    Tunnel tunnel = fixture.awaitEnd();
    assertThat(tunnel.cause()).isEqualTo(CloseCause.RATE);
    assertThat(tunnel.messagesFromClient()).isEqualTo(3);
  }

  static Stream<byte[]> framesThatAreNoMessages() {
    return Stream.of(
        Frames.frame(true, Frames.PING, true, new byte[125]),
        Frames.frame(true, Frames.PONG, true, new byte[0]),
        Frames.frame(true, 0xb, true, new byte[3]),
        Frames.frame(true, Frames.PING, true, new byte[126]),
        Frames.frame(false, Frames.CONTINUATION, true, new byte[0]),
        Frames.frame(false, Frames.CONTINUATION, true, new byte[1023]));
  }

  @ParameterizedTest
  @MethodSource("framesThatAreNoMessages")
  void framesThatAreNoMessagesHaveTenTimesTheBurst(byte[] frame) throws Exception {
    try (Ends ends = fixture.open(limited(0, 1, 3))) {
      byte[] begin = Frames.frame(false, Frames.TEXT, true, new byte[0]);
      write(ends.client(), begin);
      assertThat(read(ends.upstream(), begin.length)).isEqualTo(begin);
      Thread.startVirtualThread(
          () -> {
            try {
              for (int i = 0; i < 100_000; i++) {
                write(ends.client(), frame);
              }
            } catch (IOException e) {
              // It was cut meanwhile.
            }
          });
      for (int i = 0; i < 30; i++) {
        assertThat(read(ends.upstream(), frame.length)).isEqualTo(frame);
      }
      assertThat(read(ends.client(), 4)).isEqualTo(Frames.close(false, 1008));
    }
    assertThat(fixture.awaitEnd().cause()).isEqualTo(CloseCause.RATE);
  }

  @Test
  void aLargeMessageInManyLargeFragmentsIsOne() throws Exception {
    try (Ends ends = fixture.open(limited(0, 1, 1))) {
      byte[] begin = Frames.frame(false, Frames.BINARY, true, new byte[1024]);
      byte[] fragment = Frames.frame(false, Frames.CONTINUATION, true, new byte[1024]);
      byte[] end = Frames.frame(true, Frames.CONTINUATION, true, new byte[3]);
      write(ends.client(), begin);
      assertThat(read(ends.upstream(), begin.length)).isEqualTo(begin);
      for (int i = 0; i < 200; i++) {
        write(ends.client(), fragment);
        assertThat(read(ends.upstream(), fragment.length)).isEqualTo(fragment);
      }
      write(ends.client(), end);
      assertThat(read(ends.upstream(), end.length)).isEqualTo(end);
      assertThat(fixture.tunnels.messagesFromClients()).isEqualTo(1);
    }
  }

  @Test
  void whoIsPingedMayAnswerHoweverOften() throws Exception {
    try (Ends ends = fixture.open(limited(0, 1, 1))) {
      byte[] ping = Frames.frame(true, Frames.PING, false, new byte[4]);
      byte[] pong = Frames.frame(true, Frames.PONG, true, new byte[4]);
      for (int i = 0; i < 200; i++) {
        write(ends.upstream(), ping);
        assertThat(read(ends.client(), ping.length)).isEqualTo(ping);
        write(ends.client(), pong);
        assertThat(read(ends.upstream(), pong.length)).isEqualTo(pong);
      }
    }
  }

  @Test
  void messagesWithinTheRateAndThoseOfTheUpstreamPass() throws Exception {
    try (Ends ends = fixture.open(limited(0, 20, 2))) {
      byte[] answer = Frames.text(false, "answer");
      byte[] answers = Frames.join(answer, answer, answer, answer, answer, answer, answer, answer);
      write(ends.upstream(), answers);
      assertThat(read(ends.client(), answers.length)).isEqualTo(answers);
      byte[] message = Frames.text(true, "message");
      for (int i = 0; i < 10; i++) {
        Thread.sleep(100);
        write(ends.client(), message);
        assertThat(read(ends.upstream(), message.length)).isEqualTo(message);
      }
      assertThat(fixture.tunnels.messagesFromClients()).isEqualTo(10);
    }
  }
}
