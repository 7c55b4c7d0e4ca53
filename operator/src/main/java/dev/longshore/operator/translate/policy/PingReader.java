package dev.longshore.operator.translate.policy;

import dev.longshore.api.v1alpha1.Policy;
import dev.longshore.contract.Durations;
import dev.longshore.contract.policy.Ping;
import dev.longshore.contract.policy.Ping.Towards;
import dev.longshore.operator.translate.field.GatewayDurations;
import dev.longshore.operator.translate.verdict.Quote;
import java.time.Duration;
import java.util.List;

/** Pings of the data plane's own; none unless an interval is given. */
final class PingReader implements PartReader {
  /** More would be load without a use: what a ping keeps open lives for tens of seconds. */
  private static final Duration SHORTEST_INTERVAL = Duration.ofSeconds(1);

  /** Less would end tunnels of whoever is far away. */
  private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(100);

  private static final Leaf<String, Duration> INTERVAL =
      Leaf.open(
          "keepalive.ping",
          "ping",
          Leaf.Getter.in(Policy::keepalive, Policy.Keepalive::ping),
          new Text<>(PingReader::interval, "duration of at least 1s; `0s`: none"),
          Duration.ZERO);
  private static final Leaf<String, Duration> TIMEOUT =
      Leaf.open(
          "keepalive.timeout",
          "ping-timeout",
          Leaf.Getter.in(Policy::keepalive, Policy.Keepalive::timeout),
          Text.duration(SHORTEST_TIMEOUT),
          Duration.ofSeconds(10));
  private static final Leaf<Policy.Towards, Towards> TOWARDS =
      Leaf.open(
          "keepalive.towards",
          null,
          Leaf.Getter.in(Policy::keepalive, Policy.Keepalive::towards),
          Choice.of(
              Policy.Towards.class,
              side ->
                  switch (side) {
                    case CLIENT -> Towards.CLIENT;
                    case UPSTREAM -> Towards.UPSTREAM;
                    case BOTH -> Towards.BOTH;
                  }),
          Towards.CLIENT);

  @Override
  public List<Leaf<?, ?>> leaves() {
    return List.of(INTERVAL, TIMEOUT, TOWARDS);
  }

  @Override
  public Ping read(Reading in) {
    Duration interval = in.get(INTERVAL);
    Ping ping = new Ping(interval, in.get(TIMEOUT), in.get(TOWARDS));
    return interval.isZero() ? Ping.NONE : ping;
  }

  private static Duration interval(String text) {
    Duration interval = GatewayDurations.parse(text, Duration.ZERO, GatewayDurations.LONGEST);
    if (interval.isPositive() && interval.compareTo(SHORTEST_INTERVAL) < 0) {
      throw new IllegalArgumentException(
          Quote.of(text)
              + " is out of bounds: 0s (none), or from "
              + Durations.format(SHORTEST_INTERVAL)
              + " to "
              + Durations.format(GatewayDurations.LONGEST));
    }
    return interval;
  }
}
