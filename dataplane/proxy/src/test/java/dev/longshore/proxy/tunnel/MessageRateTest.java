package dev.longshore.proxy.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MessageRateTest {
  private static final int SECOND = 1000 / TickClock.TICK_MILLIS;

  private final MockTicker ticker = Ticker.newMockTicker();
  private final TickClock clock = new TickClock(ticker);

  /** Turns the clock to a tick. */
  private void at(long tick) {
    ticker.advance(
        TimeUnit.MILLISECONDS.toNanos(tick * TickClock.TICK_MILLIS) - ticker.nanoTime(),
        TimeUnit.NANOSECONDS);
    clock.refresh();
  }

  /** Takes all that there is at a tick. */
  private int takeAll(MessageRate rate, int tick) {
    at(tick);
    int taken = 0;
    while (rate.take()) {
      taken++;
    }
    return taken;
  }

  @Test
  void aBurstMayComeAtOnceAndThenTheRateCounts() {
    MessageRate rate = new MessageRate(clock, 5, 20);
    assertThat(takeAll(rate, 0)).isEqualTo(20);
    assertThat(takeAll(rate, SECOND)).isEqualTo(5);
    assertThat(takeAll(rate, SECOND + 1)).isZero();
    assertThat(takeAll(rate, SECOND + 2)).isEqualTo(1);
    assertThat(takeAll(rate, 4 * SECOND + 2)).isEqualTo(15);
    assertThat(takeAll(rate, 100 * SECOND)).isEqualTo(20);
  }

  @Test
  void whatTheRateBringsInATickIsNeverABurstTooMany() {
    MessageRate rate = new MessageRate(clock, 1000, 1);
    assertThat(takeAll(rate, 0)).isEqualTo(100);
    assertThat(takeAll(rate, 1)).isEqualTo(100);
    assertThat(takeAll(rate, 100)).isEqualTo(100);
  }

  @Test
  void theLargestFiguresOverflowNothing() {
    MessageRate rate = new MessageRate(clock, 10_000_000, 100_000_000);
    at(1);
    assertThat(rate.take()).isTrue();
    at(Integer.MAX_VALUE);
    assertThat(rate.take()).isTrue();
    // An int of ticks begins anew from the least.
    at(Integer.MAX_VALUE + 6L);
    assertThat(clock.now()).isEqualTo(Integer.MIN_VALUE + 5);
    assertThat(rate.take()).isTrue();
  }
}
