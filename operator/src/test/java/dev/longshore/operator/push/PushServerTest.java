package dev.longshore.operator.push;

import static dev.longshore.operator.push.TestDataPlane.hello;
import static dev.longshore.operator.push.TestSnapshots.endpoint;
import static dev.longshore.operator.push.TestSnapshots.publication;
import static dev.longshore.operator.push.TestSnapshots.rewritten;
import static dev.longshore.operator.push.TestSnapshots.rules;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.EntryRef;
import dev.longshore.contract.Listener;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.Settings;
import dev.longshore.contract.SharedCredentials;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.contract.SnapshotCodec;
import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.SnapshotError;
import dev.longshore.contract.SnapshotValidator;
import dev.longshore.contract.UpstreamCredentials;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamTls;
import dev.longshore.contract.push.Ack;
import dev.longshore.contract.push.Current;
import dev.longshore.contract.push.DeltaMessage;
import dev.longshore.contract.push.Features;
import dev.longshore.contract.push.Fleet;
import dev.longshore.contract.push.Goodbye;
import dev.longshore.contract.push.Hello;
import dev.longshore.contract.push.Hello.Role;
import dev.longshore.contract.push.Nack;
import dev.longshore.contract.push.Resync;
import dev.longshore.contract.push.SnapshotMessage;
import dev.longshore.contract.push.Stale;
import dev.longshore.contract.push.Unreadable;
import dev.longshore.operator.pki.ServerIdentity;
import dev.longshore.operator.pki.TestAuthority;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Over real TLS sockets on loopback, with the JDK's WebSocket client. */
@Timeout(120)
class PushServerTest {
  private static final String CERTIFICATE =
      "-----BEGIN CERTIFICATE-----\nbGVhZg==\n-----END CERTIFICATE-----\n";
  private static final Duration WAIT = Duration.ofSeconds(30);
  private static final Duration QUICK = Duration.ofSeconds(5);
  private static final RoutingSnapshot ONE = rules(3);

  private final TestAuthority authority = new TestAuthority();
  private final AtomicReference<@Nullable ServerIdentity> identity = new AtomicReference<>();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final List<TestDataPlane> open = new ArrayList<>();
  private SSLContext tls;
  private PushServer server;

  @BeforeEach
  void start() throws Exception {
    tls = authority.trusting();
    identity.set(authority.identity());
    server = start(options());
  }

  @AfterEach
  void stop() {
    open.forEach(TestDataPlane::close);
    server.close();
  }

  @Test
  void aDataPlaneGetsASnapshotAndThenDeltas() throws Exception {
    TestDataPlane dataPlane = connected("node-1");
    server.publish(publication(1, ONE));
    assertThat(dataPlane.apply()).isEqualTo(ONE);
    RoutingSnapshot two = rewritten(ONE, 1, "other.internal");
    server.publish(publication(2, two));
    assertThat(dataPlane.apply()).isEqualTo(two);
    await().atMost(WAIT).until(() -> applied("node-1") == 2);
    DataPlaneState state = state("node-1");
    assertThat(state.applied()).isEqualTo(Versions.of(two));
    assertThat(state.features()).containsAll(Features.ALL);
    assertThat(state.lastNack()).isNull();
    assertThat(count("messages", "type", "snapshot")).isEqualTo(1);
    assertThat(count("messages", "type", "delta")).isEqualTo(1);
  }

  @Test
  void whatWasPublishedBeforeItCameIsSentAtOnce() throws Exception {
    server.publish(publication(1, ONE));
    SnapshotMessage message = connected("node-1").next(SnapshotMessage.class);
    assertThat(message.snapshot()).isEqualTo(ONE);
    assertThat(message.origin()).isEqualTo(publication(1, ONE).origin());
  }

