package dev.longshore.operator.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.push.Ack;
import dev.longshore.contract.push.DeltaMessage;
import dev.longshore.contract.push.Fleet;
import dev.longshore.contract.push.FromOperator;
import dev.longshore.contract.push.Goodbye;
import dev.longshore.contract.push.Hello.Role;
import dev.longshore.contract.push.PushCodec;
import dev.longshore.contract.push.SnapshotMessage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Large messages, which are made by somebody else while everybody else is served; and the times
 * that data planes have, to the nanosecond.
 */
class CoordinatorTest {
  /** Enough rules for a message to be large. */
  private static final RoutingSnapshot LARGE = TestSnapshots.rules(600);

  /** Looks often who has had its time, and then pings whoever had any: it is the test's clock. */
  private static final PushServerOptions OPTIONS =
      new PushServerOptions(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
          10,
          10,
          128,
          Duration.ofSeconds(10),
          Duration.ofMillis(100),
          Duration.ofMinutes(5),
          Duration.ZERO,
          Duration.ofHours(1));

  private final Encoder encoder = new Encoder();
  private final MockTicker ticker = Ticker.newMockTicker();
  private final Coordinator coordinator =
      new Coordinator(
          OPTIONS, new PushMetrics(new SimpleMeterRegistry()), Clock.systemUTC(), ticker, encoder);

  @AfterEach
  void close() {
    coordinator.close();
  }

  @Test
  void whileALargeMessageIsMadeOthersAreServed() throws Exception {
    coordinator.publish(TestSnapshots.publication(1, LARGE));
    Channel late = open("late", null);
    Runnable making = encoder.next();
    Channel current = open("current", Versions.of(LARGE));
    await().until(() -> coordinator.dataPlanes().containsKey("current"));
    RoutingSnapshot next = TestSnapshots.endpoint(LARGE, 2);
    coordinator.publish(TestSnapshots.publication(2, next));
    assertThat(current.next()).isInstanceOf(DeltaMessage.class);
    coordinator.received(current, new Ack(Versions.of(next)));
    await().until(() -> sequence("current") == 2);
    assertThat(late.sent).as("not made yet").isEmpty();

    making.run();
    assertThat(late.next())
        .isInstanceOfSatisfying(
            SnapshotMessage.class, message -> assertThat(message.snapshot()).isEqualTo(LARGE));
    coordinator.received(late, new Ack(Versions.of(LARGE)));
    assertThat(late.next())
        .as("from there to the newest")
        .isInstanceOfSatisfying(
            DeltaMessage.class,
            message -> assertThat(message.delta().target()).isEqualTo(Versions.of(next)));
  }

  @Test
  void whoGoesMeanwhileTakesNoPlaceAwayAndWhoBeginsAnewIsSentTheNewest() throws Exception {
    for (int i = 1; i <= 2 * Encodings.MAX_LARGE; i++) {
      RoutingSnapshot snapshot = TestSnapshots.rules(600 + i);
      coordinator.publish(TestSnapshots.publication(i, snapshot));
      Channel one = open("gone", null);
      Runnable making = encoder.next();
      coordinator.closed(one);
      await().until(() -> coordinator.dataPlanes().isEmpty());
      making.run();
      assertThat(one.sent).isEmpty();
    }
    coordinator.publish(TestSnapshots.publication(99, LARGE));
    Channel anew = open("anew", null);
    Runnable making = encoder.next();
    RoutingSnapshot newest = TestSnapshots.endpoint(LARGE, 2);
    coordinator.publish(TestSnapshots.publication(100, newest));
    coordinator.received(anew, TestDataPlane.hello("anew", Role.ACTIVE, null));
    making.run();
    encoder.next().run();
    assertThat(anew.next())
        .isInstanceOfSatisfying(
            SnapshotMessage.class, message -> assertThat(message.snapshot()).isEqualTo(newest));
    assertThat(anew.sent).isEmpty();
  }

  @Test
  void whoIsSilentForItsTimeIsClosed() throws Exception {
    Channel silent = open("silent", null);
    silent.alive = ticker.nanoTime();
    pass(OPTIONS.silence());
    assertThat(silent.closed).isFalse();
    pass(Duration.ofNanos(1));
    assertThat(silent.closed).isTrue();
  }

