package dev.longshore.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {

  @ParameterizedTest
  @CsvSource({
    "PT0S, 0s",
    "PT0.5S, 500ms",
    "PT60S, 1m",
    "PT1H30M, 1h30m",
    "PT25H0M1.001S, 25h1s1ms",
    "PT399996H, 399996h",
  })
  void writesAndReads(Duration duration, String text) {
    assertThat(Durations.format(duration)).isEqualTo(text);
    assertThat(Durations.parse(text)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT-1S", "PT0.0001S", "PT399996H1S", "PT999999999999H"})
  void whatHasNoFormIsStillCanonicalButNotRead(Duration duration) {
    assertThat(Durations.representable(duration)).isFalse();
    String text = Durations.format(duration);
    assertThatThrownBy(() -> Durations.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "5", "s", "-1s", "1.5s", "1s1h", "1d", "0000001s", "399996h1s", "1s "})
  void refusesOthers(String text) {
    assertThatThrownBy(() -> Durations.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
