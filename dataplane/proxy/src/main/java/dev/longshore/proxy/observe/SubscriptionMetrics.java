package dev.longshore.proxy.observe;

import dev.longshore.proxy.subscribe.SubscriptionStatus;
import dev.longshore.proxy.subscribe.SubscriptionStatus.State;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The metrics of a data plane that hears its configuration from operators. */
final class SubscriptionMetrics {
  private final Supplier<SubscriptionStatus> status;
  private final MultiGauge active;

  SubscriptionMetrics(MeterRegistry registry, Supplier<SubscriptionStatus> status) {
    this.status = status;
    Gauge.builder("longshore.operators.known", () -> status.get().operators().size())
        .description("Operator replicas that DNS names")
        .register(registry);
    Gauge.builder("longshore.operators.connected", () -> status.get().connected())
        .description("Operator replicas that a channel is open to")
        .register(registry);
    active =
        MultiGauge.builder("longshore.operator.active")
            .description("The operator replica that configuration comes from, as label; always 1")
            .register(registry);
    Gauge.builder(
            "longshore.operator.last.message.timestamp", () -> seconds(status.get().lastMessage()))
        .description("When an operator last sent a message, in seconds since the epoch; 0: never")
        .baseUnit("seconds")
        .register(registry);
    Gauge.builder("longshore.config.age", () -> age(status.get().confirmed()))
        .description("How long no operator could have changed the table; 0 while one is connected")
        .baseUnit("seconds")
        .register(registry);
    Gauge.builder(
            "longshore.config.from.last.known.good", () -> status.get().keptAt() == null ? 0 : 1)
        .description("1 while the table is the one that an earlier process kept on disk")
        .register(registry);
    Gauge.builder("longshore.last.known.good.timestamp", () -> seconds(status.get().onDisk()))
        .description("When the table on disk was applied, in seconds since the epoch; 0: none is")
        .baseUnit("seconds")
        .register(registry);
    FunctionCounter.builder("longshore.config.nacks", status, s -> s.get().refused())
        .description("Messages of operators that were refused with a reason")
        .register(registry);
    FunctionCounter.builder("longshore.config.stale.taken", status, s -> s.get().staleTaken())
        .description("Tables taken although an earlier one was newer, for want of a newer one")
        .register(registry);
  }

  /** Called before a scrape. */
  void refresh() {
    active.register(
        status.get().operators().stream()
            .filter(operator -> operator.state() == State.ACTIVE)
            .map(operator -> Row.of(Tags.of("address", operator.address()), 1))
            .toList(),
        true);
  }

  private static double seconds(@Nullable Instant at) {
    return at == null ? 0 : at.toEpochMilli() / 1000.0;
  }

  private static double age(@Nullable Instant confirmed) {
    return confirmed == null
        ? Double.NaN
        : Math.max(0, Duration.between(confirmed, Instant.now()).toMillis() / 1000.0);
  }
}
