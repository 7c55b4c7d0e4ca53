package dev.longshore.proxy.subscribe;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.push.Features;
import dev.longshore.contract.push.Hello;
import dev.longshore.contract.push.Hello.Role;
import dev.longshore.contract.push.PushProtocol;
import dev.longshore.contract.push.Resync;
import dev.longshore.contract.push.Unreadable;
import dev.longshore.process.watch.Part;
import dev.longshore.process.watch.Watch;
import dev.longshore.proxy.subscribe.OperatorLink.Turn;
import dev.longshore.proxy.table.ApplyResult;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.ScheduledFuture;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows an operator: keeps a channel to each of its replicas, applies what the active one sends,
 * and tells all of them what became of it. What was applied last is kept on disk, and served after
 * a restart until an operator is reached.
 *
 * <p>Channels live on an event loop of their own; messages are read and applied on a second thread,
 * one after the other, so that however slow that is, no traffic and no Ping waits for it. A replica
 * sends the next message when the last is answered; should it send more, TCP holds them back.
 */
public final class Subscription implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Subscription.class);

  /** An entry of a message has more. */
  private static final int BYTES_PER_ENTRY = 64;

  private final SubscriptionOptions options;
  private final Clock clock;
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("longshore-push", true), NioIoHandler.newFactory());
  private final EventLoop loop = group.next();
  private final ExecutorService applying =
      Executors.newSingleThreadExecutor(new DefaultThreadFactory("longshore-apply", true));
  private final FleetSize fleet;
  private final Operators operators;
  private final TableUpdates updates;
  private volatile @Nullable LastKnownGood lastKnownGood;
  private volatile Part apply = Part.unwatched("apply");
  private volatile Part state = Part.unwatched("state");
  private boolean closed;
  private volatile @Nullable OperatorLink active;
  private volatile @Nullable Instant lastMessage;
  private volatile @Nullable Instant lost;

  /**
   * Prepares to follow; nothing happens before {@link #start()}.
   *
   * @param table applies a snapshot, or rejects it whole; called by one thread at a time, and never
   *     on an event loop
   * @param fleet is told how many data planes there are
   */
  public Subscription(
      SubscriptionOptions options, Function<RoutingSnapshot, ApplyResult> table, FleetSize fleet) {
    this(
        options,
        table,
        fleet,
        Timing.DEFAULT,
        InetAddress::getAllByName,
        Clock.systemUTC(),
        Ticker.systemTicker());
  }

  Subscription(
      SubscriptionOptions options,
      Function<RoutingSnapshot, ApplyResult> table,
      FleetSize fleet,
      Timing timing,
      Operators.Names names,
      Clock clock,
      Ticker ticker) {
    this.options = options;
    this.fleet = fleet;
    this.clock = clock;
    this.updates =
        new TableUpdates(
            table,
            new OriginGate(timing.refuseOlder(), ticker),
            fleet,
            clock,
            this::keep,
            this::failed);
    this.operators = new Operators(loop, options, timing, names, new Conduct());
  }

  /**
   * Applies the last known good table, if there is one, on this thread; then looks for operators.
   * Once.
   */
  public void start() {
    if (options.state() != null) {
      try {
        LastKnownGood kept = new LastKnownGood(StateDirectory.open(options.state()));
        lastKnownGood = kept;
        kept.watch(state);
        kept.read().ifPresent(table -> restore(kept, table));
      } catch (IOException e) {
        LOG.error(
            "--state: {}; the table is not kept, and a restart without an operator serves nothing",
            e.getMessage());
      }
    }
    loop.execute(operators::start);
  }

  private void restore(LastKnownGood kept, KeptTable table) {
    String wrong = updates.restore(table);
    if (wrong.isEmpty()) {
      LOG.info(
          "serving the last known good table {}, applied {}, until an operator is reached",
          table.snapshot().version().brief(),
          table.appliedAt());
    } else {
      kept.setAside(wrong);
    }
  }

  private void keep(KeptTable table) {
    LastKnownGood kept = lastKnownGood;
    if (kept != null) {
      kept.keep(table);
    }
  }

  private void failed(Throwable cause) {
    apply.fault("a message of the operator could not be dealt with; the table stays", cause);
  }

  /** Has its threads watched; before {@link #start()}. */
  public void watch(Watch watch) {
    Part push = watch.part("push");
    push.beats(loop);
    operators.watch(push);
    apply = watch.part("apply");
    state = watch.part("state");
  }

  /** What is known of the operators now. Any thread. */
  public SubscriptionStatus status() {
    LastKnownGood kept = lastKnownGood;
    return new SubscriptionStatus(
        operators.status(),
        lastMessage,
        confirmed(),
        updates.keptAt(),
        kept == null ? null : kept.onDisk(),
        fleet.dataPlanes(),
        updates.refused(),
        updates.staleTaken());
  }

  private @Nullable Instant confirmed() {
    if (updates.applied() == null) {
      return null;
    }
    Instant kept = updates.keptAt();
    if (kept != null) {
      return kept;
    }
    Instant since = lost;
    return active != null || since == null ? clock.instant() : since;
  }

  /** Closes every channel, and returns when the table is kept and no thread runs any more. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    loop.submit(operators::close).awaitUninterruptibly();
    applying.shutdown();
    try {
      if (!applying.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.warn("a table is still being applied; not waiting for it");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    LastKnownGood kept = lastKnownGood;
    if (kept != null) {
      kept.close();
    }
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /** What is said and done on the channels. On the event loop, except where it says otherwise. */
  private final class Conduct implements Operators.Conduct {
    private @Nullable ScheduledFuture<?> asking;

    @Override
    public void greet(OperatorLink link) {
      // Behind the message that is being applied, so that what is said of it stays true.
      Consumer<Hello> greeting = link.greeting();
      onApplying(() -> loop.execute(() -> greeting.accept(hello(operators.isActive(link)))));
    }

    private Hello hello(boolean first) {
      Versions applied = updates.applied();
      return new Hello(
          PushProtocol.VERSION,
          options.node(),
          options.group(),
          options.build(),
          List.copyOf(Features.ALL),
          first ? Role.ACTIVE : Role.STANDBY,
          applied);
    }

    @Override
    public void activeChanged(@Nullable OperatorLink now) {
      active = now;
      if (now == null) {
        lost = clock.instant();
      }
      stopAsking();
      onApplying(updates::replicaChanged);
    }

    @Override
    public void received(OperatorLink from, ByteBuf json, Turn turn) {
      lastMessage = clock.instant();
      if (!onApplying(() -> take(from, json, turn))) {
        json.release();
      }
    }

    /** On the applying thread. */
    private void take(OperatorLink from, ByteBuf json, Turn turn) {
      Answer answer = new Answer.Silence();
      // What a message costs is bounded by its size, and by that of the table.
      apply.begin(Watch.patience(json.readableBytes() / BYTES_PER_ENTRY + updates.size()));
      try (ByteBufInputStream in = new ByteBufInputStream(json, true)) {
        answer = updates.take(in, from == active);
      } catch (IOException | RuntimeException | Error e) {
        failed(e);
        if (from == active) {
          // Said nothing, the operator would wait for ever.
          answer = new Answer.Reply(Unreadable.of("a message could not be dealt with: " + e));
        }
      } finally {
        apply.end();
      }
      Answer made = answer;
      loop.execute(
          () -> {
            answer(turn, made);
            turn.done();
          });
    }

    private void answer(Turn turn, Answer answer) {
      switch (answer) {
        case Answer.Report(var message) -> {
          stopAsking();
          operators.report(message);
        }
        case Answer.Reply(var message) -> turn.answer(message);
        case Answer.Waiting(var message, var patience) -> {
          turn.answer(message);
          stopAsking();
          asking =
              loop.schedule(
                  () -> turn.answer(new Resync("nothing newer came; an older table will do")),
                  patience.toNanos(),
                  TimeUnit.NANOSECONDS);
        }
        case Answer.Leaving(var goodbye) -> turn.leaving(goodbye);
        case Answer.Silence() -> {}
      }
    }

    private void stopAsking() {
      if (asking != null) {
        asking.cancel(false);
        asking = null;
      }
    }

    private boolean onApplying(Runnable task) {
      try {
        applying.execute(apply.guarded("what is behind a message could not be done", task));
        return true;
      } catch (RejectedExecutionException e) {
        // Closed meanwhile.
        return false;
      }
    }
  }
}
