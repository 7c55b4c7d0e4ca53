package dev.longshore.proxy.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.policy.Ping.Towards;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.testing.TestPolicy;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random frames both ways in random pieces, with our Pings among them. The clock is the test's, so
 * that a Ping can become due at any byte.
 */
class PingPropertyTest {
  private static final int STEPS = 250;
  private static final int INTERVAL_TICKS = 20;

  private static final EndpointLease HOLD =
      TunnelFixture.hold(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 1), new Object(), () -> {});

  @Test
  void whatArrivesWithoutOurPingsIsWhatWasSentAndNoFrameIsSplit() {
    int pings = 0;
    int postponed = 0;
    for (int seed = 0; seed < 300; seed++) {
      Run run = new Run(seed);
      run.play();
      pings += run.client.ours + run.upstream.ours;
      postponed += run.postponed;
    }
    // Else nothing has been shown.
    assertThat(pings).isGreaterThan(1_000);
    assertThat(postponed).isGreaterThan(100);
  }

  private static final class Run {
    final Random random;
    final MockTicker ticker = Ticker.newMockTicker();
    final TunnelLoop loop;
    final Tunnel tunnel;
    final Peer client;
    final Peer upstream;
    int postponed;

    Run(int seed) {
      random = new Random(seed);
      client = new Peer("client, seed " + seed, true, random);
      upstream = new Peer("upstream, seed " + seed, false, random);
      client.other = upstream;
      upstream.other = client;
      Towards[] all = Towards.values();
      Policy policy =
          new TestPolicy()
              .idle(Duration.ZERO)
              .writeStall(Duration.ZERO)
              .ping(Duration.ofSeconds(1), Duration.ofDays(1), all[seed % all.length])
              .build();
      loop =
          new TunnelLoop(
              client.channel.eventLoop(), TunnelObserver.NONE, 0, ByteBufAllocator.DEFAULT, ticker);
      tunnel =
          Tunnel.open(
              TunnelFixture.context(policy, HOLD),
              loop,
              new SocketCarrier(client.channel),
              new SocketCarrier(upstream.channel),
              Unpooled.EMPTY_BUFFER,
              Unpooled.EMPTY_BUFFER);
    }

    void play() {
      for (int step = 0; step < STEPS; step++) {
        Peer peer = random.nextBoolean() ? client : upstream;
        switch (random.nextInt(5)) {
          case 0 -> peer.sayFrame();
          case 1 -> peer.answer();
          case 2, 3 -> {
            int before = client.ours + upstream.ours;
            peer.send();
            receive();
            postponed += client.ours + upstream.ours - before;
          }
          default -> {
            ticker.advance((long) INTERVAL_TICKS * TickClock.TICK_MILLIS, TimeUnit.MILLISECONDS);
            loop.clock().refresh();
            tunnel.inspect(loop.clock().now());
            receive();
          }
        }
      }
      for (int round = 0; round < 3; round++) {
        client.sendAll();
        upstream.sendAll();
        receive();
        client.answer();
        upstream.answer();
      }
      client.sendAll();
      upstream.sendAll();
      receive();
      assertThat(client.theirs.toByteArray()).as(client.name).isEqualTo(upstream.passable());
      assertThat(upstream.theirs.toByteArray()).as(upstream.name).isEqualTo(client.passable());
      assertThat(tunnel.messagesFromClient()).isEqualTo(client.messages);
      assertThat(tunnel.messagesFromUpstream()).isEqualTo(upstream.messages);
      assertThat(tunnel.cause()).isNull();
      client.channel.close();
      upstream.channel.close();
      client.channel.finishAndReleaseAll();
      upstream.channel.finishAndReleaseAll();
    }

    private void receive() {
      client.receive();
      upstream.receive();
    }
  }

  private static final class Said extends ByteArrayOutputStream {
    byte[] part(int from, int length) {
      return Arrays.copyOfRange(buf, from, from + length);
    }
  }

  /** One end: what it sends, and what it finds in what it receives. */
  private static final class Peer {
    final String name;
    final boolean masked;
    final Random random;
    final EmbeddedChannel channel = new EmbeddedChannel();
    @Nullable Peer other;

    /** All that this end has to say, and how much of it has been sent. */
    private final Said said = new Said();

    private int sent;

    /** What of it must not reach the other end: begin to end. */
    private final Map<Integer, Integer> kept = new HashMap<>();

    private final Set<ByteBuffer> saidPings = new HashSet<>();
    private boolean insideMessage;
    int messages;

    private byte[] unread = {};

    /** What of it came from the other end. */
    final ByteArrayOutputStream theirs = new ByteArrayOutputStream();

    /** Payloads of Pings that have no Pong yet, the oldest first. */
    private final Deque<byte[]> questions = new ArrayDeque<>();

    /** Where the answer to the other end's latest Ping ends in what is said; none yet: max. */
    private int answered;

    int ours;

    Peer(String name, boolean masked, Random random) {
      this.name = name;
      this.masked = masked;
      this.random = random;
    }

    void sayFrame() {
      int[] lengths = {0, 1, 8, 9, 40, 124, 125, 126, 127, 300, 700, 700, 700, 700, 66_000};
      int kind = random.nextInt(6);
      if (kind == 0) {
        byte[] payload = Frames.bytes(random, random.nextInt(3) == 0 ? 8 : 4 + random.nextInt(122));
        saidPings.add(ByteBuffer.wrap(payload));
        said.writeBytes(Frames.frame(true, Frames.PING, masked, payload));
      } else if (kind == 1) {
        byte[] payload = Frames.bytes(random, random.nextBoolean() ? 8 : random.nextInt(126));
        said.writeBytes(Frames.frame(true, Frames.PONG, masked, payload));
      } else {
        boolean last = random.nextBoolean();
        byte[] payload = Frames.bytes(random, lengths[random.nextInt(lengths.length)]);
        int opcode = insideMessage ? Frames.CONTINUATION : Frames.BINARY;
        said.writeBytes(Frames.frame(last, opcode, masked, payload));
        insideMessage = !last;
        messages += last ? 1 : 0;
      }
    }

    /** Answers all Pings, or the latest only (RFC 6455 §5.5.3). */
    void answer() {
      boolean all = random.nextBoolean();
      while (!questions.isEmpty()) {
        byte[] question = questions.removeFirst();
        if (all || questions.isEmpty()) {
          int begin = said.size();
          said.writeBytes(Frames.frame(true, Frames.PONG, masked, question));
          if (!other().saidPings.contains(ByteBuffer.wrap(question))) {
            kept.put(begin, said.size());
          } else if (questions.isEmpty()) {
            answered = said.size();
          }
        }
      }
    }

    /** Sends a piece. */
    void send() {
      int left = said.size() - sent;
      if (left > 0) {
        int most = random.nextBoolean() ? 20 : 80_000;
        send(1 + random.nextInt(Math.min(left, most)));
      }
    }

    void sendAll() {
      if (said.size() > sent) {
        send(said.size() - sent);
      }
    }

    private void send(int size) {
      byte[] piece = said.part(sent, size);
      sent += size;
      channel.writeInbound(Unpooled.copiedBuffer(piece));
    }

    void receive() {
      for (ByteBuf bytes = channel.readOutbound(); bytes != null; bytes = channel.readOutbound()) {
        byte[] more = new byte[bytes.readableBytes()];
        bytes.readBytes(more).release();
        unread = Frames.join(unread, more);
      }
      for (int end = frameEnd(); end > 0; end = frameEnd()) {
        byte[] frame = Arrays.copyOf(unread, end);
        unread = Arrays.copyOfRange(unread, end, unread.length);
        take(frame);
      }
    }

    private void take(byte[] frame) {
      if ((frame[0] & 0xff) != (0x80 | Frames.PING)) {
        theirs.writeBytes(frame);
        return;
      }
      assertThat((frame[1] & 0x80) == 0)
          .as("a client gets no mask, an upstream one")
          .isEqualTo(masked);
      int at = masked ? 2 : 6;
      byte[] payload = Arrays.copyOfRange(frame, at, frame.length);
      for (int i = 0; i < payload.length && !masked; i++) {
        payload[i] ^= frame[2 + i % 4];
      }
      questions.add(payload);
      if (other().saidPings.contains(ByteBuffer.wrap(payload))) {
        theirs.writeBytes(frame);
        answered = Integer.MAX_VALUE;
      } else {
        ours++;
        assertThat(payload).hasSize(8);
        assertThat(answered)
            .as("%s: an unanswered Ping was overtaken", name)
            .isLessThanOrEqualTo(sent);
      }
    }

    /** Where the first frame received ends; 0: it is not complete. */
    private int frameEnd() {
      if (unread.length < 2) {
        return 0;
      }
      ByteBuffer in = ByteBuffer.wrap(unread);
      long length = unread[1] & 0x7f;
      int size =
          2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + ((unread[1] & 0x80) != 0 ? 4 : 0);
      if (unread.length < size) {
        return 0;
      }
      length = length == 126 ? in.getShort(2) & 0xffff : length == 127 ? in.getLong(2) : length;
      return unread.length < size + length ? 0 : (int) (size + length);
    }

    /** What the other end is to receive of what this one has said. */
    byte[] passable() {
      byte[] all = said.toByteArray();
      ByteArrayOutputStream passable = new ByteArrayOutputStream();
      for (int at = 0; at < all.length; at++) {
        Integer end = kept.get(at);
        if (end != null) {
          at = end - 1;
        } else {
          passable.write(all[at]);
        }
      }
      return passable.toByteArray();
    }

    private Peer other() {
      if (other == null) {
        throw new IllegalStateException();
      }
      return other;
    }
  }
}
