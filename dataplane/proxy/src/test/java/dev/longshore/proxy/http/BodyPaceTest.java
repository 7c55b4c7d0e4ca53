package dev.longshore.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BodyPaceTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final MockTicker ticker = Ticker.newMockTicker();
  private final BodyPace pace = new BodyPace(ticker);

  @BeforeEach
  void begin() {
    pace.begin();
  }

  private void seconds(int passed) {
    ticker.advance(passed, TimeUnit.SECONDS);
  }

  private long secondsLeft() {
    return Math.ceilDiv(pace.leftNanos(), SECOND);
  }

  @Test
  void aPauseAndADripAreTooSlowAlike() {
    seconds(59);
    assertThat(secondsLeft()).isEqualTo(1);
    for (int second = 0; second < 60; second++) {
      pace.got(15);
    }
    seconds(1);
    assertThat(pace.leftNanos()).isEqualTo(1);
  }

  @Test
  void whoKeepsThePaceHasForEver() {
    for (int second = 0; second < 10_000; second++) {
      seconds(1);
      pace.got(17);
      assertThat(secondsLeft()).isPositive().isNotEqualTo(1);
    }
  }

  @Test
  void whatCameFastIsNoCreditForLater() {
    pace.got(1_000_000);
    seconds(61);
    assertThat(pace.leftNanos()).isEqualTo(1);
  }

  @Test
  void behindAPauseOfTheUpstreamItBeginsAnew() {
    seconds(100);
    pace.begin();
    assertThat(secondsLeft()).isEqualTo(60);
  }
}
