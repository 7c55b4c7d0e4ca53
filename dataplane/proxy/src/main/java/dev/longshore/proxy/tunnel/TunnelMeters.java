package dev.longshore.proxy.tunnel;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;

/** What the tunnels show of themselves. */
public record TunnelMeters(Tunnels tunnels) implements MeterBinder {
  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("longshore.tunnels.open", tunnels, t -> t.open() - t.openCalls())
        .description("Open tunnels")
        .strongReference(true)
        .register(registry);
    Gauge.builder("longshore.grpc.calls.open", tunnels, Tunnels::openCalls)
        .description("Calls of gRPC that have lasted for a second and go on")
        .strongReference(true)
        .register(registry);
    Gauge.builder("longshore.draining", tunnels, t -> t.draining() ? 1 : 0)
        .description("1 while a shutdown closes the tunnels")
        .strongReference(true)
        .register(registry);
    Gauge.builder("longshore.drain.pending", tunnels, Tunnels::pending)
        .description("Tunnels that are to be closed within a window, and have not been told yet")
        .strongReference(true)
        .register(registry);
    traffic(registry, "client", Tunnels::bytesFromClients, Tunnels::messagesFromClients);
    traffic(registry, "upstream", Tunnels::bytesFromUpstreams, Tunnels::messagesFromUpstreams);
    pings(registry, "client", Tunnels::pingsToClients);
    pings(registry, "upstream", Tunnels::pingsToUpstreams);
  }

  private void pings(MeterRegistry registry, String towards, ToDoubleFunction<Tunnels> pings) {
    FunctionCounter.builder("longshore.pings", tunnels, pings)
        .description("Pings of the proxy's own; those that are relayed are none")
        .tag("towards", towards)
        .register(registry);
  }

  private void traffic(
      MeterRegistry registry,
      String from,
      ToDoubleFunction<Tunnels> bytes,
      ToDoubleFunction<Tunnels> messages) {
    FunctionCounter.builder("longshore.tunnel", tunnels, bytes)
        .description("Bytes read from tunnels, frame headers included")
        .baseUnit("bytes")
        .tag("from", from)
        .register(registry);
    FunctionCounter.builder("longshore.tunnel.messages", tunnels, messages)
        .description("Messages read from tunnels; control frames are none")
        .tag("from", from)
        .register(registry);
  }
}
