package dev.longshore.operator;

import dev.longshore.operator.source.Holdings.Share;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.List;

/**
 * Meters of the namespaces whose objects take most of the heap; there are never more than a few.
 */
final class HoldingMeters {
  private final MultiGauge ratio;
  private final MultiGauge unheld;
  private List<Share> shown = List.of();

  HoldingMeters(MeterRegistry meters) {
    ratio =
        MultiGauge.builder("longshore.operator.held.ratio")
            .description("What a namespace's objects take of what they may, from a half on")
            .register(meters);
    unheld =
        MultiGauge.builder("longshore.operator.unheld")
            .description("Objects of a namespace that are not held, for want of room")
            .register(meters);
  }

  /** On the publisher's thread. */
  void show(List<Share> shares) {
    if (!shares.equals(shown)) {
      shown = shares;
      ratio.register(
          shares.stream().map(share -> Row.of(tags(share), share, Share::ratio)).toList(), true);
      unheld.register(
          shares.stream().map(share -> Row.of(tags(share), share, Share::unheld)).toList(), true);
    }
  }

  private static Tags tags(Share share) {
    return Tags.of("namespace", share.namespace());
  }
}
