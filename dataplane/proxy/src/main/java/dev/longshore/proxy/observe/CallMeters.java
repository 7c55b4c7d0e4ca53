package dev.longshore.proxy.observe;

import dev.longshore.proxy.grpc.GrpcStatus;
import dev.longshore.proxy.tunnel.CloseCause;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is counted of calls of gRPC: how they ended, and their messages, once they have. */
final class CallMeters {
  private final List<Counter> ends = new ArrayList<>();
  private final Map<CloseCause, Counter> closed = new EnumMap<>(CloseCause.class);
  private final Counter fromClient;
  private final Counter fromUpstream;

  CallMeters(MeterRegistry registry) {
    for (int code = 0; code <= GrpcStatus.MOST; code++) {
      ends.add(
          Counter.builder("longshore.grpc.calls")
              .description("Calls of gRPC that went to an endpoint, by the status they ended with")
              .tag("code", Integer.toString(code))
              .register(registry));
    }
    for (CloseCause cause :
        List.of(
            CloseCause.SHUTDOWN,
            CloseCause.DRAIN,
            CloseCause.REBALANCE,
            CloseCause.REMOVED,
            CloseCause.POLICY,
            CloseCause.LIFETIME)) {
      closed.put(
          cause,
          Counter.builder("longshore.grpc.calls.closed")
              .description("Calls of gRPC that the data plane itself ended, by cause")
              .tag("reason", cause.reason())
              .register(registry));
    }
    fromClient = messages(registry, "client");
    fromUpstream = messages(registry, "upstream");
  }

  private static Counter messages(MeterRegistry registry, String from) {
    return Counter.builder("longshore.grpc.messages")
        .description("Messages of calls that have ended")
        .tag("from", from)
        .register(registry);
  }

  void ended(int code, long messagesFromClient, long messagesFromUpstream) {
    ends.get(code).increment();
    fromClient.increment(messagesFromClient);
    fromUpstream.increment(messagesFromUpstream);
  }

  void closed(@Nullable CloseCause cause) {
    Counter counter = cause == null ? null : closed.get(cause);
    if (counter != null) {
      counter.increment();
    }
  }
}
