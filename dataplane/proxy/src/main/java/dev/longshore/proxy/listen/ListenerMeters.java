package dev.longshore.proxy.listen;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/** How many listeners accept connections, and how many can't. */
public record ListenerMeters(Listeners listeners) implements MeterBinder {
  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("longshore.listeners.open", listeners, Listeners::open)
        .description("Listeners that accept connections, of the flags and of the table")
        .strongReference(true)
        .register(registry);
    Gauge.builder("longshore.listeners.failing", listeners, each -> each.troubles().size())
        .description("Listeners that can't be opened, which is tried again every second")
        .strongReference(true)
        .register(registry);
  }
}
