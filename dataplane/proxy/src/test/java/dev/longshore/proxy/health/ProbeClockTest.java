package dev.longshore.proxy.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.Endpoint;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.process.watch.Part;
import dev.longshore.proxy.dial.Dialer;
import dev.longshore.proxy.health.ProbeKey.Question;
import dev.longshore.proxy.health.ProbeLoop.Subscription;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.observe.MetricValues;
import dev.longshore.proxy.observe.Metrics;
import dev.longshore.proxy.upstream.EndpointState;
import dev.longshore.proxy.upstream.EndpointStates;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When endpoints are probed, by a clock of the test's. Each probe is over at once. */
class ProbeClockTest {
  private static final Duration INTERVAL = Duration.ofSeconds(10);
  private static final Duration FIRST = Duration.ofSeconds(3);
  private static final int STEP_MILLIS = 10;
  private static final EndpointState ENDPOINT =
      EndpointStates.of(new Endpoint("127.0.0.1", 1, Endpoint.State.READY));

  private final MockTicker ticker = Ticker.newMockTicker();
  private final EmbeddedChannel clock = EmbeddedChannel.builder().ticker(ticker).build();
  private final Metrics metrics = new Metrics();

  /** When they began, in milliseconds. */
  private final List<Long> probes = new ArrayList<>();

  private final ProbeLoop loop =
      new ProbeLoop(
          clock.eventLoop(),
          new Dialer(
              clock.eventLoop(),
              _ -> {
                probes.add(TimeUnit.NANOSECONDS.toMillis(ticker.nanoTime()));
                throw new IllegalStateException("no socket, so that it is over at once");
              }),
          new DeadlineSweep(clock.eventLoop(), Part.unwatched("deadlines"), ticker),
          metrics,
          Part.unwatched("probes"),
          ticker);

  @AfterEach
  void close() {
    clock.finishAndReleaseAll();
    metrics.close();
  }

  @SuppressWarnings("NullAway") // its pool is asked only where there is TLS
  private static Subscription subscription() {
    Question question =
        new Question(UpstreamPool.Probe.TCP, "/", null, null, INTERVAL, Duration.ofSeconds(5));
    Check check =
        new Check(new ProbeKey("demo", ENDPOINT.socketAddress(), question), 0, FIRST.toNanos());
    return new Subscription(check, new Watcher(null, ENDPOINT));
  }

  private void pass(Duration time) {
    for (long left = time.toMillis(); left > 0; left -= STEP_MILLIS) {
      ticker.advance(STEP_MILLIS, TimeUnit.MILLISECONDS);
      clock.runPendingTasks();
    }
  }

  @Test
  void theFirstComesAtItsPlaceAndEachNextAnIntervalLaterOrATenthMoreOrLess() {
    loop.change(List.of(subscription()), List.of());
    clock.runPendingTasks();
    pass(FIRST.minusMillis(STEP_MILLIS));
    assertThat(probes).isEmpty();
    pass(INTERVAL.multipliedBy(200));
    assertThat(probes.getFirst()).isEqualTo(FIRST.toMillis());
    List<Long> pauses = new ArrayList<>();
    for (int i = 1; i < probes.size(); i++) {
      pauses.add(probes.get(i) - probes.get(i - 1));
    }
    // A look is up to 5 ms later, and a step of this clock after that.
    assertThat(pauses).hasSizeGreaterThan(150).allMatch(pause -> pause >= 9000 && pause <= 11_020);
    assertThat(pauses).as("they don't align").anyMatch(p -> p < 9500).anyMatch(p -> p > 10_500);
    assertThat(delayed()).isZero();
  }

  @Test
  void whoIsNoLongerAskedForIsProbedNoMore() {
    Subscription one = subscription();
    loop.change(List.of(one), List.of());
    pass(FIRST.plus(INTERVAL.multipliedBy(2)));
    int before = probes.size();
    assertThat(before).isPositive();
    loop.change(List.of(), List.of(one));
    pass(INTERVAL.multipliedBy(3));
    assertThat(probes).hasSize(before);
  }

  @Test
  void aProbeIsLateAQuarterOfItsIntervalAfterItWasDue() {
    loop.change(List.of(subscription()), List.of());
    clock.runPendingTasks();
    Duration quarter = INTERVAL.dividedBy(4);
    // The loop was busy for so long.
    ticker.advance(FIRST.plus(quarter).toNanos(), TimeUnit.NANOSECONDS);
    clock.runPendingTasks();
    assertThat(probes).hasSize(1);
    assertThat(delayed()).isZero();
    ticker.advance(
        INTERVAL.multipliedBy(11).dividedBy(10).plus(quarter).toNanos() + 4, TimeUnit.NANOSECONDS);
    clock.runPendingTasks();
    assertThat(probes).hasSize(2);
    assertThat(delayed()).isEqualTo(1);
  }

  private double delayed() {
    return MetricValues.of(metrics, "longshore_health_probes_delayed_total");
  }
}
