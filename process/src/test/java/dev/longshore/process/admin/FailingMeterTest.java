package dev.longshore.process.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/** A meter that can't be read costs itself alone. */
class FailingMeterTest {
  @Test
  void theOthersAreOnThePage() {
    AtomicInteger reads = new AtomicInteger();
    ToDoubleFunction<AtomicInteger> failing =
        source -> {
          if (source.incrementAndGet() > 1) {
            throw new StackOverflowError();
          }
          return 7;
        };
    ContainedMeters meters = new ContainedMeters();
    FunctionCounter.builder("broken.count", reads, failing).register(meters);
    FunctionCounter.builder("odd.count", reads, source -> Double.NaN).register(meters);
    Gauge.builder(
            "broken.gauge",
            reads,
            source -> {
              throw new IllegalStateException("planted");
            })
        .register(meters);
    FunctionCounter.builder("good.count", reads, source -> 3).register(meters);
    Gauge.builder("good.gauge", reads, source -> 4).register(meters);
    for (int i = 0; i < 3; i++) {
      assertThat(meters.scrape())
          .contains("good_count_total 3.0", "good_gauge 4.0", "broken_count_total 7.0")
          .contains("odd_count_total 0.0", "broken_gauge NaN");
    }
  }
}
