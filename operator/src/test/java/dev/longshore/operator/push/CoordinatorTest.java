package dev.longshore.operator.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.push.Ack;
import dev.longshore.contract.push.DeltaMessage;
import dev.longshore.contract.push.FromOperator;
import dev.longshore.contract.push.Goodbye;
import dev.longshore.contract.push.Hello.Role;
import dev.longshore.contract.push.PushCodec;
import dev.longshore.contract.push.SnapshotMessage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Large messages, which are made by somebody else while everybody else is served. */
class CoordinatorTest {
  /** Enough rules for a message to be large. */
  private static final RoutingSnapshot LARGE = TestSnapshots.rules(600);

  private final Encoder encoder = new Encoder();
  private final Coordinator coordinator =
      new Coordinator(
          PushServerOptions.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
          new PushMetrics(new SimpleMeterRegistry()),
          Clock.systemUTC(),
          encoder);

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
  private static final class Channel implements DataPlaneChannel {
    private final BlockingQueue<FromOperator> sent = new LinkedBlockingQueue<>();

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
      written.run();
    }

    @Override
    public void tell(FromOperator message) {}

    @Override
    public void goodbye(Goodbye goodbye) {}

    @Override
    public void ping() {}

    @Override
    public void readOn() {}

    @Override
    public void close() {}

    @Override
    public long lastAlive() {
      return System.nanoTime();
    }
  }
}
