package dev.longshore.proxy.observe;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;

/** The metrics of endpoints' health: totals, for a pool each would be too many series. */
final class HealthMetrics {
  private final Supplier<HealthFigures> figures;
  private volatile HealthFigures last;

  HealthMetrics(MeterRegistry registry, Supplier<HealthFigures> figures) {
    this.figures = figures;
    this.last = figures.get();
    Gauge.builder("longshore.endpoints.unhealthy", () -> last.ejected())
        .description("Endpoints that get nothing new unless their pool is in panic")
        .tag("reason", "ejected")
        .register(registry);
    Gauge.builder("longshore.endpoints.unhealthy", () -> last.unhealthy())
        .description("Endpoints that get nothing new unless their pool is in panic")
        .tag("reason", "probes")
        .register(registry);
    Gauge.builder("longshore.pools.in.panic", () -> last.panicking())
        .description("Pools that use all their endpoints because too few are healthy")
        .register(registry);
    FunctionCounter.builder("longshore.endpoint.ejections", this, m -> m.last.ejections())
        .description("Endpoints ejected for failures in a row")
        .register(registry);
  }

  /** Called before a scrape: all of them are counted at once. */
  void refresh() {
    last = figures.get();
  }
}