  @Test
  void whoHasNotAnsweredInItsTimeIsSentAway() throws Exception {
    coordinator.publish(TestSnapshots.publication(1, TestSnapshots.rules(1)));
    Channel deaf = open("deaf", null);
    deaf.next();
    settle();
    pass(OPTIONS.answerTimeout());
    assertThat(deaf.goodbyes).isEmpty();
    pass(Duration.ofNanos(1));
    assertThat(deaf.goodbyes).containsExactly(Goodbye.Reason.NO_ANSWER);
  }

  @Test
  void aMessageIsWrittenInItsTime() throws Exception {
    coordinator.publish(TestSnapshots.publication(1, TestSnapshots.rules(1)));
    Channel stuck = new Channel();
    stuck.takes = false;
    coordinator.opened(stuck, TestDataPlane.hello("stuck", Role.ACTIVE, null));
    stuck.next();
    settle();
    pass(OPTIONS.writeTimeout());
    assertThat(stuck.goodbyes).isEmpty();
    pass(Duration.ofNanos(1));
    assertThat(stuck.goodbyes).containsExactly(Goodbye.Reason.NO_ANSWER);
  }

  @Test
  void ofAllNumbersOfDataPlanesInASecondOnlyTheLastIsTold() throws Exception {
    coordinator.fleet(2);
    Channel one = open("one", null);
    settle();
    assertThat(one.told).containsExactly(new Fleet(2));
    for (int i = 3; i <= 50; i++) {
      coordinator.fleet(i);
    }
    settle();
    pass(Duration.ofSeconds(1));
    assertThat(one.told).hasSize(1);
    pass(Duration.ofNanos(1));
    assertThat(one.told).containsExactly(new Fleet(2), new Fleet(50));
  }

  /** Until all that was asked of the coordinator is done. */
  private void settle() throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    coordinator.execute(done::countDown);
    assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
  }

  /** Lets time pass, and the coordinator look at the clock: at each look it pings a witness. */
  private void pass(Duration time) throws InterruptedException {
    Channel witness = new Channel();
    coordinator.opened(witness, TestDataPlane.hello("witness", Role.STANDBY, null));
    settle();
    ticker.advance(time.toNanos(), TimeUnit.NANOSECONDS);
    await().until(() -> witness.pinged);
    settle();
  }

  private Channel open(String node, @Nullable Versions applied) {
    Channel channel = new Channel();
    coordinator.opened(channel, TestDataPlane.hello(node, Role.ACTIVE, applied));
    return channel;
  }

  private long sequence(String node) {
    DataPlaneState state = coordinator.dataPlanes().get(node);
    return state == null ? 0 : state.appliedSequence();
  }

  /** Keeps what is to be done until the test does it. */
  private static final class Encoder extends AbstractExecutorService {
    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();

    Runnable next() throws InterruptedException {
      Runnable task = tasks.poll(30, TimeUnit.SECONDS);
      assertThat(task).as("something large to be made").isNotNull();
      return task;
    }

    @Override
    public void execute(Runnable task) {
      tasks.add(task);
    }

    @Override
    public void shutdown() {}

    @Override
    public List<Runnable> shutdownNow() {
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public boolean isTerminated() {
      return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return true;
    }
  }

  /** A channel that takes snapshots and deltas at once, and nothing else. */
  private final class Channel implements DataPlaneChannel {
    private final BlockingQueue<FromOperator> sent = new LinkedBlockingQueue<>();
    private final Queue<FromOperator> told = new ConcurrentLinkedQueue<>();
    private final Queue<Goodbye.Reason> goodbyes = new ConcurrentLinkedQueue<>();
    private volatile boolean takes = true;
    private volatile boolean pinged;
    private volatile boolean closed;

    /** When it last said something; null: it does all the time. */
    private volatile @Nullable Long alive;

    FromOperator next() throws InterruptedException {
      FromOperator message = sent.poll(30, TimeUnit.SECONDS);
      assertThat(message).as("a message").isNotNull();
      return message;
    }

    @Override
    public void send(byte[] message, Runnable written) {
      try {
        sent.add(PushCodec.readFromOperator(message));
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
      if (takes) {
        written.run();
      }
    }

    @Override
    public void tell(FromOperator message) {
      told.add(message);
    }

    @Override
    public void goodbye(Goodbye goodbye) {
      goodbyes.add(goodbye.reason());
    }

    @Override
    public void ping() {
      pinged = true;
    }

    @Override
    public void readOn() {}

    @Override
    public void close() {
      closed = true;
    }

    @Override
    public long lastAlive() {
      Long said = alive;
      return said == null ? ticker.nanoTime() : said;
    }
  }
}
