package dev.longshore.operator.push;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.HardLimits;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TalkTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final int EACH_SECOND = HardLimits.MESSAGES_PER_SECOND_PER_DATA_PLANE;

  private static int taken(Talk talk, long now) {
    int taken = 0;
    while (taken < 100_000 && talk.take(now)) {
      taken++;
    }
    return taken;
  }

  @Test
  void aBurstAndThenSoManyASecond() {
    // Where the clock wraps around.
    long now = Long.MAX_VALUE - SECOND;
    Talk talk = new Talk(now);
    assertThat(taken(talk, now)).isEqualTo(4 * EACH_SECOND);
    assertThat(taken(talk, now)).isZero();
    now += SECOND;
    assertThat(taken(talk, now)).isEqualTo(EACH_SECOND);
    now += 100 * SECOND;
    assertThat(taken(talk, now)).isEqualTo(4 * EACH_SECOND);
  }
}
