package dev.longshore.proxy.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.policy.Ping.Towards;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.tunnel.KeepAlive.Silence;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class KeepAliveTest {
  private static final int INTERVAL = TickClock.ticks(Duration.ofSeconds(30));
  private static final int TIMEOUT = TickClock.ticks(Duration.ofSeconds(10));

  private final KeepAlive keepAlive =
      new KeepAlive(
          TunnelTerms.of(
              new TestPolicy()
                  .ping(Duration.ofSeconds(30), Duration.ofSeconds(10), Towards.CLIENT)
                  .build()));

  @RepeatedTest(20)
  void aSideIsAskedAfterItsIntervalAndALittleLaterThanOthers() {
    int due = keepAlive.nextLook(1000, 1000);
    assertThat(due).isBetween(1000 + INTERVAL, 1000 + INTERVAL * 11 / 10);
    assertThat(keepAlive.silence(due - 1, 1000, 0)).isEqualTo(Silence.NONE);
    assertThat(keepAlive.silence(due, 1000, 0)).isEqualTo(Silence.LONG);
  }

  @Test
  void whoSaysNothingInTimeIsLostAndEveryByteIsAnAnswer() {
    keepAlive.ping(2000);
    assertThat(keepAlive.nextLook(2000, 1000)).isEqualTo(2000 + TIMEOUT);
    assertThat(keepAlive.silence(2000 + TIMEOUT - 1, 1000, 0)).isEqualTo(Silence.NONE);
    assertThat(keepAlive.silence(2000 + TIMEOUT, 1000, 0)).isEqualTo(Silence.TOO_LONG);
    assertThat(keepAlive.silence(2000 + TIMEOUT, 2000, 0)).isEqualTo(Silence.NONE);
    keepAlive.ping(3000);
    keepAlive.heard(3001);
    assertThat(keepAlive.silence(3000 + TIMEOUT, 1000, 0)).isEqualTo(Silence.NONE);
    assertThat(keepAlive.nextLook(3000 + TIMEOUT, 1000)).isGreaterThanOrEqualTo(3001 + INTERVAL);
  }

  @Test
  void whileNobodyListenedNobodyIsLost() {
    keepAlive.ping(2000);
    int back = 2000 + 10 * TIMEOUT;
    assertThat(keepAlive.silence(back, 1000, back)).isEqualTo(Silence.NONE);
    assertThat(keepAlive.silence(back + TIMEOUT, 1000, back)).isEqualTo(Silence.TOO_LONG);
  }

  @Test
  void theClockMayOverflow() {
    int before = Integer.MAX_VALUE - 10;
    assertThat(keepAlive.silence(before + INTERVAL * 2, before, before)).isEqualTo(Silence.LONG);
    keepAlive.ping(before + 20);
    assertThat(keepAlive.silence(before + 20 + TIMEOUT, before, before))
        .isEqualTo(Silence.TOO_LONG);
    assertThat(keepAlive.silence(before + 20 + TIMEOUT, before + 21, before))
        .isEqualTo(Silence.NONE);
  }

  @Test
  void onlyTheExactPongIsOursMaskedOrNot() {
    for (int mask : new int[] {0, 0x11223344, 0xf1e2d3c4}) {
      long nonce = keepAlive.ping(0);
      long masked = nonce ^ ((long) mask << 32 | Integer.toUnsignedLong(mask));
      assertThat(answers(Unpooled.copyLong(masked + 1), 8, mask)).isFalse();
      assertThat(answers(Unpooled.copyLong(masked), 7, mask)).isFalse();
      assertThat(answers(Unpooled.copyLong(masked, masked), 16, mask)).isFalse();
      assertThat(keepAlive.awaited()).isTrue();
      assertThat(answers(Unpooled.copyLong(masked), 8, mask)).isTrue();
      assertThat(keepAlive.awaited()).isFalse();
      assertThat(answers(Unpooled.copyLong(masked), 8, mask)).isFalse();
    }
  }

  private boolean answers(ByteBuf payload, int length, int mask) {
    keepAlive.pong(payload, 0, length, mask);
    return keepAlive.takeAnswer();
  }

  @Test
  void theLatestRelayedPingHasToBeAnsweredBeforeOneOfOurs() {
    ByteBuf first = Unpooled.wrappedBuffer(new byte[] {1, 2, 3, 4, 5});
    ByteBuf second = Unpooled.wrappedBuffer(new byte[] {1, 2, 3, 4, 6});
    int mask = 0xa1b2c3d4;
    ByteBuf masked = Unpooled.wrappedBuffer(new byte[] {1, 2, 3, 4, 6});
    masked.setInt(0, masked.getInt(0) ^ mask).setByte(4, masked.getByte(4) ^ (mask >>> 24));
    keepAlive.ping(0);
    keepAlive.relayedPing(ControlFrame.digest(first, 0, 5, 0));
    keepAlive.relayedPing(ControlFrame.digest(second, 0, 5, 0));
    assertThat(answers(first, 5, 0)).isFalse();
    assertThat(keepAlive.mayPing()).isFalse();
    assertThat(keepAlive.awaited()).isTrue();
    assertThat(answers(masked, 5, mask)).isFalse();
    assertThat(keepAlive.mayPing()).isTrue();
    assertThat(keepAlive.awaited()).isFalse();
  }
}
