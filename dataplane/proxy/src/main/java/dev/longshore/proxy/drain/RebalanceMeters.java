package dev.longshore.proxy.drain;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/** What rebalancing does. */
public record RebalanceMeters(Drains drains) implements MeterBinder {
  @Override
  public void bindTo(MeterRegistry registry) {
    FunctionCounter.builder("longshore.rebalance.moved", drains, Drains::moved)
        .description("Tunnels that were told to move to another endpoint")
        .register(registry);
    Gauge.builder("longshore.rebalance.pools", drains, Drains::moving)
        .description("Pools in which tunnels move to other endpoints now")
        .strongReference(true)
        .register(registry);
  }
}
