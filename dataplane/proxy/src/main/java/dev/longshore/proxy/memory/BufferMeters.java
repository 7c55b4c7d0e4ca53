package dev.longshore.proxy.memory;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/** The budget of network buffers, and who was cut because of it. */
public record BufferMeters(MemoryBudget budget) implements MeterBinder {
  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("longshore.buffer.budget", budget, MemoryBudget::bytes)
        .description(
            "What connections may hold in network buffers; beyond it the greediest are cut")
        .baseUnit("bytes")
        .strongReference(true)
        .register(registry);
    for (Holder.Kind kind : Holder.Kind.values()) {
      FunctionCounter.builder("longshore.memory.cuts", budget, b -> b.cut(kind))
          .description("Connections cut because they held most when buffers were beyond the budget")
          .tag("kind", kind.label())
          .register(registry);
    }
    FunctionCounter.builder("longshore.memory.cut", budget, MemoryBudget::cutBytes)
        .description("What those that were cut held in network buffers")
        .baseUnit("bytes")
        .register(registry);
  }
}
