package dev.longshore.operator;

import dev.longshore.operator.translate.quota.QuotaShare;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.List;

/** Meters of the namespaces that are nearest to their quotas; there are never more than a few. */
final class QuotaMeters {
  private final MultiGauge used;
  private List<QuotaShare> shown = List.of();

  QuotaMeters(MeterRegistry meters) {
    used =
        MultiGauge.builder("longshore.operator.quota.used.ratio")
            .description("What a namespace has of its quota, from a half on; 1 is all of it")
            .register(meters);
  }

  /** On the publisher's thread. */
  void show(List<QuotaShare> shares) {
    if (!shares.equals(shown)) {
      shown = shares;
      used.register(
          shares.stream()
              .map(
                  share ->
                      MultiGauge.Row.of(
                          Tags.of("namespace", share.namespace(), "quota", share.bound()),
                          share,
                          QuotaShare::ratio))
              .toList(),
          true);
    }
  }
}
