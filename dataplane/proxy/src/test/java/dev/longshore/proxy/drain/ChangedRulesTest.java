package dev.longshore.proxy.drain;

import static dev.longshore.proxy.Snapshots.key;
import static dev.longshore.proxy.Snapshots.source;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.Matches;
import dev.longshore.contract.PathType;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.ValueMatch;
import dev.longshore.contract.policy.Draining.OnChange;
import dev.longshore.contract.policy.InsecureMode;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.policy.UpgradeMode;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.process.watch.Part;
import dev.longshore.proxy.Snapshots;
import dev.longshore.proxy.table.ApplyResult;
import dev.longshore.proxy.table.SnapshotHolder;
import dev.longshore.proxy.testing.HandTimer;
import dev.longshore.proxy.tunnel.CloseCause;
import dev.longshore.proxy.tunnel.TunnelFixture;
import dev.longshore.proxy.tunnel.TunnelFixture.Ends;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the removal or change of a rule does to tunnels, over real connections. */
@Timeout(60)
class ChangedRulesTest {
  private static final RuleKey RULE = key("chat.example.com", PathType.PREFIX, "/");
  private static final Duration WINDOW = Duration.ofSeconds(20);
  private static final Duration GRACE = Drains.GRACE;
  private static final Duration TICK = Duration.ofMillis(100);

  private final SnapshotHolder snapshots = new SnapshotHolder();
  private final MockTicker clock = Ticker.newMockTicker();
  private final HandTimer timer = new HandTimer();
  private TunnelFixture fixture;
  private Drains drains;
  private RoutingSnapshot snapshot = RoutingSnapshot.EMPTY;

  @BeforeEach
  void open() throws Exception {
    fixture = new TunnelFixture(clock);
    drains =
        new Drains(
            fixture.tunnels,
            snapshots::current,
            IntUnaryOperator.identity(),
            GRACE,
            Part.unwatched("drains"),
            timer);
    snapshots.addListener(drains);
  }

  @AfterEach
  void close() throws Exception {
    drains.close();
    fixture.close();
  }

  private void apply(Snapshots next) {
    snapshot = next.build();
    assertThat(snapshots.apply(snapshot)).isInstanceOf(ApplyResult.Applied.class);
  }

  private void serve(Policy policy) {
    apply(
        Snapshots.from(snapshot)
            .with(Snapshots.pool("p"), "10.0.0.1:80")
            .forward(RULE, source("chat", 0, 0), "p", policy));
  }

  private void remove(RuleKey key) {
    apply(Snapshots.from(snapshot).without(key));
  }

  private static TestPolicy onRemoval(OnChange what) {
    return new TestPolicy().draining(WINDOW, what, OnChange.KEEP);
  }

  private static TestPolicy onChange() {
    return new TestPolicy().draining(WINDOW, OnChange.KEEP, OnChange.CLOSE);
  }

  private void assertClosed(Ends ends, int code, CloseCause cause) throws Exception {
    assertThat(ends.client().getInputStream().readNBytes(4))
        .containsExactly(0x88, 2, code >> 8, code & 0xff);
    ends.client().close();
    ends.upstream().close();
    assertThat(fixture.awaitEnd().cause()).isEqualTo(cause);
  }

  /** The grace, and then the window: whatever is to be closed is. */
  private void pass() throws InterruptedException {
    timer.pass(GRACE);
    passWindow();
  }

  private void passWindow() throws InterruptedException {
    // What a change is to close is found on the loop; it has to know before time passes.
    fixture.pass(clock, TICK);
    fixture.pass(clock, WINDOW);
  }

  /**
   * Everything that was to come has come: what is closed after it would have been closed before.
   */
  private void assertOpen(Ends ends) throws Exception {
    pass();
    assertThat(ends.client().getInputStream().available()).as("nothing comes").isZero();
    assertNobodyIsTold();
  }

  private void assertNobodyIsTold() {
    assertThat(fixture.tunnels.page(0, 10, tunnel -> tunnel.cause() != null).tunnels()).isEmpty();
  }

