package dev.longshore.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.operator.source.Holdings.Share;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

class HoldingMetersTest {
  @Test
  void whoIsNotNearItsBoundAnyMoreIsNotShown() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    HoldingMeters meters = new HoldingMeters(registry);
    meters.show(List.of(new Share("a", 0.9, 0), new Share("b", 0.6, 3)));
    assertThat(registry.get("longshore.operator.held.ratio").tag("namespace", "a").gauge().value())
        .isEqualTo(0.9);
    assertThat(registry.get("longshore.operator.unheld").tag("namespace", "b").gauge().value())
        .isEqualTo(3);
    meters.show(List.of(new Share("a", 0.9, 0)));
    assertThat(registry.find("longshore.operator.unheld").tag("namespace", "b").gauge()).isNull();
  }
}
