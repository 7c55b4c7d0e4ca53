package dev.longshore.proxy.subscribe;

import static dev.longshore.contract.PathType.PREFIX;
import static dev.longshore.proxy.Snapshots.key;
import static dev.longshore.proxy.Snapshots.pool;
import static dev.longshore.proxy.Snapshots.snapshot;
import static dev.longshore.proxy.Snapshots.source;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotDelta;
import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.push.Ack;
import dev.longshore.contract.push.Current;
import dev.longshore.contract.push.DeltaMessage;
import dev.longshore.contract.push.Features;
import dev.longshore.contract.push.Fleet;
import dev.longshore.contract.push.Goodbye;
import dev.longshore.contract.push.Hello;
import dev.longshore.contract.push.Hello.Role;
import dev.longshore.contract.push.Nack;
import dev.longshore.contract.push.Origin;
import dev.longshore.contract.push.Resync;
import dev.longshore.contract.push.SnapshotMessage;
import dev.longshore.contract.push.Stale;
import dev.longshore.contract.push.Unreadable;
import dev.longshore.process.watch.Watch;
import dev.longshore.proxy.subscribe.SubscriptionStatus.State;
import dev.longshore.proxy.table.ApplyResult;
import dev.longshore.proxy.table.SnapshotHolder;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A subscription against real servers: what it says, what it serves, and whom it asks. */
class SubscriptionTest {
  private static final String HOST = "operator.test";
  private static final Duration LONG = Duration.ofSeconds(30);

  private static final Timing QUICK =
      new Timing(
          Duration.ofMillis(100),
          Duration.ofMillis(20),
          Duration.ofMillis(100),
          Duration.ofSeconds(20),
          Duration.ofMillis(200),
          Duration.ofSeconds(20),
          Duration.ofSeconds(1),
          Duration.ofSeconds(60));

  @TempDir private Path temp;
  private final TestPki pki = new TestPki();
  private final List<AutoCloseable> open = new ArrayList<>();
  private final SnapshotHolder holder = new SnapshotHolder();
  private final FleetSize fleet = new FleetSize();
  private final MockTicker ticker = Ticker.newMockTicker();
  private volatile List<String> addresses = List.of("127.0.0.1");
  private int port;