  @Test
  void oneChangedEndpointIsOneSmallMessage() throws Exception {
    RoutingSnapshot many = rules(2000);
    server.publish(publication(1, many));
    TestDataPlane dataPlane = connected("node-1");
    dataPlane.apply();
    await().atMost(WAIT).until(() -> applied("node-1") == 1);
    long before = dataPlane.bytes();
    server.publish(publication(2, endpoint(many, 2)));
    dataPlane.apply();
    assertThat(dataPlane.bytes() - before).isLessThan(1000);
    assertThat(dataPlane.heardNothing()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    ", 401, unauthenticated",
    "nonsense, 401, unauthenticated",
    "other-audience, 401, unauthenticated",
    "other-account, 403, forbidden",
    "api-down, 503, unavailable",
    "throws, 503, unavailable"
  })
  void aWrongTokenIsRefused(@Nullable String token, int status, String reason) {
    var refused =
        catchThrowableOfType(
            WebSocketHandshakeException.class,
            () -> open.add(TestDataPlane.connect(tls, port(), token)));
    assertThat(refused.getResponse().statusCode()).isEqualTo(status);
    assertThat(count("refused", "reason", reason)).isEqualTo(1);
    assertThat(server.dataPlanes()).isEmpty();
  }

  @Test
  void whoeverSaysNoHelloIsSentAway() throws Exception {
    // Long enough for a client to shake hands first: how long that takes is the machine's.
    Duration time = Duration.ofMillis(500);
    @Nullable TestDataPlane quiet = null;
    while (quiet == null) {
      restart(sayingHelloWithin(time));
      quiet = handshaken("data-plane.any");
      time = time.multipliedBy(2);
    }
    quiet.dismissed(Goodbye.Reason.NO_HELLO);
    assertThat(count("refused", "reason", "timeout")).isPositive();
  }

  @Test
  void whoeverDoesNotEvenShakeHandsIsClosed() throws Exception {
    restart(sayingHelloWithin(Duration.ofMillis(500)));
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
      socket.setSoTimeout(30_000);
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(count("refused", "reason", "timeout")).isEqualTo(1);
  }

  private static PushServerOptions sayingHelloWithin(Duration time) {
    return new PushServerOptions(
        loopback(),
        10,
        10,
        8,
        time,
        Duration.ofSeconds(30),
        Duration.ofSeconds(30),
        Duration.ofSeconds(30),
        Duration.ofSeconds(60));
  }

  /** Null: its time was over before. */
  private @Nullable TestDataPlane handshaken(String token) throws Exception {
    try {
      return connect(token);
    } catch (IOException e) {
      return null;
    }
  }

