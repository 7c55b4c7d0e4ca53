package dev.longshore.proxy.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BackOffTest {
  /** Draws the most that is asked for. */
  private static final RandomGenerator MOST =
      new RandomGenerator() {
        @Override
        public long nextLong() {
          return Long.MAX_VALUE;
        }

        @Override
        public long nextLong(long bound) {
          return bound - 1;
        }
      };

  private static BackOff backOff(RandomGenerator random) {
    return new BackOff(Duration.ofMillis(250), Duration.ofSeconds(2), random);
  }

  @Test
  void theBoundDoublesUpToTheMost() {
    BackOff backOff = backOff(MOST);
    assertThat(Stream.generate(backOff::next).limit(6).map(Duration::toMillis))
        .containsExactly(250L, 500L, 1000L, 2000L, 2000L, 2000L);
    backOff.reset();
    assertThat(backOff.next()).isEqualTo(Duration.ofMillis(250));
  }

  @Test
  void waitsAreSpreadFromNothingToTheBound() {
    BackOff backOff = backOff(new Random(7));
    List<Duration> waits = Stream.generate(backOff::next).skip(4).limit(1000).toList();
    assertThat(waits).allMatch(wait -> wait.compareTo(Duration.ofSeconds(2)) <= 0);
    assertThat(waits.stream().filter(wait -> wait.toMillis() < 500).count()).isBetween(150L, 350L);
    assertThat(waits.stream().filter(wait -> wait.toMillis() > 1500).count()).isBetween(150L, 350L);
  }
}
