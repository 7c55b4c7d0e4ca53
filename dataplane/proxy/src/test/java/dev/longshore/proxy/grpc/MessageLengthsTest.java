package dev.longshore.proxy.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class MessageLengthsTest {
  private final MessageLengths lengths = new MessageLengths();

  /** Of a 0-byte, a 3-byte and a 300-byte message. */
  private static ByteBuf three() {
    ByteBuf bytes = Unpooled.buffer();
    for (int size : new int[] {0, 3, 300}) {
      bytes.writeByte(0).writeInt(size).writeZero(size);
    }
    return bytes;
  }

  @Test
  void messagesAreCountedWhereverTheyAreCut() {
    ByteBuf all = three();
    for (int size = 1; size <= all.readableBytes(); size++) {
      MessageLengths each = new MessageLengths();
      for (int at = 0; at < all.readableBytes(); at += size) {
        each.follow(all.slice(at, Math.min(size, all.readableBytes() - at)));
      }
      assertThat(each.messages()).as("pieces of %s", size).isEqualTo(3);
      assertThat(each.bytes()).isEqualTo(318);
      assertThat(each.isBetween()).isTrue();
    }
    assertThat(all.readerIndex()).isZero();
  }

  @Test
  void lengthsHaveThirtyTwoBits() {
    lengths.follow(Unpooled.buffer().writeByte(1).writeInt(-1).writeZero(100));
    assertThat(lengths.isBetween()).isFalse();
    assertThat(lengths.messages()).isZero();
    ByteBuf part = Unpooled.buffer().writeZero(1 << 20);
    for (int i = 0; i < 4095; i++) {
      lengths.follow(part);
    }
    lengths.follow(part.slice(0, (1 << 20) - 102));
    assertThat(lengths.isBetween()).isFalse();
    lengths.follow(part.slice(0, 1));
    assertThat(lengths.isBetween()).isTrue();
    assertThat(lengths.messages()).isEqualTo(1);
  }

  @Test
  void theEndOfAMessageIsFoundAndNothingBehindItBegun() {
    ByteBuf all = three();
    assertThat(lengths.followToEnd(all)).isZero();
    lengths.follow(all.slice(0, 7));
    assertThat(lengths.messages()).isEqualTo(1);
    assertThat(lengths.isBetween()).isFalse();
    assertThat(lengths.followToEnd(all.slice(7, 3))).isEqualTo(3);
    assertThat(lengths.isBetween()).isFalse();
    assertThat(lengths.followToEnd(all.slice(10, all.readableBytes() - 10))).isEqualTo(3);
    assertThat(lengths.isBetween()).isTrue();
    assertThat(lengths.messages()).isEqualTo(2);
  }
}
