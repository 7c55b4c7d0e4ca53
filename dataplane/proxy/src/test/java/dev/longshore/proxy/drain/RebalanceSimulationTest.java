package dev.longshore.proxy.drain;

import static dev.longshore.proxy.Snapshots.endpoints;
import static dev.longshore.proxy.Snapshots.poolKey;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Balancing;
import dev.longshore.contract.UpstreamPool.Rebalance;
import dev.longshore.proxy.Snapshots;
import dev.longshore.proxy.drain.RebalancePlan.Load;
import dev.longshore.proxy.drain.RebalancePlan.Plan;
import dev.longshore.proxy.tls.UpstreamContexts;
import dev.longshore.proxy.upstream.AttemptedEndpoints;
import dev.longshore.proxy.upstream.EndpointState;
import dev.longshore.proxy.upstream.PickHint;
import dev.longshore.proxy.upstream.Pool;
import dev.longshore.proxy.upstream.Pools;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A backend that grows from two endpoints to four, behind data planes that pick as they do, each
 * seeing its own tunnels. A client that is told to close is back within some seconds, at any data
 * plane.
 */
class RebalanceSimulationTest {
  private static final int CLIENTS = 2000;
  private static final int RATE = 50;
  private static final int TOLERANCE = 10;
  private static final int LONGEST_ABSENCE = 5;
  private static final int AFTERWARDS = 300;

  private final SplittableRandom random = new SplittableRandom(7);
  private final List<DataPlane> dataPlanes = new ArrayList<>();

  /** Clients that are away, by the second in which they are back. */
  private final Map<Integer, Integer> returning = new HashMap<>();

  /** One process. */
  private static final class DataPlane {
    private RoutingSnapshot snapshot = RoutingSnapshot.EMPTY;
    private Pools pools = Pools.empty();
    private final Map<EndpointState, Integer> standing = new LinkedHashMap<>();
    private boolean moving;

    void apply(RoutingSnapshot next) {
      Pools.Update update = pools.prepare(snapshot, next, UpstreamContexts.empty());
      update.commit();
      pools = update.pools();
      snapshot = next;
    }

    Pool pool() {
      return requireNonNull(pools.get(poolKey("p")));
    }

    void connect() {
      EndpointState endpoint =
          requireNonNull(pool().acquire(AttemptedEndpoints.NONE, PickHint.NOTHING));
      standing.merge(endpoint, 1, Integer::sum);
    }

    /** Tells tunnels to close, and returns how many. */
    int round(int most) {
      List<EndpointState> endpoints = pool().endpoints();
      List<Load> loads =
          endpoints.stream()
              .map(each -> new Load(standing.getOrDefault(each, 0), pool().share(each)))
              .toList();
      Plan plan = RebalancePlan.plan(loads, moving, TOLERANCE, most);
      moving = plan.moving();
      int moved = 0;
      for (int i = 0; i < endpoints.size(); i++) {
        EndpointState endpoint = endpoints.get(i);
        for (int k = 0; k < plan.moves().get(i); k++) {
          endpoint.release();
          standing.merge(endpoint, -1, Integer::sum);
          moved++;
        }
      }
      return moved;
    }
  }

  private void connect(int clients) {
    for (int i = 0; i < clients; i++) {
      dataPlanes.get(random.nextInt(dataPlanes.size())).connect();
    }
  }

  /** One second; returns how many were told to move. */
  private int second(int now) {
    int moved = 0;
    for (DataPlane each : dataPlanes) {
      moved += each.round(Math.max(1, RATE / dataPlanes.size()));
    }
    for (int i = 0; i < moved; i++) {
      returning.merge(now + 1 + random.nextInt(LONGEST_ABSENCE), 1, Integer::sum);
    }
    Integer back = returning.remove(now);
    connect(back == null ? 0 : back);
    return moved;
  }

  private List<Integer> tunnels() {
    Map<String, Integer> sums = new LinkedHashMap<>();
    for (DataPlane each : dataPlanes) {
      each.pool()
          .endpoints()
          .forEach(
              endpoint ->
                  sums.merge(
                      endpoint.toString(), each.standing.getOrDefault(endpoint, 0), Integer::sum));
    }
    return List.copyOf(sums.values());
  }

  private static UpstreamPool pool(Balancing balancing) {
    UpstreamPool plain = Snapshots.pool("p", balancing, Duration.ZERO);
    return UpstreamPool.of(
        plain.key(),
        plain.endpoints(),
        plain.balancing(),
        plain.slowStart(),
        plain.keepalive(),
        new Rebalance(RATE, TOLERANCE));
  }

  /**
   * The rate alone implies 20 s for the thousand that are too many, and who is away makes the
   * others look like too many for a moment. By least connections nobody comes back to where it was;
   * otherwise every second one does, and it is away for some seconds before that is known.
   */
  @ParameterizedTest
  @CsvSource({
    "LEAST_CONNECTIONS, 1, 25",
    "LEAST_CONNECTIONS, 3, 25",
    "LEAST_CONNECTIONS, 10, 25",
    "ROUND_ROBIN, 1, 60",
    "ROUND_ROBIN, 5, 60",
    "RANDOM, 1, 60",
    "RANDOM, 3, 60"
  })
  void fromTwoEndpointsToFourItSettlesInTimeAndStays(
      Balancing balancing, int processes, int seconds) {
    RoutingSnapshot two =
        Snapshots.snapshot().with(pool(balancing), "10.0.0.1:80", "10.0.0.2:80").build();
    IntStream.range(0, processes).forEach(i -> dataPlanes.add(new DataPlane()));
    dataPlanes.forEach(each -> each.apply(two));
    connect(CLIENTS);
    RoutingSnapshot four =
        Snapshots.from(two)
            .with(endpoints("p", "10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80", "10.0.0.4:80"))
            .build();
    dataPlanes.forEach(each -> each.apply(four));
    int now = 0;
    Deque<Integer> moves = new ArrayDeque<>();
    while (now < seconds) {
      moves.add(second(now++));
    }
    for (int i = 0; i < LONGEST_ABSENCE; i++) {
      moves.add(second(now++));
    }
    assertThat(moves).allMatch(each -> each <= RATE);
    assertThat(tunnels().stream().mapToInt(i -> i).sum()).isEqualTo(CLIENTS);
    // By chance alone no two endpoints have the same: there the promise is that nobody has too
    // many.
    int least = balancing == Balancing.RANDOM ? 0 : 450;
    assertThat(tunnels())
        .as("within 10 %% of even, after %s", moves)
        .allMatch(each -> each >= least && each <= 550);
    int later = 0;
    for (int i = 0; i < AFTERWARDS; i++) {
      later += second(now++);
    }
    assertThat(later).as("moved once it was even").isZero();
  }
}
