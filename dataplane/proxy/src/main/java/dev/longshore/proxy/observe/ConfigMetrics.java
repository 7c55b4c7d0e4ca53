package dev.longshore.proxy.observe;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/** What is applied, since when, and how long its certificates are valid. */
final class ConfigMetrics {
  /** A series for each; more than anybody looks at. */
  static final int MOST_CERTIFICATES = 1000;

  private final MultiGauge versions;
  private final MultiGauge certificates;
  private volatile Supplier<ConfigStatus> status = () -> ConfigStatus.NONE;
  private volatile Supplier<List<CertificateExpiry>> expiries = List::of;

  ConfigMetrics(MeterRegistry registry) {
    versions =
        MultiGauge.builder("longshore.config.info")
            .description("The applied versions, as labels; always 1")
            .register(registry);
    certificates =
        MultiGauge.builder("longshore.certificate.expiry.timestamp")
            .description("When a server certificate expires, in seconds since the epoch")
            .baseUnit("seconds")
            .register(registry);
    Gauge.builder("longshore.config.last.change.timestamp", this, ConfigMetrics::lastChange)
        .description("When the last change was applied, in seconds since the epoch; 0: never")
        .baseUnit("seconds")
        .register(registry);
    FunctionCounter.builder(
            "longshore.config.rejected", this, config -> config.status.get().rejections())
        .description("Snapshots rejected whole")
        .register(registry);
  }

  /** Asked at every scrape. */
  void watch(Supplier<ConfigStatus> current) {
    status = current;
  }

  /** Asked at every scrape. */
  void watchCertificates(Supplier<List<CertificateExpiry>> current) {
    expiries = current;
  }

  private double lastChange() {
    ConfigStatus.Applied applied = status.get().applied();
    return applied == null ? 0 : applied.at().toEpochMilli() / 1000.0;
  }

  /** Before every scrape. */
  void refresh() {
    versions.register(versionRows(), true);
    certificates.register(expiryRows(), true);
  }

  private List<Row<?>> versionRows() {
    ConfigStatus.Applied applied = status.get().applied();
    return applied == null
        ? List.of()
        : List.of(
            Row.of(
                Tags.of(
                    "version",
                    applied.version().brief(),
                    "endpoints_version",
                    applied.endpointsVersion().brief()),
                1));
  }

  private List<Row<?>> expiryRows() {
    return expiries.get().stream()
        .sorted(Comparator.comparing(CertificateExpiry::notAfter))
        .limit(MOST_CERTIFICATES)
        .<Row<?>>map(
            each ->
                Row.of(
                    Tags.of("namespace", each.namespace(), "secret", each.secret()),
                    each.notAfter().getEpochSecond()))
        .toList();
  }
}
