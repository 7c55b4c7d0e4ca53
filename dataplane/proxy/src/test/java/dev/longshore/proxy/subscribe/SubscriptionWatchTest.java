package dev.longshore.proxy.subscribe;

import static dev.longshore.contract.PathType.PREFIX;
import static dev.longshore.proxy.Snapshots.key;
import static dev.longshore.proxy.Snapshots.pool;
import static dev.longshore.proxy.Snapshots.snapshot;
import static dev.longshore.proxy.Snapshots.source;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.push.Hello;
import dev.longshore.contract.push.Origin;
import dev.longshore.contract.push.SnapshotMessage;
import dev.longshore.process.testing.Strikes;
import dev.longshore.process.testing.Watched;
import dev.longshore.proxy.table.SnapshotHolder;
import io.netty.util.concurrent.Ticker;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The threads of a subscription, struck while a real operator sends. */
@Timeout(120)
class SubscriptionWatchTest {
  private static final String HOST = "operator.test";
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
  private final AtomicReference<@Nullable Runnable> whereNamesAreLookedUp = new AtomicReference<>();
  private final AtomicReference<@Nullable Runnable> whereMessagesCome = new AtomicReference<>();
  private final AtomicReference<@Nullable Runnable> whereTheyAreApplied = new AtomicReference<>();
  private final AtomicInteger sent = new AtomicInteger();
  private final SnapshotHolder holder = new SnapshotHolder();
  private TestOperator operator;
  private Watched watched;
  private Subscription subscription;

  @BeforeEach
  void start() throws Exception {
    watched = new Watched();
    operator = new TestOperator("127.0.0.1", 0, pki.issue(HOST));
    Path ca = Files.writeString(temp.resolve("ca.crt"), pki.bundle());
    Path token = Files.writeString(temp.resolve("token"), "token-1\n");
    subscription =
        new Subscription(
            new SubscriptionOptions(
                HOST, operator.port(), ca, token, temp.resolve("state"), "node", "group", "1.0"),
            table -> {
              run(whereTheyAreApplied);
              return holder.apply(table);
            },
            new FleetSize(),
            QUICK,
            host -> {
              run(whereNamesAreLookedUp);
              return new InetAddress[] {InetAddress.ofLiteral("127.0.0.1")};
            },
            new Hooked(),
            Ticker.systemTicker());
    subscription.watch(watched.watch());
    subscription.start();
    operator.next(Hello.class);
  }

  @AfterEach
  void stop() throws Exception {
    watched.close();
    subscription.close();
    operator.close();
    holder.close();
  }

  private static void run(AtomicReference<@Nullable Runnable> planted) {
    Runnable task = planted.getAndSet(null);
    if (task != null) {
      task.run();
    }
  }

  /** Is asked when a message comes, on the loop of the channels. */
  private final class Hooked extends Clock {
    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      if (Thread.currentThread().getName().startsWith("longshore-push-")) {
        run(whereMessagesCome);
      }
      return Instant.now();
    }
  }

  /** Sends a table that is another one each time. */
  private void send() {
    int number = sent.incrementAndGet();
    RoutingSnapshot table =
        snapshot()
            .with(pool("p"), "10.0.0.1:80")
            .forward(key("h" + number, PREFIX, "/"), source("chat", 0, 0), "p")
            .build();
    operator.send(
        new SnapshotMessage(Origin.of(0, Map.of("Ingress", Integer.toString(number))), table));
  }

  @Test
  @Strikes("push")
  void theLoopOfTheChannelsIsToldWhenItHangs() {
    watched.fail("push", whereNamesAreLookedUp::set);
    watched.hang(
        "push",
        task -> {
          whereMessagesCome.set(task);
          send();
        });
    watched.exhaust("push", whereNamesAreLookedUp::set);
  }

  @Test
  @Strikes("apply")
  void whatAppliesIsToldWhenItHangsOrHasNoMemory() {
    watched.fail("apply", this::whileApplying);
    watched.hang("apply", this::whileApplying);
    watched.exhaust("apply", this::whileApplying);
  }

  private void whileApplying(Runnable task) {
    whereTheyAreApplied.set(task);
    send();
  }

  @Test
  @Strikes("state")
  void whatKeepsTheTableIsToldWhenItEnds() throws Exception {
    AtomicReference<@Nullable Thread> thread = new AtomicReference<>();
    ThreadFactory threads =
        task -> {
          Thread made = new Thread(task, "kept");
          thread.set(made);
          return made;
        };
    try (LastKnownGood kept =
        new LastKnownGood(StateDirectory.open(temp.resolve("other")), threads)) {
      kept.watch(watched.watch().part("state"));
      kept.keep(new KeptTable(nothing(), Origin.of(0, Map.of()), Instant.EPOCH, 1));
      await().until(() -> watched.faults("state") == 1);
      kept.keep(new KeptTable(snapshot().build(), Origin.of(0, Map.of()), Instant.EPOCH, 1));
      await().until(() -> kept.onDisk() != null);
      assertThat(watched.watch().troubles()).isEmpty();
      Objects.requireNonNull(thread.get()).interrupt();
      watched.awaitTrouble("state: its thread is dead");
    }
  }

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T nothing() {
    return null;
  }
}
