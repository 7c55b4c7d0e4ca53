package dev.longshore.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.proxy.tls.ServerHandshake.Failure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A ClientHello that comes as no client sends it. No certificate is there, so none is served. */
class ServerHandshakeTest {
  private static final byte HANDSHAKE = 22;

  private final List<Failure> failures = new ArrayList<>();
  private final EmbeddedChannel channel = new EmbeddedChannel();

  ServerHandshakeTest() {
    ServerHandshake.install(
        channel,
        Certificates::empty,
        TlsTerms.NONE,
        new ServerHandshake.Listener() {
          @Override
          public void secured(Channel secured, TlsSession session) {
            throw new AssertionError();
          }

          @Override
          public void failed(Channel failed, Failure failure) {
            failures.add(failure);
          }
        });
  }

  @AfterEach
  void end() {
    channel.finishAndReleaseAll();
  }

  private void record(int... bytes) {
    ByteBuf record = Unpooled.buffer();
    record.writeByte(HANDSHAKE).writeShort(0x0301).writeShort(bytes.length);
    for (int each : bytes) {
      record.writeByte(each);
    }
    channel.writeInbound(record);
  }

  @Test
  void inRecordsOfAByteItIsRefusedBeforeItCostsMuch() {
    record(1, 0, 0x3F, 0xF0);
    int records = 0;
    while (channel.isOpen() && records < 16_000) {
      record(0);
      records++;
    }
    assertThat(records).isLessThan(1500);
    assertThat(failures).containsExactly(Failure.DISAGREEMENT);
    ByteBuf alert = channel.readOutbound();
    assertThat(alert.getByte(6)).isEqualTo((byte) 50);
    alert.release();
  }

  @Test
  void aLargeOneInAFewPiecesIsRead() {
    int[] piece = new int[1000];
    record(1, 0, 0x3A, 0x98);
    for (int i = 0; i < 15; i++) {
      assertThat(failures).isEmpty();
      record(piece);
    }
    // It is read to its end, and then there is nothing to be served with.
    assertThat(failures).hasSize(1);
  }

  @Test
  void oneThatIsTooLargeIsRefusedAtOnce() {
    record(1, 0xFF, 0xFF, 0xFF);
    assertThat(failures).containsExactly(Failure.DISAGREEMENT);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void anEmptyRecordIsNoClientHello() {
    record();
    assertThat(failures).containsExactly(Failure.DISAGREEMENT);
    assertThat(channel.isOpen()).isFalse();
  }
}
