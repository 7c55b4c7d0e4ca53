package dev.longshore.proxy.memory;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/** What request heads take of the heap, and who was cut because of it. */
public record HeadMeters(HeadMemory heads, MemoryBudget budget) implements MeterBinder {
  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("longshore.head", heads, HeadMemory::bytes)
        .description("Heap that long request heads take, beyond what each may have uncounted")
        .baseUnit("bytes")
        .strongReference(true)
        .register(registry);
    for (Holder.Kind kind : Holder.Kind.values()) {
      FunctionCounter.builder("longshore.head.cuts", budget, b -> b.cut(kind))
          .description("Connections cut because their heads took most of what heads may have")
          .tag("kind", kind.label())
          .register(registry);
    }
  }
}
