package dev.longshore.operator;

import dev.longshore.operator.source.ResourceRef;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.SortedSet;

/** Meters of the resources that are closed because the translator fails at them; only a few. */
final class FailingMeters {
  private static final int MOST = 20;

  private final MultiGauge gauges;
  private List<ResourceRef> shown = List.of();

  FailingMeters(MeterRegistry meters) {
    gauges =
        MultiGauge.builder("longshore.operator.translation.failing")
            .description("1 for a resource that is closed for a fault of the operator's at it")
            .register(meters);
  }

  /** On the publisher's thread. */
  void show(SortedSet<ResourceRef> failing) {
    List<ResourceRef> now = failing.stream().limit(MOST).toList();
    if (!now.equals(shown)) {
      shown = now;
      gauges.register(
          now.stream()
              .map(
                  ref ->
                      MultiGauge.Row.of(
                          Tags.of(
                              "kind",
                              ref.kind().label(),
                              "namespace",
                              ref.namespace(),
                              "name",
                              ref.name()),
                          1))
              .toList(),
          true);
    }
  }
}