  /**
   * From one address that opens as fast as it can, and from hundreds that each hold one or two;
   * whose places would last for 10 s each.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 250})
  void strangersKeepNoDataPlaneOut(int addresses) throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger opened = new AtomicInteger();
    List<Socket> strangers = Collections.synchronizedList(new ArrayList<>());
    try (ExecutorService flood = Executors.newSingleThreadExecutor()) {
      flood.execute(
          () -> {
            while (!over.get()) {
              InetAddress from = InetAddress.ofLiteral("127.0.1." + (1 + opened.get() % addresses));
              try {
                strangers.add(new Socket(InetAddress.getLoopbackAddress(), port(), from, 0));
                if (opened.incrementAndGet() > 400) {
                  strangers.removeFirst().close();
                  Thread.sleep(2);
                }
              } catch (IOException e) {
                // A port is in use, or the queue is full.
              } catch (InterruptedException e) {
                return;
              }
            }
          });
      try {
        await().atMost(WAIT).until(() -> opened.get() > 400);
        for (int i = 0; i < 5; i++) {
          long begin = System.nanoTime();
          connected("node-" + i);
          // A second, and what the machine of the test may be late.
          assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(QUICK);
        }
        assertThat(count("refused", "reason", "too_many")).isPositive();
      } finally {
        over.set(true);
      }
    } finally {
      for (Socket each : strangers) {
        each.close();
      }
    }
  }

  /** Of TLS 1.3, where a second handshake of the JDK's client is a KeyUpdate. */
  @Test
  void aStrangerWhoSendsKeyUpdatesWithoutEndIsCut() throws Exception {
    try (SSLSocket socket =
        (SSLSocket) tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port())) {
      socket.setEnabledProtocols(new String[] {"TLSv1.3"});
      int sent = 0;
      try {
        for (; sent < 100_000; sent++) {
          socket.startHandshake();
        }
      } catch (IOException e) {
        assertThat(count("refused", "reason", "bad_request")).isEqualTo(1);
      }
      assertThat(sent).isBetween(1_000, 50_000);
    }
    assertThat(connected("node-1")).isNotNull();
  }

  @Test
  void tooManyWithoutAHelloAreClosed() throws Exception {
    restart(
        new PushServerOptions(
            loopback(),
            10,
            2,
            8,
            Duration.ofSeconds(60),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60)));
    try (var one = new Socket(InetAddress.getLoopbackAddress(), port());
        var two = new Socket(InetAddress.getLoopbackAddress(), port());
        var three = new Socket(InetAddress.getLoopbackAddress(), port())) {
      // Which is the oldest depends on the event loops that they come to: WaitingRoomTest asks for
      // it.
      await()
          .atMost(WAIT)
          .until(() -> Stream.of(one, two, three).anyMatch(PushServerTest::hasEnded));
      assertThat(Stream.of(one, two, three).filter(PushServerTest::hasEnded)).hasSize(1);
    }
    // The places are free again.
    await().atMost(WAIT).ignoreExceptions().until(() -> connected("node-1") != null);
  }

  private static boolean hasEnded(Socket socket) {
    try {
      socket.setSoTimeout(10);
      return socket.getInputStream().read() == -1;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true; // reset
    }
  }

  @Test
  void aSlowDataPlaneGetsTheLatestAndNoQueue() throws Exception {
    server.publish(publication(1, ONE));
    TestDataPlane slow = connected("slow");
    TestDataPlane quick = connected("quick");
    RoutingSnapshot first = slow.take();
    quick.apply();
    RoutingSnapshot newest = ONE;
    for (int i = 2; i <= 300; i++) {
      newest = rewritten(newest, i % 3, "host-" + i + ".internal");
      server.publish(publication(i, newest));
    }
    RoutingSnapshot target = newest;
    while (!quick.apply().equals(target)) {}
    await().atMost(WAIT).until(() -> applied("quick") == 300);
    assertThat(slow.heardNothing()).isTrue();
    assertThat(applied("slow")).isZero();
    slow.say(new Ack(Versions.of(first)));
    assertThat(slow.apply()).isEqualTo(target);
    await().atMost(WAIT).until(() -> applied("slow") == 300);
    assertThat(slow.heardNothing()).isTrue();
  }

  @Test
  void theActiveOnesAreToldHowManyDataPlanesThereAre() throws Exception {
    TestDataPlane early = connected("early");
    TestDataPlane standby = connect("data-plane.standby").say(hello("standby", Role.STANDBY, null));
    Hello all = hello("old", Role.ACTIVE, null);
    TestDataPlane old =
        connect("data-plane.old")
            .say(
                new Hello(
                    all.protocol(),
                    all.node(),
                    all.group(),
                    all.build(),
                    all.features().stream().filter(f -> !f.equals(Features.FLEET)).toList(),
                    all.role(),
                    null));
    await().atMost(WAIT).until(() -> server.dataPlanes().size() == 3);
    server.fleet(2);
    assertThat(early.next(Fleet.class)).isEqualTo(new Fleet(2));
    // Behind the hello, before the table.
    server.publish(publication(1, ONE));
    TestDataPlane late = connected("late");
    assertThat(late.next(Fleet.class)).isEqualTo(new Fleet(2));
    assertThat(late.apply()).isEqualTo(ONE);
    // It is none that an answer is waited for.
    assertThat(early.take()).isEqualTo(ONE);
    for (int i = 3; i <= 50; i++) {
      server.fleet(i);
    }
    // Which of them is CoordinatorTest's.
    toldUntil(early, 50);
    toldUntil(late, 50);
    server.fleet(50);
    assertThat(standby.next(Current.class).versions()).isEqualTo(Versions.of(ONE));
    standby.say(hello("standby", Role.ACTIVE, null));
    assertThat(standby.next(Fleet.class)).isEqualTo(new Fleet(50));
    assertThat(standby.take()).isEqualTo(ONE);
    assertThat(old.apply()).isEqualTo(ONE);
    await().atMost(WAIT).until(() -> applied("old") == 1);
    assertThat(old.heardNothing()).isTrue();
    early.say(new Ack(Versions.of(ONE)));
    await().atMost(WAIT).until(() -> applied("early") == 1);
    assertThat(early.heardNothing()).isTrue();
  }

  @Test
  void aDataPlaneThatDoesNotAnswerIsSentAwayAndGoesOnFromWhereItWas() throws Exception {
    restart(
        new PushServerOptions(
            loopback(),
            10,
            10,
            8,
            Duration.ofSeconds(30),
            Duration.ofSeconds(1),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60)));
    server.publish(publication(1, ONE));
    TestDataPlane silent = connect("data-plane.node-1").say(hello("node-1", Role.ACTIVE, null));
    silent.take();
    silent.dismissed(Goodbye.Reason.NO_ANSWER);
    server.publish(publication(2, endpoint(ONE, 2)));
    TestDataPlane again =
        connect("data-plane.node-1").say(hello("node-1", Role.ACTIVE, Versions.of(ONE)));
    assertThat(again.next(DeltaMessage.class).delta().base()).isEqualTo(Versions.of(ONE));
  }

  @Test
  void aDataPlaneThatTakesNothingIsClosedAndNobodyWaitsForIt() throws Exception {
    MockTicker ticker = Ticker.newMockTicker();
    server.close();
    server = start(options(), ticker);
    TestDataPlane deaf = TestDataPlane.deaf(tls, port(), "data-plane.deaf");
    open.add(deaf);
    deaf.say(hello("deaf", Role.ACTIVE, null));
    await().atMost(WAIT).until(() -> server.dataPlanes().containsKey("deaf"));
    TestDataPlane quick = connected("quick");
    // More than the buffers of both sockets hold.
    RoutingSnapshot many = rules(20_000);
    server.publish(publication(1, many));
    assertThat(quick.apply()).isEqualTo(many);
    // Each is silent for 30 s at a time, of 45; but only the one then shows that it is there.
    for (int i = 2; server.dataPlanes().containsKey("deaf"); i++) {
      ticker.advance(30, TimeUnit.SECONDS);
      RoutingSnapshot next = endpoint(many, i);
      server.publish(publication(i, next));
      assertThat(quick.apply()).isEqualTo(next);
      int sequence = i;
      await().atMost(WAIT).until(() -> applied("quick") == sequence);
    }
    assertThat(server.dataPlanes()).containsKey("quick");
    assertThat(count("dismissed", "reason", "silence")).isGreaterThan(0);
  }

  @Test
  void aDataPlaneThatLiesIsNotBelieved() throws Exception {
    server.publish(publication(1, ONE));
    TestDataPlane liar = connected("liar");
    liar.apply();
    await().atMost(WAIT).until(() -> applied("liar") == 1);
    liar.say(new Ack(Versions.of(rules(9))));
    liar.dismissed(Goodbye.Reason.UNKNOWN_VERSION);
    await().atMost(WAIT).until(() -> server.dataPlanes().isEmpty());
    assertThat(count("dismissed", "reason", "unknown_version")).isEqualTo(1);
  }

  @Test
  void whoeverComesBackGetsADeltaFromWhatIsKnownAndElseEverything() throws Exception {
    server.publish(publication(1, ONE));
    server.publish(publication(2, endpoint(ONE, 2)));
    TestDataPlane current = connect("data-plane.a");
    await().atMost(WAIT).until(() -> nextVersions("probe").equals(Versions.of(endpoint(ONE, 2))));
    current.say(hello("a", Role.ACTIVE, Versions.of(endpoint(ONE, 2))));
    assertThat(current.next(Current.class).versions()).isEqualTo(Versions.of(endpoint(ONE, 2)));
    await().atMost(WAIT).until(() -> applied("a") == 2);
    server.publish(publication(3, endpoint(ONE, 3)));
    assertThat(current.next(DeltaMessage.class).delta().target())
        .isEqualTo(Versions.of(endpoint(ONE, 3)));
    TestDataPlane unknown =
        connect("data-plane.b").say(hello("b", Role.ACTIVE, Versions.of(rules(7))));
    assertThat(unknown.next(SnapshotMessage.class).snapshot()).isEqualTo(endpoint(ONE, 3));
  }

  @Test
  void dataPlanesAtTheSameBaseShareOneEncoding() throws Exception {
    TestDataPlane one = connected("node-1");
    TestDataPlane two = connected("node-2");
    server.publish(publication(1, ONE));
    one.apply();
    two.apply();
    await().atMost(WAIT).until(() -> applied("node-1") == 1 && applied("node-2") == 1);
    server.publish(publication(2, endpoint(ONE, 2)));
    one.apply();
    two.apply();
    assertThat(registry.counter("longshore.operator.push.encodings").count()).isEqualTo(2);
  }

  @Test
  void aRuleThatAllRefuseIsClosedEverywhereUntilItIsEdited() throws Exception {
    List<Rejection> heard = Collections.synchronizedList(new ArrayList<>());
    server.addListener(
        new DataPlaneListener() {
          @Override
          public void rejected(DataPlaneState dataPlane, Rejection rejection) {
            heard.add(rejection);
          }
        });
    server.publish(publication(1, ONE));
    TestDataPlane dataPlane = connected("node-1");
    dataPlane.apply();
    await().atMost(WAIT).until(() -> applied("node-1") == 1);
    RoutingSnapshot wrong = rewritten(ONE, 1, "no/host");
    server.publish(publication(2, wrong));
    assertThat(dataPlane.next(DeltaMessage.class).delta().target()).isEqualTo(Versions.of(wrong));
    EntryRef rule = new EntryRef.Rule(TestSnapshots.key(1));
    dataPlane.say(Nack.of(wrong, List.of(new SnapshotError(rule, rule.path(), "is no host"))));
    await().atMost(WAIT).until(() -> heard.size() == 1);
    assertThat(heard.getFirst().versions()).isEqualTo(Versions.of(wrong));
    assertThat(heard.getFirst().errors().getFirst().content()).isEqualTo(wrong.versionOf(rule));
    RoutingSnapshot closed = dataPlane.take();
    assertThat(state("node-1").lastNack()).isEqualTo(heard.getFirst());
    dataPlane.say(new Ack(Versions.of(closed)));
    assertThat(closed.rules().size()).isEqualTo(3);
    assertThat(closed.rules().get(TestSnapshots.key(0)))
        .isEqualTo(ONE.rules().get(TestSnapshots.key(0)));
    assertThat(Objects.requireNonNull(closed.rules().get(TestSnapshots.key(1))).action())
        .isInstanceOfSatisfying(
            Unavailable.class,
            unavailable -> {
              assertThat(unavailable.reason()).isEqualTo("Rejected");
              assertThat(unavailable.message()).contains("node-1", "is no host");
            });
    await().atMost(WAIT).until(() -> applied("node-1") == 2);
    assertThat(server.held().keySet()).containsExactly(TestSnapshots.key(1));
    // Whoever comes may have another mind, until it refuses it too.
    TestDataPlane second = connected("node-2");
    assertThat(second.take()).isEqualTo(wrong);
    second.say(Nack.of(wrong, List.of(new SnapshotError(rule, rule.path(), "is no host"))));
    closed = second.apply();
    assertThat(dataPlane.apply()).isEqualTo(closed);
    // Other changes go on.
    server.publish(publication(3, endpoint(wrong, 2)));
    assertThat(dataPlane.apply()).isEqualTo(endpoint(closed, 2));
    RoutingSnapshot right = rewritten(ONE, 1, "right.internal");
    server.publish(publication(4, right));
    assertThat(dataPlane.apply()).isEqualTo(right);
    await().atMost(WAIT).until(() -> applied("node-1") == 4);
    assertThat(server.held()).isEmpty();
    assertThat(state("node-1").lastNack()).isNull();
  }

  /** One that is compromised, or out of memory, closes nothing for others. */
  @Test
  void whatOneOfSeveralRefusesIsClosedForThatOneAlone() throws Exception {
    server.publish(publication(1, ONE));
    TestDataPlane good = connected("good");
    good.apply();
    TestDataPlane odd = connected("odd");
    RoutingSnapshot got = odd.take();
    List<SnapshotError> all = new ArrayList<>();
    got.rules()
        .forEach(
            (key, one) ->
                all.add(
                    new SnapshotError(
                        new EntryRef.Rule(key), "rules", "I don't like\nit" + "x".repeat(3000))));
    odd.say(Nack.of(got, all));
    RoutingSnapshot closed = odd.apply();
    closed.rules().forEach((key, one) -> assertThat(one.action()).isInstanceOf(Unavailable.class));
    await().atMost(WAIT).until(() -> applied("odd") == 1);
    assertThat(registry.get("longshore.operator.push.refused.alone").gauge().value()).isEqualTo(3);
    assertThat(server.held()).hasSize(3);
    assertThat(Objects.requireNonNull(server.held().get(TestSnapshots.key(1))).why())
        .startsWith("refused by data plane odd: ")
        .doesNotContain("\n")
        .hasSizeLessThan(2000);
    // Each goes its way.
    server.publish(publication(2, endpoint(ONE, 2)));
    assertThat(good.apply()).isEqualTo(endpoint(ONE, 2));
    assertThat(odd.next(DeltaMessage.class).delta().target())
        .isEqualTo(Versions.of(endpoint(closed, 2)));
    assertThat(connected("third").apply()).isEqualTo(endpoint(ONE, 2));
  }

  @Test
  void aStandbyReportsAndIsToldWhatThereIsAndBecomesActive() throws Exception {
    server.publish(publication(1, ONE));
    TestDataPlane dataPlane = connect("data-plane.node-1").say(hello("node-1", Role.STANDBY, null));
    assertThat(dataPlane.next(Current.class).versions()).isEqualTo(Versions.of(ONE));
    // What another replica published and this one never saw.
    dataPlane.say(new Ack(Versions.of(rules(5))));
    await().atMost(WAIT).until(() -> Versions.of(rules(5)).equals(state("node-1").applied()));
    assertThat(applied("node-1")).isZero();
    dataPlane.say(new Ack(Versions.of(ONE)));
    await().atMost(WAIT).until(() -> applied("node-1") == 1);
    dataPlane.say(hello("node-1", Role.ACTIVE, Versions.of(ONE)));
    assertThat(dataPlane.next(Current.class).versions()).isEqualTo(Versions.of(ONE));
    server.publish(publication(2, endpoint(ONE, 2)));
    assertThat(dataPlane.next(DeltaMessage.class).delta().base()).isEqualTo(Versions.of(ONE));
    dataPlane.say(hello("node-1", Role.STANDBY, Versions.of(ONE)));
    assertThat(dataPlane.next(Current.class).versions()).isEqualTo(Versions.of(endpoint(ONE, 2)));
  }

  @Test
  void whatIsOlderWaitsAndAResyncBringsEverything() throws Exception {
    server.publish(publication(1, ONE));
    TestDataPlane dataPlane =
        connect("data-plane.a").say(hello("a", Role.ACTIVE, Versions.of(rules(7))));
    dataPlane.next(SnapshotMessage.class);
    dataPlane.say(new Stale(Versions.of(ONE)));
    dataPlane.say(new Resync("waited long enough"));
    assertThat(dataPlane.apply()).isEqualTo(ONE);
    await().atMost(WAIT).until(() -> applied("a") == 1);
    dataPlane.say(new Resync("a delta did not fit"));
    assertThat(dataPlane.apply()).isEqualTo(ONE);
  }

  @Test
  void whatCannotBeReadIsKnown() throws Exception {
    server.publish(publication(1, ONE));
    TestDataPlane dataPlane = connected("node-1");
    dataPlane.next(SnapshotMessage.class);
    dataPlane.say(new Unreadable("snapshot.rules[0].key.port: is unknown here"));
    await().atMost(WAIT).until(() -> state("node-1").lastNack() != null);
    Rejection rejection = Objects.requireNonNull(state("node-1").lastNack());
    assertThat(rejection.versions()).isNull();
    assertThat(rejection.problem()).contains("is unknown here");
    server.publish(publication(2, endpoint(ONE, 2)));
    dataPlane.apply();
  }

  @Test
  void aRuleThatADataPlaneDoesNotUnderstandIsClosedThereAlone() throws Exception {
    server.publish(publication(1, rewritten(ONE, 1, "other.internal")));
    Hello full = hello("old", Role.ACTIVE, null);
    Hello old =
        new Hello(
            full.protocol(),
            full.node(),
            full.group(),
            full.build(),
            full.features().stream().filter(name -> !name.equals(Features.REWRITES)).toList(),
            full.role(),
            null);
    RoutingSnapshot got = connect("data-plane.old").say(old).apply();
    assertThat(got.rules().size()).isEqualTo(3);
    assertThat(Objects.requireNonNull(got.rules().get(TestSnapshots.key(1))).action())
        .isEqualTo(new Unavailable("UnsupportedByDataPlane", "the data plane lacks rewrites"));
    assertThat(got.rules().get(TestSnapshots.key(2)))
        .isEqualTo(ONE.rules().get(TestSnapshots.key(2)));
    await().atMost(WAIT).until(() -> applied("old") == 1);
    assertThat(connected("new").apply()).isEqualTo(rewritten(ONE, 1, "other.internal"));
    assertThat(server.held().keySet()).containsExactly(TestSnapshots.key(1));
    assertThat(Objects.requireNonNull(server.held().get(TestSnapshots.key(1))).why())
        .isEqualTo("data plane old lacks rewrites");
  }

  @Test
  void credentialsAreWrittenOutForADataPlaneThatKnowsNoOtherWay() throws Exception {
    SharedCredentials shared = new SharedCredentials(new UpstreamCredentials(CERTIFICATE, null));
    UpstreamPool pool = ONE.pools().iterator().next().getValue();
    RoutingSnapshot mixed =
        SnapshotBuilder.from(ONE)
            .put(shared)
            .put(pool.withTls(UpstreamTls.by(shared, "chat.internal")))
            .build();
    server.publish(publication(1, mixed));
    Hello full = hello("old", Role.ACTIVE, null);
    List<String> features =
        full.features().stream().filter(f -> !f.equals(Features.SHARED_CREDENTIALS)).toList();
    Hello old =
        new Hello(
            full.protocol(), full.node(), full.group(), full.build(), features, full.role(), null);
    RoutingSnapshot got = connect("data-plane.old").say(old).apply();
    assertThat(SnapshotValidator.validate(got)).isEmpty();
    assertThat(got.credentials().size()).isZero();
    assertThat(got.rules()).isEqualTo(ONE.rules());
    assertThat(Objects.requireNonNull(got.pools().get(pool.key())).tls())
        .isEqualTo(new UpstreamTls("chat.internal", CERTIFICATE, null));
    assertThat(new String(SnapshotCodec.write(got), StandardCharsets.UTF_8))
        .as("no word that it doesn't know")
        .doesNotContain("credentials");
    assertThat(connected("new").apply()).isEqualTo(mixed);
    assertThat(server.held()).isEmpty();
  }

  @Test
  void http2IsNotMentionedToADataPlaneThatDoesNotKnowIt() throws Exception {
    RoutingSnapshot modern =
        SnapshotBuilder.from(ONE).settings(ONE.settings().with(Settings.Http2.DEFAULT)).build();
    server.publish(publication(1, modern));
    Hello full = hello("old", Role.ACTIVE, null);
    List<String> features =
        full.features().stream().filter(f -> !f.equals(Features.HTTP2)).toList();
    Hello old =
        new Hello(
            full.protocol(), full.node(), full.group(), full.build(), features, full.role(), null);
    RoutingSnapshot got = connect("data-plane.old").say(old).apply();
    assertThat(got).isEqualTo(ONE);
    assertThat(new String(SnapshotCodec.write(got), StandardCharsets.UTF_8))
        .as("no word that it doesn't know")
        .doesNotContain("http2");
    assertThat(connected("new").apply()).isEqualTo(modern);
    assertThat(server.held()).isEmpty();
  }

  @Test
  void aDataPlaneThatKnowsOfNoListenersIsSentNone() throws Exception {
    Listener listener =
        new Listener("internal", null, 8090, Listener.Protocol.HTTP, List.of(), null, null);
    RoutingSnapshot more = SnapshotBuilder.from(ONE).put(listener).build();
    server.publish(publication(1, more));
    Hello full = hello("old", Role.ACTIVE, null);
    List<String> features =
        full.features().stream().filter(f -> !f.equals(Features.LISTENERS)).toList();
    Hello old =
        new Hello(
            full.protocol(), full.node(), full.group(), full.build(), features, full.role(), null);
    assertThat(connect("data-plane.old").say(old).apply()).isEqualTo(ONE);
    assertThat(connected("new").apply()).isEqualTo(more);
    assertThat(server.held()).isEmpty();
  }

  @Test
  void aHelloHasToBeRight() throws Exception {
    connect("data-plane.n").say("{\"type\":\"hello\"}").dismissed(Goodbye.Reason.BAD_MESSAGE);
    connect("data-plane.n").say(new Ack(Versions.of(ONE))).dismissed(Goodbye.Reason.BAD_MESSAGE);
    connect("pod-a").say(hello("pod-b", Role.ACTIVE, null)).dismissed(Goodbye.Reason.NODE_MISMATCH);
    connect("data-plane.n")
        .say(new Hello(2, "n", "g", "b", List.of(), Role.ACTIVE, null))
        .dismissed(Goodbye.Reason.PROTOCOL_VERSION);
    assertThat(server.dataPlanes()).isEmpty();
    TestDataPlane bound = connect("pod-a").say(hello("pod-a", Role.ACTIVE, null));
    await().atMost(WAIT).until(() -> server.dataPlanes().containsKey("pod-a"));
    bound.say(hello("pod-b", Role.ACTIVE, null)).dismissed(Goodbye.Reason.BAD_MESSAGE);
  }

  @Test
  void theNewestChannelOfANodeStays() throws Exception {
    TestDataPlane older = connected("node-1");
    TestDataPlane newer = connect("data-plane.node-1").say(hello("node-1", Role.ACTIVE, null));
    older.dismissed(Goodbye.Reason.REPLACED);
    server.publish(publication(1, ONE));
    assertThat(newer.apply()).isEqualTo(ONE);
    await().atMost(WAIT).until(() -> applied("node-1") == 1);
  }

  @Test
  void aNewCertificateIsServedAtOnceAndCutsNobody() throws Exception {
    TestDataPlane older = connected("node-1");
    X509Certificate before = served();
    identity.set(authority.identity());
    assertThat(served()).isNotEqualTo(before);
    server.publish(publication(1, ONE));
    assertThat(older.apply()).isEqualTo(ONE);
  }

  @Test
  void everybodyHearsGoodbyeWhenTheServerGoes() throws Exception {
    TestDataPlane dataPlane = connected("node-1");
    server.close();
    dataPlane.dismissed(Goodbye.Reason.SHUTTING_DOWN);
  }

  /** Takes what it is told until it is this number. */
  private static void toldUntil(TestDataPlane dataPlane, int last) throws Exception {
    while (dataPlane.next(Fleet.class).dataPlanes() != last) {
      // Some of those before it.
    }
  }

  private PushServer start(PushServerOptions options) throws Exception {
    return start(options, Ticker.systemTicker());
  }

  private PushServer start(PushServerOptions options, Ticker ticker) throws IOException {
    PushServer started =
        new PushServer(options, identity::get, PushServerTest::review, registry, ticker);
    started.start();
    return started;
  }

  private void restart(PushServerOptions options) throws Exception {
    server.close();
    server = start(options);
  }

  private static PushServerOptions options() {
    return PushServerOptions.at(loopback());
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private static CompletableFuture<TokenVerdict> review(String token) {
    return CompletableFuture.supplyAsync(
        () ->
            switch (token) {
              case String one when one.startsWith("data-plane.") ->
                  new TokenVerdict.Accepted("data-plane", one.substring("data-plane.".length()));
              case "pod-a" -> new TokenVerdict.Accepted("data-plane", "pod-a");
              case "other-account" -> new TokenVerdict.Forbidden("it is of somebody else");
              case "api-down" -> new TokenVerdict.Unavailable("no answer");
              case "throws" -> throw new IllegalStateException("broken");
              default -> new TokenVerdict.Unauthenticated("it is not valid");
            });
  }

  private TestDataPlane connect(String token) throws Exception {
    TestDataPlane dataPlane = TestDataPlane.connect(tls, port(), token);
    open.add(dataPlane);
    return dataPlane;
  }

  /** Connected, and known to the server. */
  private TestDataPlane connected(String node) throws Exception {
    TestDataPlane dataPlane = connect("data-plane." + node).say(hello(node, Role.ACTIVE, null));
    await().atMost(WAIT).until(() -> server.dataPlanes().containsKey(node));
    return dataPlane;
  }

  /** What a standby would get. */
  private Versions nextVersions(String node) throws Exception {
    return connect("data-plane." + node)
        .say(hello(node, Role.STANDBY, null))
        .next(Current.class)
        .versions();
  }

  private DataPlaneState state(String node) {
    return Objects.requireNonNull(server.dataPlanes().get(node));
  }

  private long applied(String node) {
    DataPlaneState known = server.dataPlanes().get(node);
    return known == null ? -1 : known.appliedSequence();
  }

  private int port() {
    return server.bound().getPort();
  }

  private double count(String name, String tag, String value) {
    var counter = registry.find("longshore.operator.push." + name).tag(tag, value).counter();
    return counter == null ? 0 : counter.count();
  }

  private X509Certificate served() throws Exception {
    try (SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket("localhost", port())) {
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }
}
