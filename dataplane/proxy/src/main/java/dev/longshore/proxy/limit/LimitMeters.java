package dev.longshore.proxy.limit;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/** What limits kept out. */
public record LimitMeters(Limiter limiter) implements MeterBinder {
  @Override
  public void bindTo(MeterRegistry registry) {
    for (Limit limit : Limit.values()) {
      FunctionCounter.builder("longshore.limited", limiter, l -> l.limited(limit))
          .description("Handshakes answered with 429, by the limit that they would exceed")
          .tag("limit", limit.label())
          .register(registry);
    }
    Gauge.builder("longshore.limit.clients.tracked", limiter, Limiter::clientsTracked)
        .description("Clients that limits tell apart now; without room for more, others share")
        .strongReference(true)
        .register(registry);
  }
}
