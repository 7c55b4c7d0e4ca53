package dev.longshore.proxy.limit;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;

/** How many clients are connected, and who was kept out for that. */
public record ConnectionMeters(Connections connections) implements MeterBinder {
  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("longshore.connections.open", connections, Connections::open)
        .description(
            "Client connections, whatever they are doing, and streams but for the first of each")
        .strongReference(true)
        .register(registry);
    Gauge.builder("longshore.connections.most", connections, Connections::most)
        .description("How many client connections there may be; 0: any number")
        .strongReference(true)
        .register(registry);
    refused(registry, "process", Connections::refused);
    refused(registry, "client", Connections::refusedOfClient);
    FunctionCounter.builder("longshore.connections.displaced", connections, Connections::displaced)
        .description("Connections closed while they waited for a request, to make room")
        .register(registry);
    FunctionCounter.builder("longshore.accept.failures", connections, Connections::acceptFailures)
        .description("Times at which no connection could be accepted, for want of a descriptor")
        .register(registry);
  }

  private void refused(MeterRegistry registry, String bound, ToDoubleFunction<Connections> count) {
    FunctionCounter.builder("longshore.connections.refused", connections, count)
        .description("Connections closed as they came, because there were too many")
        .tag("bound", bound)
        .register(registry);
  }
}
