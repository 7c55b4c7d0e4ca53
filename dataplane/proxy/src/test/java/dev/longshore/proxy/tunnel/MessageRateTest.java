package dev.longshore.proxy.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

class MessageRateTest {
  private static final int SECOND = 1000 / TunnelLoop.TICK_MILLIS;

  private final TunnelLoop loop =
      new TunnelLoop(new EmbeddedChannel().eventLoop(), TunnelObserver.NONE, 0);

  /** Takes all that there is at a tick, in seconds; the loop's clock is the test's. */
  private int takeAll(MessageRate rate, int tick) {
    int taken = 0;
    loop.now = tick;
    while (rate.take()) {
      taken++;
      loop.now = tick;
    }
    return taken;
  }

  @Test
  void aBurstMayComeAtOnceAndThenTheRateCounts() {
    MessageRate rate = new MessageRate(loop, 5, 20);
    assertThat(takeAll(rate, 0)).isEqualTo(20);
    assertThat(takeAll(rate, SECOND)).isEqualTo(5);
    assertThat(takeAll(rate, SECOND + 1)).isZero();
    assertThat(takeAll(rate, SECOND + 2)).isEqualTo(1);
    assertThat(takeAll(rate, 4 * SECOND + 2)).isEqualTo(15);
    assertThat(takeAll(rate, 100 * SECOND)).isEqualTo(20);
  }

  @Test
  void whatTheRateBringsInATickIsNeverABurstTooMany() {
    MessageRate rate = new MessageRate(loop, 1000, 1);
    assertThat(takeAll(rate, 0)).isEqualTo(100);
    assertThat(takeAll(rate, 1)).isEqualTo(100);
    assertThat(takeAll(rate, 100)).isEqualTo(100);
  }

  @Test
  void theLargestFiguresOverflowNothing() {
    MessageRate rate = new MessageRate(loop, 10_000_000, 100_000_000);
    loop.now = 1;
    assertThat(rate.take()).isTrue();
    loop.now = Integer.MAX_VALUE;
    assertThat(rate.take()).isTrue();
    loop.now = Integer.MIN_VALUE + 5;
    assertThat(rate.take()).isTrue();
  }
}
