package dev.longshore.proxy.extauth;

import dev.longshore.proxy.filter.AuthOutcome;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.concurrent.atomic.LongAdder;

/** What services said that were asked about requests and tunnels. Any thread. */
public final class AuthMeters implements MeterBinder {
  private final LongAdder allowed = new LongAdder();
  private final LongAdder denied = new LongAdder();
  private final LongAdder unknown = new LongAdder();
  private final LongAdder cached = new LongAdder();
  private final LongAdder revoked = new LongAdder();

  void said(AuthOutcome outcome) {
    switch (outcome) {
      case AuthOutcome.Allowed _ -> allowed.increment();
      case AuthOutcome.Denied _ -> denied.increment();
      case AuthOutcome.Unknown _ -> unknown.increment();
    }
  }

  /** Nobody had to be asked. */
  void cached() {
    cached.increment();
  }

  /** A tunnel is closed for what was said of it. */
  void revoked() {
    revoked.increment();
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    counter(registry, "allowed", allowed);
    counter(registry, "denied", denied);
    counter(registry, "unknown", unknown);
    counter(registry, "cached", cached);
    FunctionCounter.builder("longshore.external.auth.revoked", revoked, LongAdder::sum)
        .description("Tunnels closed because the service that let them in doesn't any more")
        .register(registry);
  }

  private static void counter(MeterRegistry registry, String outcome, LongAdder count) {
    FunctionCounter.builder("longshore.external.auth", count, LongAdder::sum)
        .description("What services said that were asked about requests and tunnels")
        .tag("outcome", outcome)
        .register(registry);
  }
}
