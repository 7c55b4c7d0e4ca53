package dev.longshore.proxy.table;

import static dev.longshore.contract.PathType.PREFIX;
import static dev.longshore.contract.PathType.REGEX;
import static dev.longshore.proxy.Snapshots.endpoints;
import static dev.longshore.proxy.Snapshots.key;
import static dev.longshore.proxy.Snapshots.pool;
import static dev.longshore.proxy.Snapshots.poolKey;
import static dev.longshore.proxy.Snapshots.snapshot;
import static dev.longshore.proxy.Snapshots.source;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.Settings;
import dev.longshore.contract.Settings.AccessLog;
import dev.longshore.proxy.Snapshots;
import dev.longshore.proxy.route.CompiledAction.Forward;
import dev.longshore.proxy.route.CompiledRule;
import dev.longshore.proxy.route.MatchBudget;
import dev.longshore.proxy.route.RequestView;
import dev.longshore.proxy.table.ApplyResult.Applied;
import dev.longshore.proxy.table.ApplyResult.Rejected;
import dev.longshore.proxy.table.ApplyResult.Unchanged;
import dev.longshore.proxy.testing.TestSettings;
import dev.longshore.proxy.upstream.AttemptedEndpoints;
import dev.longshore.proxy.upstream.EndpointState;
import dev.longshore.proxy.upstream.HealthListener;
import dev.longshore.proxy.upstream.PickHint;
import dev.longshore.proxy.upstream.Pool;
import io.netty.util.concurrent.Ticker;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

class SnapshotHolderTest {
  private static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");

  private static final RequestView NOTHING_ELSE = new RequestView.Unconditional(new MatchBudget());

  private final SnapshotHolder holder =
      new SnapshotHolder(
          Clock.fixed(NOON, ZoneOffset.UTC),
          HealthListener.NONE,
          IntUnaryOperator.identity(),
          Ticker.systemTicker());

  private static RoutingSnapshot valid(String endpoint) {
    return snapshot()
        .with(pool("p"), endpoint)
        .forward(key("h", PREFIX, "/"), source("chat", 0, 0), "p")
        .build();
  }

  private EndpointState endpoint() {
    CompiledRule rule = requireNonNull(holder.current().table().match("h", "/x", NOTHING_ELSE));
    Pool pool = requireNonNull(((Forward) rule.action()).choosePool(NOTHING_ELSE));
    assertThat(pool).isSameAs(holder.current().pools().get(poolKey("p")));
    EndpointState endpoint =
        requireNonNull(pool.acquire(AttemptedEndpoints.NONE, PickHint.NOTHING));
    endpoint.release();
    return endpoint;
  }

  @Test
  void nothingIsServedAtFirst() {
    assertThat(holder.current().applied()).isFalse();
    assertThat(holder.current().table().size()).isZero();
    assertThat(holder.current().settings()).isEqualTo(Settings.DEFAULT);
    assertThat(holder.lastRejection()).isNull();
  }

  @Test
  void anEmptySnapshotIsAppliedToo() {
    assertThat(holder.apply(RoutingSnapshot.EMPTY)).isInstanceOf(Applied.class);
    assertThat(holder.current().applied()).isTrue();
    assertThat(holder.apply(RoutingSnapshot.EMPTY)).isEqualTo(new Unchanged());
  }

  @Test
  void aSnapshotIsServedAsAWhole() {
    RoutingSnapshot one = valid("10.0.0.1:80");
    assertThat(holder.apply(one)).isEqualTo(new Applied(one.version(), one.endpointsVersion()));
    assertThat(endpoint()).hasToString("10.0.0.1:80");
    RoutingState before = holder.current();
    assertThat(before.appliedAt()).isEqualTo(NOON);

    Settings settings = new TestSettings().accessLog(AccessLog.OFF).build();
    Snapshots next = Snapshots.from(one).rule(key("h", PREFIX, "/x"), source("new", 0, 0));
    next.builder().settings(settings);
    holder.apply(next.build());
    assertThat(holder.current().settings().accessLog()).isEqualTo(AccessLog.OFF);
    assertThat(holder.current().table().match("h", "/x", NOTHING_ELSE))
        .hasToString("WebSocketRoute demo/new l0");
    // Who took the state before goes on with it.
    assertThat(before.table().match("h", "/x", NOTHING_ELSE))
        .hasToString("WebSocketRoute demo/chat l0");
    assertThat(before.settings().accessLog()).isEqualTo(AccessLog.ALL);
  }

  @Test
  void whatMeansTheSameChangesNothing() {
    holder.apply(valid("10.0.0.1:80"));
    RoutingState before = holder.current();
    assertThat(holder.apply(valid("10.0.0.1:80"))).isEqualTo(new Unchanged());
    assertThat(holder.current()).isSameAs(before);
  }

