package dev.longshore.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BodyPaceTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private long now;
  private final BodyPace pace = new BodyPace(() -> now);

  @BeforeEach
  void begin() {
    pace.begin();
  }

  private long secondsLeft() {
    return Math.ceilDiv(pace.leftNanos(), SECOND);
  }

  @Test
  void aPauseAndADripAreTooSlowAlike() {
    now = 59 * SECOND;
    assertThat(secondsLeft()).isEqualTo(1);
    for (int second = 0; second < 60; second++) {
      pace.got(15);
    }
    now = 60 * SECOND;
    assertThat(pace.leftNanos()).isEqualTo(1);
  }

  @Test
  void whoKeepsThePaceHasForEver() {
    for (int second = 0; second < 10_000; second++) {
      now += SECOND;
      pace.got(17);
      assertThat(secondsLeft()).isPositive().isNotEqualTo(1);
    }
  }

  @Test
  void whatCameFastIsNoCreditForLater() {
    pace.got(1_000_000);
    now = 61 * SECOND;
    assertThat(pace.leftNanos()).isEqualTo(1);
  }

  @Test
  void behindAPauseOfTheUpstreamItBeginsAnew() {
    now = 100 * SECOND;
    pace.begin();
    assertThat(secondsLeft()).isEqualTo(60);
  }
}
