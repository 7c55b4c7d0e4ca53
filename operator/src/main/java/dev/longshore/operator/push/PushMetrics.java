package dev.longshore.operator.push;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What the push server counts; under {@code longshore_operator_push_}. For any thread. */
final class PushMetrics {
  private static final Duration[] ANSWER_BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(5),
    Duration.ofSeconds(30)
  };

  private final MeterRegistry registry;
  private final Counter snapshots;
  private final Counter deltas;
  private final Counter bytes;
  private final Counter encodings;
  private final Counter nacks;
  private final Timer answers;

  PushMetrics(MeterRegistry registry) {
    this.registry = registry;
    snapshots = messages("snapshot");
    deltas = messages("delta");
    bytes =
        Counter.builder("longshore.operator.push.bytes")
            .description("Bytes of snapshots and deltas")
            .register(registry);
    encodings =
        Counter.builder("longshore.operator.push.encodings")
            .description("Different messages encoded, each for all data planes at the same base")
            .register(registry);
    nacks =
        Counter.builder("longshore.operator.push.nacks")
            .description("Snapshots and deltas that a data plane refused")
            .register(registry);
    answers =
        Timer.builder("longshore.operator.push.ack")
            .description("From sending a snapshot or delta to its acknowledgement")
            .serviceLevelObjectives(ANSWER_BUCKETS)
            .register(registry);
  }

  /** Shows how many data planes have a role. */
  <T> void dataPlanes(String role, T source, ToDoubleFunction<T> count) {
    Gauge.builder("longshore.operator.push.data.planes", source, count)
        .description("Data planes with an open channel, by its role")
        .tag("role", role)
        .register(registry);
  }

  /** Shows how many rules are held back. */
  <T> void held(T source, ToDoubleFunction<T> count) {
    Gauge.builder("longshore.operator.push.held.rules", source, count)
        .description("Rules that answer 503 because a data plane refused them")
        .register(registry);
  }

  /** Shows how many entries one data plane alone refuses. */
  <T> void alone(T source, ToDoubleFunction<T> count) {
    Gauge.builder("longshore.operator.push.refused.alone", source, count)
        .description("Entries that one data plane refuses and no other: look at that data plane")
        .register(registry);
  }

  void encoded() {
    encodings.increment();
  }

  void sent(boolean delta, int length) {
    (delta ? deltas : snapshots).increment();
    bytes.increment(length);
  }

  void acknowledged(Duration after) {
    answers.record(after);
  }

  void rejected() {
    nacks.increment();
  }

  /** A connection that did not become a data plane's channel. */
  void refused(Refused reason) {
    Counter.builder("longshore.operator.push.refused")
        .description("Connections that were refused before their hello, by reason")
        .tag("reason", reason.name().toLowerCase(Locale.ROOT))
        .register(registry)
        .increment();
  }

  /** A channel that the operator closed. */
  void dismissed(String reason) {
    Counter.builder("longshore.operator.push.dismissed")
        .description("Channels that the operator closed, by reason")
        .tag("reason", reason.toLowerCase(Locale.ROOT))
        .register(registry)
        .increment();
  }

  private Counter messages(String type) {
    return Counter.builder("longshore.operator.push.messages")
        .description("Snapshots and deltas sent")
        .tag("type", type)
        .register(registry);
  }

  /** Why a connection did not become a channel. */
  enum Refused {
    /** As many connections as may be are without a hello. */
    TOO_MANY,
    /** There is no serving certificate yet. */
    NO_CERTIFICATE,
    /** It was no upgrade to this protocol. */
    BAD_REQUEST,
    /** No token, an invalid one, or one for another audience. */
    UNAUTHENTICATED,
    /** Another's token. */
    FORBIDDEN,
    /** Whose the token is could not be told. */
    UNAVAILABLE,
    /** No hello in time. */
    TIMEOUT
  }
}
