package dev.longshore.proxy.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.testing.TestPolicy;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTrackerTest {
  private final FrameTracker tracker = new FrameTracker();

  /**
   * Feeds the stream in the given pieces as a tunnel does: what is not passable comes again before
   * the next piece. Returns how many bytes passed.
   */
  private int feed(byte[] stream, int... cuts) {
    int passed = 0;
    int have = 0;
    for (int i = 0; i <= cuts.length && !tracker.broken(); i++) {
      have = i < cuts.length ? cuts[i] : stream.length;
      ByteBuf piece = Unpooled.wrappedBuffer(stream, passed, have - passed);
      passed += tracker.advance(piece, 0, piece.writerIndex());
    }
    return passed;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 127, 65_535, 65_536, 100_000})
  void followsEveryFormOfLength(int length) {
    for (boolean masked : new boolean[] {false, true}) {
      FrameTracker fresh = new FrameTracker();
      byte[] frame = Frames.frame(true, Frames.BINARY, masked, new byte[length]);
      byte[] two = Frames.join(frame, frame);
      ByteBuf in = Unpooled.wrappedBuffer(two);
      assertThat(fresh.advance(in, 0, two.length)).isEqualTo(two.length);
      assertThat(fresh.messages()).isEqualTo(2);
      assertThat(fresh.betweenMessages()).isTrue();
    }
  }

  @Test
  void passesTheSameHoweverTheStreamIsCutInTwo() {
    byte[] stream =
        Frames.join(
            Frames.frame(false, Frames.TEXT, true, new byte[130]),
            Frames.frame(true, Frames.PING, true, new byte[125]),
            Frames.frame(true, Frames.CONTINUATION, false, new byte[3]),
            Frames.frame(true, Frames.BINARY, true, new byte[70_000]),
            Frames.close(true, 4001));
    for (int cut = 0; cut <= stream.length; cut++) {
      FrameTracker fresh = new FrameTracker();
      ByteBuf first = Unpooled.wrappedBuffer(stream, 0, cut);
      int passed = fresh.advance(first, 0, cut);
      assertThat(cut - passed).as("held at %d", cut).isBetween(0, FrameTracker.MAX_UNIT_BYTES - 1);
      ByteBuf rest = Unpooled.wrappedBuffer(stream, passed, stream.length - passed);
      assertThat(fresh.advance(rest, 0, rest.writerIndex())).isEqualTo(stream.length - passed);
      assertThat(fresh.messages()).isEqualTo(2);
      assertThat(fresh.closeCode()).isEqualTo(4001);
      assertThat(fresh.betweenMessages()).isTrue();
    }
  }

  @Test
  void followsAStreamThatComesByteByByte() {
    byte[] stream = Frames.randomStream(new Random(3), 20, true);
    int[] cuts = new int[stream.length];
    for (int i = 0; i < cuts.length; i++) {
      cuts[i] = i + 1;
    }
    assertThat(feed(stream, cuts)).isEqualTo(stream.length);
    assertThat(tracker.messages()).isEqualTo(20);
  }

  @Test
  void agreesWithANaiveDecoderOnRandomStreamsInRandomPieces() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      byte[] stream = Frames.randomStream(random, 1 + random.nextInt(6), random.nextBoolean());
      int end = random.nextInt(stream.length + 1);
      FrameTracker fresh = new FrameTracker();
      int passed = 0;
      int have = 0;
      while (have < end) {
        have = Math.min(end, have + 1 + random.nextInt(20_000));
        ByteBuf piece = Unpooled.wrappedBuffer(stream, passed, have - passed);
        passed += fresh.advance(piece, 0, piece.writerIndex());
      }
      NaiveDecoder naive = NaiveDecoder.decode(stream, end);
      assertThat(fresh.messages()).as("messages, seed %d", seed).isEqualTo(naive.messages);
      assertThat(fresh.betweenFrames()).as("seed %d", seed).isEqualTo(naive.atUnit(passed));
      if (passed == end && fresh.betweenFrames()) {
        assertThat(fresh.betweenMessages()).as("seed %d", seed).isEqualTo(!naive.fragmented);
      }
    }
  }

  /** Reads whole frames one after the other, with no thought of speed or pieces. */
  private static final class NaiveDecoder {
    private long messages;
    private boolean fragmented;
    private final Set<Integer> boundaries = new HashSet<>();

    static NaiveDecoder decode(byte[] stream, int end) {
      NaiveDecoder decoder = new NaiveDecoder();
      int at = 0;
      decoder.boundaries.add(0);
      while (at + 2 <= end) {
        int length = stream[at + 1] & 0x7f;
        int size = 2 + ((stream[at + 1] & 0x80) != 0 ? 4 : 0);
        int extra = length == 126 ? 2 : length == 127 ? 8 : 0;
        if (at + size + extra > end) {
          break;
        }
        long payload = extra == 0 ? length : 0;
        for (int i = 0; i < extra; i++) {
          payload = payload << 8 | stream[at + 2 + i] & 0xff;
        }
        boolean fin = (stream[at] & 0x80) != 0;
        if ((stream[at] & 8) == 0) {
          decoder.messages += fin ? 1 : 0;
          decoder.fragmented = !fin;
        }
        at += size + extra + (int) payload;
        if (at <= end) {
          decoder.boundaries.add(at);
        }
      }
      return decoder;
    }

    boolean atUnit(int passed) {
      return boundaries.contains(passed);
    }
  }

  @Test
  void followsFramesOfManyGibibytesByArithmetic() {
    long length = 5L << 30;
    byte[] header = Frames.header(true, Frames.BINARY, true, length);
    assertThat(feed(header)).isEqualTo(header.length);
    ByteBuf chunk = Unpooled.wrappedBuffer(new byte[1 << 20]);
    for (long sent = 0; sent < length; sent += chunk.writerIndex()) {
      assertThat(tracker.betweenFrames()).isFalse();
      assertThat(tracker.advance(chunk, 0, chunk.writerIndex())).isEqualTo(chunk.writerIndex());
    }
    assertThat(tracker.betweenMessages()).isTrue();
    assertThat(feed(Frames.close(true, 1000))).isEqualTo(8);
    assertThat(tracker.closeCode()).isEqualTo(1000);
  }

  @Test
  void followsTheLongestLengthThereIsAndRefusesTheFirstThatIsNone() {
    byte[] longest = Frames.header(true, Frames.BINARY, false, Long.MAX_VALUE);
    assertThat(feed(longest)).isEqualTo(longest.length);
    assertThat(tracker.broken()).isFalse();
    assertThat(tracker.betweenFrames()).isFalse();

    FrameTracker other = new FrameTracker();
    byte[] ok = Frames.text(false, "ok");
    byte[] bad = Frames.join(ok, new byte[] {(byte) 0x82, 127, (byte) 0x80, 0, 0, 0, 0, 0, 0, 1});
    assertThat(other.advance(Unpooled.wrappedBuffer(bad), 0, bad.length)).isEqualTo(ok.length);
    assertThat(other.broken()).isTrue();
    assertThat(other.messages()).isEqualTo(1);
  }

  @Test
  void readsTheCodeOfACloseFrameMaskedOrNot() {
    assertThat(closeCode(Frames.close(true, 1001))).isEqualTo(1001);
    assertThat(closeCode(Frames.close(false, 4999))).isEqualTo(4999);
    assertThat(closeCode(Frames.frame(true, Frames.CLOSE, true, new byte[0])))
        .isEqualTo(FrameTracker.NO_CODE);
    assertThat(closeCode(Frames.frame(true, Frames.CLOSE, true, new byte[1])))
        .isEqualTo(FrameTracker.NO_CODE);
    assertThat(closeCode(Frames.frame(true, Frames.CLOSE, true, new byte[2])))
        .isEqualTo(FrameTracker.NO_CODE);
    assertThat(closeCode(Frames.join(Frames.close(true, 1000), Frames.close(true, 1002))))
        .isEqualTo(1000);
    assertThat(closeCode(Frames.text(true, "no close"))).isZero();
  }

  private static int closeCode(byte[] stream) {
    FrameTracker fresh = new FrameTracker();
    fresh.advance(Unpooled.wrappedBuffer(stream), 0, stream.length);
    return fresh.closeCode();
  }

  @Test
  void passesWhatIsBetweenTheEndpointsReservedOpcodesFlagsAndIllegalControlFrames() {
    byte[] reserved = Frames.frame(true, 0x7, true, new byte[10]);
    reserved[0] |= 0x70;
    byte[] stream =
        Frames.join(
            reserved,
            Frames.frame(true, 0xB, false, new byte[10]),
            Frames.frame(true, Frames.PING, true, new byte[126]),
            Frames.frame(false, Frames.PING, true, new byte[5]),
            Frames.frame(true, Frames.CLOSE, true, new byte[70_000]));
    assertThat(feed(stream)).isEqualTo(stream.length);
    assertThat(tracker.betweenMessages()).isTrue();
    assertThat(tracker.messages()).isEqualTo(1);
    assertThat(tracker.closed()).isTrue();
  }

  @Test
  void knowsAFragmentedMessageFromItsFirstFrameToItsLast() {
    feed(Frames.frame(false, Frames.TEXT, true, new byte[3]));
    assertThat(tracker.betweenFrames()).isTrue();
    assertThat(tracker.betweenMessages()).isFalse();
    feed(Frames.frame(true, Frames.PING, true, new byte[3]));
    assertThat(tracker.betweenMessages()).isFalse();
    feed(Frames.frame(false, Frames.CONTINUATION, true, new byte[3]));
    assertThat(tracker.betweenMessages()).isFalse();
    assertThat(tracker.messages()).isZero();
    feed(Frames.frame(true, Frames.CONTINUATION, true, new byte[3]));
    assertThat(tracker.betweenMessages()).isTrue();
    assertThat(tracker.messages()).isEqualTo(1);
  }

  private static FrameTracker limitedTo(long bytes) {
    return new FrameTracker(
        FrameRules.of(
            TunnelTerms.of(new TestPolicy().messageBytes(bytes).build()), null, true, null, null));
  }

  private static int passed(FrameTracker limited, byte[] stream) {
    return limited.advance(Unpooled.wrappedBuffer(stream), 0, stream.length);
  }

  @Test
  void aMessageMayBeAsLongAsTheLimitAndNoFrameOfOneMoreBytePasses() {
    FrameTracker limited = limitedTo(1000);
    byte[] most = Frames.frame(true, Frames.BINARY, true, new byte[1000]);
    assertThat(passed(limited, Frames.join(most, most))).isEqualTo(2 * most.length);
    assertThat(limited.broken()).isFalse();
    byte[] more = Frames.frame(true, Frames.BINARY, true, new byte[1001]);
    assertThat(passed(limited, Frames.join(most, more))).isEqualTo(most.length);
    assertThat(limited.fault()).isEqualTo(CloseCause.SIZE);
    assertThat(limited.messages()).isEqualTo(3);
    assertThat(limited.betweenFrames()).isTrue();
  }

  @Test
  void aLimitIsOverAllFragmentsOfAMessageWithoutTheControlFramesAmongThem() {
    FrameTracker limited = limitedTo(1000);
    byte[] first = Frames.frame(false, Frames.BINARY, true, new byte[600]);
    byte[] ping = Frames.frame(true, Frames.PING, true, new byte[125]);
    byte[] second = Frames.frame(false, Frames.CONTINUATION, true, new byte[400]);
    byte[] empty = Frames.frame(true, Frames.CONTINUATION, true, new byte[0]);
    byte[] fits = Frames.join(first, ping, ping, ping, ping, second, empty);
    assertThat(passed(limited, Frames.join(fits, fits))).isEqualTo(2 * fits.length);
    byte[] last = Frames.frame(true, Frames.CONTINUATION, true, new byte[1]);
    byte[] earlier = Frames.join(first, ping, second);
    assertThat(passed(limited, Frames.join(earlier, last))).isEqualTo(earlier.length);
    assertThat(limited.fault()).isEqualTo(CloseCause.SIZE);
  }

  @Test
  void lengthsThatAddUpToMoreThanThereIsAreBeyondEveryLimit() {
    for (long limit : new long[] {1L << 33, Long.MAX_VALUE - 1, Long.MAX_VALUE}) {
      FrameTracker limited = limitedTo(limit);
      byte[] first = Frames.frame(false, Frames.BINARY, true, new byte[2]);
      byte[] huge = Frames.header(true, Frames.CONTINUATION, true, Long.MAX_VALUE - 1);
      assertThat(passed(limited, Frames.join(first, huge))).isEqualTo(first.length);
      assertThat(limited.fault()).isEqualTo(CloseCause.SIZE);
    }
    FrameTracker limited = limitedTo(5L << 30);
    byte[] header = Frames.header(true, Frames.BINARY, true, 5L << 30);
    assertThat(passed(limited, header)).isEqualTo(header.length);
  }

  @Test
  void aControlFrameIsNoWayAroundALimit() {
    FrameTracker limited = limitedTo(1000);
    byte[] illegal = Frames.frame(true, Frames.PING, true, new byte[1000]);
    byte[] longer = Frames.frame(true, Frames.PING, true, new byte[1001]);
    assertThat(passed(limited, Frames.join(illegal, longer))).isEqualTo(illegal.length);
    assertThat(limited.fault()).isEqualTo(CloseCause.SIZE);
  }

  @Test
  void aLimitIsKeptHoweverAStreamIsCut() {
    byte[] before = Frames.frame(false, Frames.TEXT, true, new byte[300]);
    byte[] stream =
        Frames.join(before, Frames.frame(true, Frames.CONTINUATION, true, new byte[70_000]));
    for (int cut = 0; cut <= before.length + 20; cut++) {
      FrameTracker limited = limitedTo(70_000);
      int passed = limited.advance(Unpooled.wrappedBuffer(stream, 0, cut), 0, cut);
      if (!limited.broken()) {
        int left = stream.length - passed;
        passed += limited.advance(Unpooled.wrappedBuffer(stream, passed, left), 0, left);
      }
      assertThat(passed).as("cut at %d", cut).isEqualTo(before.length);
      assertThat(limited.fault()).isEqualTo(CloseCause.SIZE);
    }
  }
}