  @Test
  void endpointsChangeWithoutRebuildingRules() {
    RoutingSnapshot one = valid("10.0.0.1:80");
    holder.apply(one);
    RoutingState before = holder.current();
    EndpointState old =
        requireNonNull(
            requireNonNull(before.pools().get(poolKey("p")))
                .acquire(AttemptedEndpoints.NONE, PickHint.NOTHING));
    RoutingSnapshot two =
        Snapshots.from(one).with(endpoints("p", "-10.0.0.1:80", "10.0.0.2:80")).build();
    assertThat(holder.apply(two)).isInstanceOf(Applied.class);
    assertThat(holder.current().table()).isSameAs(before.table());
    assertThat(holder.current().snapshot().version()).isEqualTo(one.version());
    assertThat(endpoint()).hasToString("10.0.0.2:80");
    assertThat(old.open()).isEqualTo(1);
    assertThat(old.draining()).isTrue();
  }

  @Test
  void aBadSnapshotIsRefusedWholeAndNamed() {
    RoutingSnapshot good = valid("10.0.0.1:80");
    holder.apply(good);
    RoutingState before = holder.current();
    RoutingSnapshot bad =
        Snapshots.from(good)
            .with(endpoints("p", "10.0.0.9:80"))
            .rule(key("h", PREFIX, "/good"), source("good", 0, 0))
            .rule(key("h", REGEX, "/("), source("bad", 0, 0))
            .build();
    assertThat(holder.apply(bad)).isInstanceOf(Rejected.class);
    assertThat(holder.current()).isSameAs(before);
    assertThat(endpoint()).hasToString("10.0.0.1:80");
    Rejection rejection = requireNonNull(holder.lastRejection());
    assertThat(rejection.at()).isEqualTo(NOON);
    assertThat(rejection.version()).isEqualTo(bad.version());
    assertThat(rejection.errors())
        .singleElement()
        .satisfies(error -> assertThat(error.path()).startsWith("rules[h Regex /(]"));

    // Back to what is served: nothing is wrong any more.
    assertThat(holder.apply(good)).isEqualTo(new Unchanged());
    assertThat(holder.lastRejection()).isNull();
  }

  @Test
  void aDanglingReferenceIsRefused() {
    RoutingSnapshot good = valid("10.0.0.1:80");
    holder.apply(good);
    Snapshots next = Snapshots.from(good);
    next.builder().removePool(poolKey("p"));
    assertThat(holder.apply(next.build())).isInstanceOf(Rejected.class);
    assertThat(endpoint()).hasToString("10.0.0.1:80");
  }

  @Test
  void listenersHearAndTheirFailureStopsNothing() {
    List<String> heard = new ArrayList<>();
    holder.addListener(
        new RoutingListener() {
          @Override
          public void applied(RoutingState before, RoutingState now) {
            throw new IllegalStateException("planted");
          }
        });
    holder.addListener(
        new RoutingListener() {
          @Override
          public void applied(RoutingState before, RoutingState now) {
            heard.add(before.table().size() + " to " + now.table().size());
          }

          @Override
          public void rejected(RoutingSnapshot snapshot, Rejected why) {
            heard.add("rejected " + why.errors().size());
          }
        });
    RoutingSnapshot good = valid("10.0.0.1:80");
    holder.apply(good);
    holder.apply(good);
    holder.apply(Snapshots.from(good).rule(key("h", REGEX, "/("), source("bad", 0, 0)).build());
    assertThat(heard).containsExactly("0 to 1", "rejected 1");
  }

  @Test
  void readersNeverSeePartsOfTwoSnapshots() throws InterruptedException {
    RoutingSnapshot one = valid("10.0.0.1:80");
    RoutingSnapshot two =
        Snapshots.from(one)
            .rule(key("h", PREFIX, "/a"), source("a", 0, 0))
            .rule(key("g", PREFIX, "/b"), source("b", 0, 0))
            .build();
    holder.apply(one);
    AtomicBoolean torn = new AtomicBoolean();
    AtomicBoolean done = new AtomicBoolean();
    Thread reader =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!done.get()) {
                    RoutingState state = holder.current();
                    boolean first = state.table().match("g", "/b", NOTHING_ELSE) != null;
                    boolean second = state.snapshot().rules().size() == 3;
                    if (first != second) {
                      torn.set(true);
                    }
                  }
                });
    for (int i = 0; i < 2000; i++) {
      holder.apply(i % 2 == 0 ? two : one);
    }
    done.set(true);
    reader.join();
    assertThat(torn).isFalse();
  }
}
