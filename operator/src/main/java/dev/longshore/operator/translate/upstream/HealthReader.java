package dev.longshore.operator.translate.upstream;

import dev.longshore.api.v1alpha1.Upstream;
import dev.longshore.api.v1alpha1.Upstream.ActiveHealthCheck;
import dev.longshore.api.v1alpha1.Upstream.PassiveHealthCheck;
import dev.longshore.contract.Durations;
import dev.longshore.contract.HardLimits;
import dev.longshore.contract.UpstreamPool.Active;
import dev.longshore.contract.UpstreamPool.HealthCheck;
import dev.longshore.contract.UpstreamPool.Passive;
import dev.longshore.contract.UpstreamPool.Probe;
import dev.longshore.operator.translate.field.Fields;
import dev.longshore.operator.translate.verdict.Quote;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads how endpoints that fail are found. */
final class HealthReader {
  private static final Duration SHORTEST = Duration.ofMillis(1);

  /** Shorter ones were allowed once: routes that have one are served on, with this. */
  private static final Duration SHORTEST_INTERVAL =
      Duration.ofMillis(HardLimits.PROBE_INTERVAL_MILLIS);

  private static final Duration INTERVAL = Duration.ofSeconds(5);
  private static final Duration TIMEOUT = Duration.ofSeconds(1);
  private static final Duration EJECT_FOR = Duration.ofSeconds(30);
  private static final Pattern PATH =
      Pattern.compile("/[\\x21\\x22\\x24-\\x5B\\x5D-\\x7E]{0,1023}");

  private static final Pattern SERVICE = Pattern.compile("[\\x21-\\x7E]{1,253}");

  private final Fields fields;

  HealthReader(Fields fields) {
    this.fields = fields;
  }

  /** Null when nothing is watched: without that, a panic threshold means nothing. */
  @Nullable HealthCheck read(Upstream.@Nullable HealthCheck check) {
    if (check == null) {
      return null;
    }
    Passive passive = passive(check.passive());
    Active active = active(check.active());
    int panic =
        fields.number(
            "healthCheck.panicThresholdPercent", check.panicThresholdPercent(), 50, 0, 100);
    return passive == null && active == null ? null : new HealthCheck(passive, active, panic);
  }

  private @Nullable Passive passive(@Nullable PassiveHealthCheck passive) {
    if (passive == null) {
      return null;
    }
    String at = "healthCheck.passive.";
    return new Passive(
        fields.number(at + "consecutiveFailures", passive.consecutiveFailures(), 3, 1, 1000),
        fields.duration(at + "ejectFor", passive.ejectFor(), EJECT_FOR, SHORTEST),
        fields.number(at + "maxEjectedPercent", passive.maxEjectedPercent(), 50, 0, 100));
  }

  private @Nullable Active active(@Nullable ActiveHealthCheck active) {
    if (active == null) {
      return null;
    }
    String at = "healthCheck.active.";
    Probe type =
        switch (active.type()) {
          case null -> null;
          case HTTP -> Probe.HTTP;
          case TCP -> Probe.TCP;
          case WEB_SOCKET -> Probe.WEB_SOCKET;
          case GRPC -> Probe.GRPC;
        };
    if (type == null) {
      fields.wrong(at + "type", "is missing: write HTTP, TCP, WebSocket or gRPC");
      return null;
    }
    Duration asked = fields.duration(at + "interval", active.interval(), INTERVAL, SHORTEST);
    Duration interval = asked;
    if (asked.compareTo(SHORTEST_INTERVAL) < 0) {
      interval = SHORTEST_INTERVAL;
      fields.note(
          at + "interval",
          Durations.format(asked)
              + " is taken as "
              + Durations.format(interval)
              + ", the shortest");
    }
    Duration timeout = fields.duration(at + "timeout", active.timeout(), TIMEOUT, SHORTEST);
    if (timeout.compareTo(interval) > 0) {
      fields.wrong(
          at + "timeout",
          Durations.format(timeout) + " is longer than interval, " + Durations.format(interval));
    }
    return new Active(
        type,
        path(at + "path", type, active.path()),
        interval,
        timeout,
        fields.number(at + "healthyThreshold", active.healthyThreshold(), 2, 1, 100),
        fields.number(at + "unhealthyThreshold", active.unhealthyThreshold(), 3, 1, 100),
        service(at + "service", type, active.service()));
  }

  private @Nullable String service(String field, Probe type, @Nullable String service) {
    if (service != null && type != Probe.GRPC) {
      fields.wrong(field, "goes with gRPC only: others ask for no service");
    } else if (service != null && !SERVICE.matcher(service).matches()) {
      fields.wrong(
          field,
          Quote.of(service)
              + " is not the name of a service such as chat.v1.Chat, of at most 253 characters");
    }
    return service;
  }

  private String path(String field, Probe type, @Nullable String path) {
    if (path == null) {
      return "/";
    }
    if (type == Probe.TCP || type == Probe.GRPC) {
      String word = type == Probe.TCP ? "TCP" : "gRPC";
      fields.wrong(field, "goes with HTTP and WebSocket only: a " + word + " probe has no path");
    } else if (!PATH.matcher(path).matches()) {
      fields.wrong(
          field,
          Quote.of(path)
              + " is not an absolute path such as /healthz, of at most 1024 characters, without"
              + " blanks, '#' and '\\'");
    }
    return path;
  }
}
