package dev.longshore.proxy.observe;

import dev.longshore.process.admin.AdminPage;
import dev.longshore.process.admin.AdminResponse;
import dev.longshore.process.admin.Query;
import java.nio.charset.StandardCharsets;

/** {@code /metrics}: all metrics, in Prometheus' text format or OpenMetrics. */
public final class MetricsPage implements AdminPage {
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private final Metrics metrics;

  /** Shows {@code metrics} as they are when asked. */
  public MetricsPage(Metrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public AdminResponse get(Query query) {
    String type = query.accept().contains("application/openmetrics-text") ? OPEN_METRICS : TEXT;
    return new AdminResponse(200, type, metrics.scrape(type).getBytes(StandardCharsets.UTF_8));
  }
}