  @Test
  void aRemovedRuleClosesWhatItsPolicySays() throws Exception {
    Policy policy = onRemoval(OnChange.CLOSE).build();
    serve(policy);
    try (Ends ends = fixture.open(policy);
        Ends kept = fixture.open(onRemoval(OnChange.KEEP).build())) {
      remove(RULE);
      timer.pass(GRACE.minusNanos(1));
      passWindow();
      assertNobodyIsTold();
      timer.pass(Duration.ofNanos(1));
      passWindow();
      assertClosed(ends, 1012, CloseCause.REMOVED);
      assertOpen(kept);
    }
  }

  @Test
  void aRuleThatIsBackOrServedByAnotherClosesNothing() throws Exception {
    Policy policy = onRemoval(OnChange.CLOSE).build();
    serve(policy);
    try (Ends ends = fixture.open(policy)) {
      remove(RULE);
      serve(policy);
      assertOpen(ends);
      RuleKey conditional =
          new RuleKey(
              "*.example.com",
              PathType.PREFIX,
              "/websocket",
              new Matches(
                  List.of(new ValueMatch("x-beta", ValueMatch.Type.EXACT, "1")), List.of()));
      apply(Snapshots.from(snapshot).forward(conditional, source("other", 0, 0), "p"));
      remove(RULE);
      assertOpen(ends);
      // What can't be served is in its place, and no removal.
      apply(Snapshots.from(snapshot).rule(conditional, source("other", 0, 0)));
      assertOpen(ends);
      serve(policy);
      remove(RULE);
      remove(conditional);
      pass();
      assertClosed(ends, 1012, CloseCause.REMOVED);
    }
  }

  @Test
  void aRuleThatCanNotBeServedKeepsItsTunnels() throws Exception {
    Policy policy = new TestPolicy().draining(WINDOW, OnChange.CLOSE, OnChange.CLOSE).build();
    serve(policy);
    try (Ends ends = fixture.open(policy)) {
      apply(Snapshots.from(snapshot).rule(RULE, source("chat", 0, 0)));
      assertOpen(ends);
      serve(policy);
      assertOpen(ends);
    }
  }

  static List<Policy> tightened() {
    return List.of(
        onChange().allow("10.0.0.0/8").build(),
        onChange().deny("192.0.2.0/24").build(),
        onChange().origins("https://other.example.com").build(),
        onChange().subprotocols("v2").build(),
        onChange().with(UpgradeMode.DENY).build(),
        onChange().with(InsecureMode.REDIRECT).build());
  }

  private Ends openBy(@Nullable String origin, @Nullable String subprotocol) throws Exception {
    return fixture.open(fixture.context(Policy.DEFAULT, origin, subprotocol));
  }

  @ParameterizedTest
  @MethodSource("tightened")
  void aTightenedPolicyClosesWhomItWouldNotAdmit(Policy policy) throws Exception {
    serve(Policy.DEFAULT);
    try (Ends ends = openBy("https://chat.example.com", "v1")) {
      serve(policy);
      passWindow();
      assertClosed(ends, 1008, CloseCause.POLICY);
    }
  }

  @Test
  void whoWouldStillBeAdmittedStays() throws Exception {
    serve(Policy.DEFAULT);
    try (Ends ends = openBy(null, null);
        Ends browser = openBy("https://chat.example.com", "v2")) {
      serve(
          onChange()
              .allow("192.0.2.0/24")
              .origins("https://*.example.com")
              .subprotocols("v2")
              .with(UpgradeMode.REQUIRE)
              .build());
      assertOpen(ends);
      assertOpen(browser);
    }
  }

  @Test
  void byDefaultATightenedPolicyIsForNewHandshakesAlone() throws Exception {
    serve(Policy.DEFAULT);
    try (Ends ends = openBy(null, null)) {
      serve(new TestPolicy().with(UpgradeMode.DENY).build());
      assertOpen(ends);
    }
  }

  @Test
  void whatWasAdmittedBeforeAndOpensAfterTheChangeIsFoundToo() throws Exception {
    serve(Policy.DEFAULT);
    try (Ends other = openBy(null, null)) {
      serve(onChange().deny("192.0.2.0/24").build());
      try (Ends late = openBy(null, null)) {
        pass();
        assertThat(late.client().getInputStream().readNBytes(4))
            .containsExactly(0x88, 2, 1008 >> 8, 1008 & 0xff);
      }
    }
  }
}