  @BeforeEach
  void files() throws IOException {
    Files.writeString(ca(), pki.bundle());
    Files.writeString(token(), "token-1\n");
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private Path ca() {
    return temp.resolve("ca.crt");
  }

  private Path token() {
    return temp.resolve("token");
  }

  private TestOperator operator(String address) {
    TestOperator operator = new TestOperator(address, port, pki.issue(HOST));
    port = operator.port();
    open.add(operator);
    return operator;
  }

  /** Two replicas, the one first that the data plane prefers. */
  private List<TestOperator> two() {
    List<String> both = new ArrayList<>(List.of("127.0.0.1", "127.0.0.2"));
    TestOperator one = operator(both.getFirst());
    Comparator<InetSocketAddress> preference = new Rendezvous("node-1").preference();
    TestOperator other = operator(both.getLast());
    addresses = both;
    boolean inOrder =
        preference.compare(
                new InetSocketAddress(both.getFirst(), port),
                new InetSocketAddress(both.getLast(), port))
            < 0;
    return inOrder ? List.of(one, other) : List.of(other, one);
  }

  private Subscription subscribe() {
    return subscribe(QUICK, null, holder::apply);
  }

  private Subscription subscribe(
      Timing timing, @Nullable Path state, Function<RoutingSnapshot, ApplyResult> table) {
    Subscription subscription =
        new Subscription(
            new SubscriptionOptions(HOST, port, ca(), token(), state, "node-1", "group-1", "1.0"),
            table,
            fleet,
            timing,
            host -> {
              assertThat(host).isEqualTo(HOST);
              return addresses.stream().map(InetAddress::ofLiteral).toArray(InetAddress[]::new);
            },
            Clock.systemUTC(),
            ticker);
    open.add(subscription);
    subscription.start();
    return subscription;
  }

  private static RoutingSnapshot table(String host) {
    return snapshot()
        .with(pool("p"), "10.0.0.1:80")
        .forward(key(host, PREFIX, "/"), source("chat", 0, 0), "p")
        .build();
  }

  private static Origin origin(long epoch, int version) {
    return Origin.of(epoch, Map.of("Ingress", Integer.toString(version)));
  }

  private static SnapshotMessage message(int version, RoutingSnapshot snapshot) {
    return new SnapshotMessage(origin(0, version), snapshot);
  }

  private static Ack ack(RoutingSnapshot snapshot) {
    return new Ack(Versions.of(snapshot));
  }

  private RoutingSnapshot served() {
    return holder.current().snapshot();
  }

  @Test
  void saysWhoItIsAppliesWhatItIsSentAndAcknowledges() {
    TestOperator operator = operator("127.0.0.1");
    Subscription subscription = subscribe();
    Hello hello = operator.next(Hello.class);
    assertThat(hello.node()).isEqualTo("node-1");
    assertThat(hello.group()).isEqualTo("group-1");
    assertThat(hello.role()).isEqualTo(Role.ACTIVE);
    assertThat(hello.applied()).isNull();
    assertThat(hello.features()).containsExactlyInAnyOrderElementsOf(Features.ALL);
    assertThat(operator.tokens()).containsExactly("Bearer token-1");

    operator.send(message(1, table("a")));
    assertThat(operator.next(Ack.class)).isEqualTo(ack(table("a")));
    assertThat(served()).isEqualTo(table("a"));
    operator.send(new DeltaMessage(origin(0, 2), SnapshotDelta.between(table("a"), table("b"))));
    assertThat(operator.next(Ack.class)).isEqualTo(ack(table("b")));
    assertThat(served()).isEqualTo(table("b"));
    assertThat(subscription.status().connected()).isEqualTo(1);
    assertThat(subscription.status().keptAt()).isNull();
  }

  @Test
  void aTableOfManyFramesIsTakenWhole() {
    TestOperator operator = operator("127.0.0.1");
    subscribe();
    operator.next(Hello.class);
    var many = snapshot().with(pool("p"), "10.0.0.1:80");
    for (int i = 0; i < 2000; i++) {
      many.forward(key("host-" + i, PREFIX, "/"), source("chat", i, 0), "p");
    }
    operator.send(message(1, many.build()));
    assertThat(operator.next(Ack.class)).isEqualTo(ack(many.build()));
  }

  @Test
  void oneReplicaIsActiveAndAllHearWhatWasApplied() {
    List<TestOperator> replicas = two();
    Subscription subscription = subscribe();
    await()
        .atMost(LONG)
        .until(
            () -> subscription.status().operators().stream().map(o -> o.state()).toList(),
            states -> states.contains(State.ACTIVE) && states.contains(State.STANDBY));
    // Whichever came first had the role first; in the end the preferred one has it.
    settle(replicas.getFirst(), Role.ACTIVE);
    settle(replicas.getLast(), Role.STANDBY);
    replicas.getLast().send(new Current(origin(0, 9), Versions.of(table("z"))));
    replicas.getLast().send(message(9, table("z")));
    replicas.getFirst().send(message(1, table("a")));
    for (TestOperator replica : replicas) {
      assertThat(replica.next(Ack.class)).isEqualTo(ack(table("a")));
    }
    assertThat(served()).isEqualTo(table("a"));
  }

  @Test
  void theActiveReplicaSaysHowManyDataPlanesShareATotal() {
    List<TestOperator> replicas = two();
    Subscription subscription = subscribe();
    settle(replicas.getFirst(), Role.ACTIVE);
    settle(replicas.getLast(), Role.STANDBY);
    assertThat(fleet.applyAsInt(10)).isEqualTo(10);

    replicas.getLast().send(new Fleet(7));
    replicas.getLast().ping("the standby's is read");
    TestOperator active = replicas.getFirst();
    active.send(new Fleet(4));
    // It is not answered: the next that is heard is the answer to the table.
    active.send(message(1, table("a")));
    assertThat(active.next(Ack.class)).isEqualTo(ack(table("a")));
    assertThat(subscription.status().dataPlanes()).isEqualTo(4);
    assertThat(fleet.applyAsInt(10)).isEqualTo(3);

    assertThat(replicas.getLast().next(Ack.class)).isEqualTo(ack(table("a")));
    active.refuse(503);
    active.cut();
    settle(replicas.getLast(), Role.ACTIVE);
    assertThat(fleet.dataPlanes()).as("until the other replica says something").isEqualTo(4);
    replicas.getLast().send(new Fleet(5));
    await().atMost(LONG).until(() -> fleet.dataPlanes() == 5);
  }

  @Test
  void howManyDataPlanesThereWereOutlivesTheProcess() {
    TestOperator operator = operator("127.0.0.1");
    try (Subscription first = subscribe(QUICK, temp.resolve("state"), holder::apply)) {
      operator.next(Hello.class);
      operator.send(message(1, table("a")));
      operator.next(Ack.class);
      Instant applied = onDisk(first);
      operator.send(new Fleet(3));
      await().atMost(LONG).until(() -> fleet.dataPlanes() == 3);
      assertThat(onDisk(first)).isEqualTo(applied);
    }
    operator.close();
    fleet.set(1);
    try (Subscription second = subscribe(QUICK, temp.resolve("state"), holder::apply)) {
      assertThat(second.status().keptAt()).isNotNull();
      assertThat(second.status().dataPlanes()).isEqualTo(3);
    }
  }

  private static Instant onDisk(Subscription subscription) {
    await().atMost(LONG).until(() -> subscription.status().onDisk() != null);
    return Objects.requireNonNull(subscription.status().onDisk());
  }

  /** Waits for the hello of a role. */
  private static Hello settle(TestOperator operator, Role role) {
    Hello hello = operator.next(Hello.class);
    while (hello.role() != role || !operator.received().isEmpty()) {
      hello = operator.next(Hello.class);
    }
    return hello;
  }

  @Test
  void theRoleMovesWhenItsChannelDiesAndComesBackWhenItLasts() {
    List<TestOperator> replicas = two();
    subscribe();
    TestOperator preferred = replicas.getFirst();
    TestOperator other = replicas.getLast();
    settle(preferred, Role.ACTIVE);
    settle(other, Role.STANDBY);
    preferred.send(message(1, table("a")));
    preferred.next(Ack.class);
    assertThat(other.next(Ack.class)).isEqualTo(ack(table("a")));

    preferred.refuse(503);
    preferred.cut();
    Hello moved = other.next(Hello.class);
    assertThat(moved.role()).isEqualTo(Role.ACTIVE);
    assertThat(moved.applied()).isEqualTo(Versions.of(table("a")));
    other.send(new DeltaMessage(origin(0, 2), SnapshotDelta.between(table("a"), table("b"))));
    assertThat(other.next(Ack.class)).isEqualTo(ack(table("b")));

    preferred.refuse(0);
    Hello again = preferred.next(Hello.class);
    assertThat(again.role()).isEqualTo(Role.STANDBY);
    assertThat(again.applied()).isEqualTo(Versions.of(table("b")));
    assertThat(other.next(Hello.class).role()).isEqualTo(Role.STANDBY);
    assertThat(preferred.next(Hello.class).role()).isEqualTo(Role.ACTIVE);
    preferred.send(message(3, table("c")));
    assertThat(preferred.next(Ack.class)).isEqualTo(ack(table("c")));
  }

  @Test
  void replicasComeAndGoWithTheirAddresses() {
    TestOperator one = operator("127.0.0.1");
    Subscription subscription = subscribe();
    one.next(Hello.class);
    TestOperator two = operator("127.0.0.2");
    addresses = List.of("127.0.0.2");
    assertThat(two.next(Hello.class).role()).isEqualTo(Role.STANDBY);
    // Still there, so DNS alone does not end it.
    assertThat(subscription.status().connected()).isEqualTo(2);
    one.close();
    await().atMost(LONG).until(() -> subscription.status().operators().size() == 1);
    settle(two, Role.ACTIVE);
  }

  @Test
  void aDeltaForAnotherTableAsksForTheWholeOne() {
    TestOperator operator = operator("127.0.0.1");
    subscribe();
    operator.next(Hello.class);
    DeltaMessage delta =
        new DeltaMessage(origin(0, 2), SnapshotDelta.between(table("a"), table("b")));
    operator.send(delta);
    assertThat(operator.next(Resync.class).why()).contains("nothing is applied");
    operator.send(message(1, table("x")));
    operator.next(Ack.class);
    operator.send(delta);
    assertThat(operator.next(Resync.class).why()).contains("is applied");
    assertThat(served()).isEqualTo(table("x"));
    operator.send(message(2, table("b")));
    assertThat(operator.next(Ack.class)).isEqualTo(ack(table("b")));
    operator.send(new Current(origin(0, 3), Versions.of(table("a"))));
    operator.next(Resync.class);
  }

  @Test
  void whatIsWrongIsRefusedByNameAndTheOldTableStays() {
    TestOperator operator = operator("127.0.0.1");
    Subscription subscription = subscribe();
    operator.next(Hello.class);
    operator.send(message(1, table("a")));
    operator.next(Ack.class);
    RoutingSnapshot wrong =
        snapshot().forward(key("b", PREFIX, "/"), source("chat", 0, 0), "missing").build();
    operator.send(message(2, wrong));
    Nack nack = operator.next(Nack.class);
    assertThat(nack.rejected()).isEqualTo(Versions.of(wrong));
    assertThat(nack.errors().getFirst().path()).startsWith("rules[b Prefix /]");
    operator.send("{\"type\":\"snapshot\"}".getBytes(UTF_8));
    assertThat(operator.next(Unreadable.class).problem()).contains("origin");
    assertThat(served()).isEqualTo(table("a"));
    assertThat(subscription.status().refused()).isEqualTo(2);
    operator.send(message(3, table("c")));
    assertThat(operator.next(Ack.class)).isEqualTo(ack(table("c")));
  }

  /**
   * hostile.md 6: an error of ours at a table; the operator hears of it, and the thread goes on.
   */
  @Test
  void whatCantBeAppliedForAFaultOfOursIsRefusedToo() {
    TestOperator operator = operator("127.0.0.1");
    RoutingSnapshot poison = table("poison");
    Subscription subscription =
        subscribe(
            QUICK,
            null,
            table -> {
              if (table.version().equals(poison.version())) {
                throw new StackOverflowError();
              }
              return holder.apply(table);
            });
    operator.next(Hello.class);
    operator.send(message(1, table("a")));
    operator.next(Ack.class);
    operator.send(message(2, poison));
    Nack nack = operator.next(Nack.class);
    assertThat(nack.rejected()).isEqualTo(Versions.of(poison));
    assertThat(nack.errors()).isEmpty();
    assertThat(nack.omitted()).isOne();
    assertThat(served()).isEqualTo(table("a"));
    assertThat(subscription.status().refused()).isOne();
    operator.send(message(3, table("c")));
    assertThat(operator.next(Ack.class)).isEqualTo(ack(table("c")));
  }

  @Test
  void aTableThatIsNeverAppliedIsTold() {
    TestOperator operator = operator("127.0.0.1");
    CountDownLatch end = new CountDownLatch(1);
    try (Watch watch = new Watch()) {
      Subscription subscription =
          subscribe(
              QUICK,
              null,
              table -> {
                // So small a table has ten seconds; this one has had them.
                watch.part("apply").begin(Duration.ZERO);
                try {
                  end.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                return holder.apply(table);
              });
      subscription.watch(watch);
      operator.next(Hello.class);
      operator.send(message(1, table("a")));
      await()
          .until(() -> watch.troubles().stream().anyMatch(each -> each.startsWith("apply: stuck")));
      end.countDown();
      operator.next(Ack.class);
      await().until(() -> watch.troubles().isEmpty());
    } finally {
      end.countDown();
    }
  }

  @Test
  void anOlderTableIsRefusedForAWhileThenTaken() {
    TestOperator operator = operator("127.0.0.1");
    Subscription subscription = subscribe();
    operator.next(Hello.class);
    operator.send(message(10, table("new")));
    operator.next(Ack.class);
    ticker.advance(QUICK.refuseOlder().minusMillis(50).toNanos(), TimeUnit.NANOSECONDS);
    operator.send(message(9, table("old")));
    assertThat(operator.next(Stale.class).refused()).isEqualTo(Versions.of(table("old")));
    assertThat(served()).isEqualTo(table("new"));

    ticker.advance(50, TimeUnit.MILLISECONDS);
    operator.next(Resync.class);
    operator.send(message(9, table("old")));
    assertThat(operator.next(Ack.class)).isEqualTo(ack(table("old")));
    assertThat(subscription.status().staleTaken()).isEqualTo(1);
  }

  @Test
  void aNewerTableEndsTheWaitAndANewEpochOverrides() {
    TestOperator operator = operator("127.0.0.1");
    Subscription subscription = subscribe();
    operator.next(Hello.class);
    operator.send(message(10, table("a")));
    operator.next(Ack.class);
    operator.send(new DeltaMessage(origin(0, 9), SnapshotDelta.between(table("a"), table("old"))));
    operator.next(Stale.class);
    operator.send(message(11, table("b")));
    assertThat(operator.next(Ack.class)).isEqualTo(ack(table("b")));
    operator.send(new SnapshotMessage(origin(1, 3), table("restored")));
    assertThat(operator.next(Ack.class)).isEqualTo(ack(table("restored")));
    assertThat(subscription.status().staleTaken()).isZero();
  }

  @Test
  void aRefusedTokenIsToldAndReadAgain() throws IOException {
    TestOperator operator = operator("127.0.0.1");
    operator.refuse(401);
    Subscription subscription = subscribe();
    awaitTrouble(subscription, "401");
    assertThat(subscription.status().operators().getFirst().trouble())
        .contains("longshore-push")
        .doesNotContain("token-1");
    Files.writeString(token(), "token-2");
    await().atMost(LONG).until(() -> operator.tokens().contains("Bearer token-2"));
    operator.refuse(0);
    operator.next(Hello.class);
    Files.delete(token());
    operator.cut();
    awaitTrouble(subscription, "there is no token");
    Files.writeString(token(), "token\r\nX-Other: 3");
    awaitTrouble(subscription, "is no token");
    Files.writeString(token(), "token-3");
    operator.next(Hello.class);
    assertThat(operator.tokens()).last().isEqualTo("Bearer token-3");
  }

  private static void awaitTrouble(Subscription subscription, String part) {
    await()
        .atMost(LONG)
        .until(
            () -> subscription.status().operators(),
            operators ->
                operators.size() == 1
                    && operators.getFirst().state() == State.DOWN
                    && operators.getFirst().trouble().contains(part));
  }

  @Test
  void anAuthorityThatIsNotTrustedIsRefusedUntilTheBundleHasIt() throws IOException {
    TestPki next = new TestPki();
    Files.writeString(ca(), next.bundle());
    TestOperator operator = operator("127.0.0.1");
    Subscription subscription = subscribe();
    awaitTrouble(subscription, "TLS fails");
    assertThat(operator.tokens()).as("the token is shown to nobody else").isEmpty();
    Files.writeString(ca(), next.bundle() + pki.bundle());
    operator.next(Hello.class);
    Files.writeString(ca(), "nothing");
    operator.cut();
    awaitTrouble(subscription, "CA bundle");
    assertThat(operator.tokens()).hasSize(1);
  }

  @Test
  void aCertificateForAnotherNameIsRefused() {
    TestOperator operator = new TestOperator("127.0.0.1", 0, pki.issue("another.test"));
    open.add(operator);
    port = operator.port();
    awaitTrouble(subscribe(), "TLS fails");
    assertThat(operator.tokens()).isEmpty();
  }

  @Test
  void anOperatorThatIsNoLongerHeardIsGivenUp() {
    TestOperator operator = operator("127.0.0.1");
    Timing impatient =
        new Timing(
            QUICK.resolve(),
            QUICK.firstWait(),
            QUICK.longestWait(),
            Duration.ofMillis(500),
            QUICK.ping(),
            Duration.ofSeconds(2),
            QUICK.settled(),
            QUICK.refuseOlder());
    Subscription subscription = subscribe(impatient, null, holder::apply);
    operator.next(Hello.class);
    operator.goDeaf();
    awaitTrouble(subscription, "");
    assertThat(subscription.status().connected()).isZero();
  }

  @Test
  void aGoodbyeIsToldAndAChannelOpenedAgain() {
    TestOperator operator = operator("127.0.0.1");
    Subscription subscription = subscribe();
    operator.next(Hello.class);
    operator.send(message(1, table("a")));
    operator.next(Ack.class);
    operator.goDeaf();
    operator.send(new Goodbye(Goodbye.Reason.SHUTTING_DOWN, "see you\r\nlater"));
    operator.closePolitely();
    awaitTrouble(subscription, "says goodbye, SHUTTING_DOWN: see you??later");
    assertThat(subscription.status().confirmed()).isNotNull();
    operator.hearAgain();
    Hello again = operator.next(Hello.class);
    assertThat(again.applied()).isEqualTo(Versions.of(table("a")));
  }

  @Test
  void aSlowTableHoldsUpNeitherPingsNorTheOrder() {
    TestOperator operator = operator("127.0.0.1");
    CountDownLatch release = new CountDownLatch(1);
    subscribe(
        QUICK,
        null,
        snapshot -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return holder.apply(snapshot);
        });
    operator.next(Hello.class);
    operator.send(message(1, table("a")));
    operator.ping("still here");
    // More than an operator that waits for answers would send.
    for (int i = 2; i < 6; i++) {
      operator.send(message(i, table("h" + i)));
    }
    release.countDown();
    assertThat(operator.next(Ack.class)).isEqualTo(ack(table("a")));
    for (int i = 2; i < 6; i++) {
      assertThat(operator.next(Ack.class)).isEqualTo(ack(table("h" + i)));
    }
  }

  @Test
  void theLastKnownGoodTableIsServedWhileNoOperatorIsThere() {
    TestOperator operator = operator("127.0.0.1");
    Path state = temp.resolve("state");
    Subscription first = subscribe(QUICK, state, holder::apply);
    operator.next(Hello.class);
    operator.send(message(5, table("kept")));
    operator.next(Ack.class);
    first.close();
    operator.refuse(503);

    SnapshotHolder next = new SnapshotHolder();
    Subscription second = subscribe(QUICK, state, next::apply);
    assertThat(next.current().snapshot()).as("at once").isEqualTo(table("kept"));
    assertThat(second.status().keptAt()).isNotNull().isEqualTo(second.status().confirmed());
    operator.refuse(0);
    Hello hello = operator.next(Hello.class);
    assertThat(hello.applied()).isEqualTo(Versions.of(table("kept")));
    operator.send(message(4, table("older")));
    assertThat(operator.next(Stale.class).refused()).isEqualTo(Versions.of(table("older")));
    operator.send(new Current(origin(0, 6), Versions.of(table("kept"))));
    await().atMost(LONG).until(() -> second.status().keptAt() == null);
  }

  @Test
  void aDamagedTableIsSetAside() {
    TestOperator operator = operator("127.0.0.1");
    Path state = temp.resolve("state");
    Subscription first = subscribe(QUICK, state, holder::apply);
    operator.next(Hello.class);
    operator.send(message(5, table("kept")));
    operator.next(Ack.class);
    first.close();
    Path file = state.resolve("longshore/last-known-good");
    replace(file, "kept", "kepT");

    SnapshotHolder next = new SnapshotHolder();
    subscribe(QUICK, state, next::apply);
    assertThat(next.current().applied()).isFalse();
    assertThat(state.resolve("longshore/last-known-good.damaged")).exists();
    assertThat(operator.next(Hello.class).applied()).isNull();
    operator.send(message(6, table("after")));
    operator.next(Ack.class);
    await().atMost(LONG).until(() -> Files.exists(file));
  }

  private static void replace(Path file, String part, String by) {
    try {
      String text = Files.readString(file);
      assertThat(text).contains(part);
      Files.writeString(file, text.replace(part, by));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
