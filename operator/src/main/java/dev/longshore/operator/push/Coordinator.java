package dev.longshore.operator.push;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.push.FromDataPlane;
import dev.longshore.contract.push.Goodbye;
import dev.longshore.contract.push.Hello;
import dev.longshore.operator.push.Session.InFlight;
import dev.longshore.operator.quarantine.HeldRule;
import dev.longshore.process.watch.Part;
import dev.longshore.process.watch.Watch;
import io.netty.util.concurrent.Ticker;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is there, and the one thread on which everything about data planes happens. One of four
 * things does: something is published, a channel opens, a channel says something, a channel goes.
 * What each is sent then is {@link Distribution}'s, what is believed of its answers {@link
 * Answers}'.
 */
final class Coordinator implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Coordinator.class);
  private static final Duration MAX_TICK = Duration.ofSeconds(1);

  /** The largest message takes some seconds to make. */
  private static final Duration MOST_MAKING = Duration.ofMinutes(1);

  private final PushServerOptions options;
  private final PushMetrics metrics;
  private final Clock clock;
  private final Ticker ticker;
  private final ScheduledExecutorService thread;
  private final ExecutorService encoder;
  private volatile Part making = Part.unwatched("push-encoder");
  private volatile Part part = Part.unwatched("push");
  private final AtomicReference<@Nullable Publication> published = new AtomicReference<>();
  private final Sessions sessions;
  private final DataPlaneNews news = new DataPlaneNews();
  private final FleetSize fleet = new FleetSize();
  private final Distribution distribution;
  private final Answers answers;

  /**
   * @param clock tells when something happened, for people
   * @param ticker by which data planes have their time
   */
  Coordinator(PushServerOptions options, PushMetrics metrics, Clock clock, Ticker ticker) {
    this(
        options,
        metrics,
        clock,
        ticker,
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("push-encoder").daemon().factory()));
  }

  /**
   * @param encoder makes large messages; ends with this
   */
  Coordinator(
      PushServerOptions options,
      PushMetrics metrics,
      Clock clock,
      Ticker ticker,
      ExecutorService encoder) {
    this.ticker = ticker;
    this.sessions = new Sessions(ticker);
    this.encoder = encoder;
    this.options = options;
    this.metrics = metrics;
    this.clock = clock;
    distribution =
        new Distribution(
            sessions,
            fleet,
            news,
            metrics,
            clock,
            ticker,
            options.history(),
            this::make,
            this::execute);
    answers = new Answers(distribution, this::dismiss, news, fleet, metrics, clock, ticker);
    thread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("push-coordinator").daemon().factory());
    for (Hello.Role role : Hello.Role.values()) {
      metrics.dataPlanes(
          role.name().toLowerCase(Locale.ROOT),
          sessions.states(),
          all -> all.values().stream().filter(one -> one.role() == role).count());
    }
    Duration tick = options.answerTimeout().dividedBy(10);
    long nanos = (tick.compareTo(MAX_TICK) > 0 ? MAX_TICK : tick).toNanos();
    thread.scheduleWithFixedDelay(guarded(this::tick), nanos, nanos, TimeUnit.NANOSECONDS);
  }

  /** Has it told if its thread, or the one that makes large messages, is stuck. */
  void watch(Watch watch) {
    Part push = watch.part("push");
    push.beats(this::execute);
    part = push;
    news.watch(push);
    making = watch.part("push-encoder");
  }

  /** On the encoder. */
  void make(Runnable task) {
    encoder.execute(
        () -> {
          making.begin(MOST_MAKING);
          try {
            task.run();
          } catch (RuntimeException | Error e) {
            making.fault("a message for data planes can't be made", e);
          } finally {
            making.end();
          }
        });
  }

  void addListener(DataPlaneListener listener) {
    news.addListener(listener);
  }

  Map<String, DataPlaneState> dataPlanes() {
    return Map.copyOf(sessions.states());
  }

  /** The rules that are not served as they were published. */
  Map<RuleKey, HeldRule> held() {
    return distribution.held();
  }

  /** Takes the newest publication; one that was not taken yet is forgotten. */
  void publish(Publication publication) {
    if (published.getAndSet(publication) == null) {
      execute(
          () -> {
            Publication newest = published.getAndSet(null);
            if (newest != null) {
              distribution.take(newest);
            }
          });
    }
  }

  /** So many data planes share what is limited over all of them. */
  void fleet(int dataPlanes) {
    execute(
        () -> {
          fleet.becomes(dataPlanes);
          fleet.tell(sessions.all(), ticker.nanoTime());
        });
  }

  /** A channel said hello for the first time; its protocol version and its node are right. */
  void opened(DataPlaneChannel channel, Hello hello) {
    execute(() -> open(channel, hello));
  }

  /** A channel said something after its hello. */
  void received(DataPlaneChannel channel, FromDataPlane message) {
    execute(
        () -> {
          Session session = sessions.of(channel);
          if (session != null && session.talks.take(ticker.nanoTime())) {
            answers.hear(session, message);
            channel.readOn();
          } else if (session != null) {
            dismiss(
                session,
                Goodbye.Reason.BAD_MESSAGE,
                "more than %,d messages a second"
                    .formatted(HardLimits.MESSAGES_PER_SECOND_PER_DATA_PLANE));
          }
        });
  }

  /** A channel is gone. */
  void closed(DataPlaneChannel channel) {
    execute(
        () -> {
          Session session = sessions.of(channel);
          if (session != null && sessions.remove(session)) {
            log.info("data plane {} is gone", session.hello.node());
            gone(session);
          }
        });
  }

  /** Says goodbye to all; what they do from now on is not heard. */
  @Override
  public void close() {
    execute(
        () -> {
          for (Session session : sessions.all()) {
            session.channel.goodbye(
                new Goodbye(Goodbye.Reason.SHUTTING_DOWN, "this operator replica goes away"));
          }
        });
    thread.shutdown();
    try {
      if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    encoder.shutdownNow();
  }

  private void open(DataPlaneChannel channel, Hello hello) {
    Session older = sessions.of(hello.node());
    if (older != null) {
      dismiss(older, Goodbye.Reason.REPLACED, "the node opened another channel");
    } else if (sessions.size() >= options.maxDataPlanes()) {
      metrics.dismissed(Goodbye.Reason.TOO_MANY.name());
      channel.goodbye(
          new Goodbye(
              Goodbye.Reason.TOO_MANY, "there are " + sessions.size() + " data planes already"));
      return;
    }
    Session session = new Session(channel, hello, clock.instant(), ticker.nanoTime());
    sessions.add(session);
    distribution.present();
    log.info(
        "data plane {} ({}, group {}) is connected, {}, and serves {}",
        hello.node(),
        hello.build(),
        hello.group(),
        hello.role(),
        hello.applied() == null ? "nothing" : hello.applied());
    answers.begin(session);
    channel.readOn();
  }

  private void dismiss(Session session, Goodbye.Reason reason, String message) {
    metrics.dismissed(reason.name());
    log.info("data plane {} is sent away: {}", session.hello.node(), message);
    session.channel.goodbye(new Goodbye(reason, message));
    if (sessions.remove(session)) {
      if (reason == Goodbye.Reason.REPLACED) {
        distribution.forget(session.hello.node());
      } else {
        gone(session);
      }
    }
  }

  private void gone(Session session) {
    distribution.forget(session.hello.node());
    distribution.present();
    news.tell(listener -> listener.disconnected(session.state()));
  }

  /** Looks who has had its time. On the thread, again and again. */
  private void tick() {
    long now = ticker.nanoTime();
    distribution.sweep(now);
    forgive(now);
    fleet.tell(sessions.all(), now);
    for (Session session : sessions.all()) {
      if (now - session.channel.lastAlive() > options.silence().toNanos()) {
        metrics.dismissed("silence");
        log.info("data plane {} is silent and closed", session.hello.node());
        session.channel.close();
      } else if (overdue(session, now)) {
        dismiss(session, Goodbye.Reason.NO_ANSWER, "a message was not taken or answered in time");
      } else {
        if (now - session.lastPing > options.pingInterval().toNanos()) {
          session.lastPing = now;
          session.channel.ping();
        }
        if (!session.active()) {
          distribution.tellStandby(session);
        }
        if (session.waits || session.whole) {
          distribution.pump(session);
        }
      }
    }
  }

  /** What only data planes refused that went for good is free. */
  private void forgive(long now) {
    Set<String> left = sessions.forget(now);
    if (left != null) {
      distribution.retain(left);
    }
  }

  private boolean overdue(Session session, long now) {
    InFlight writing = session.writing;
    if (writing != null) {
      return now - writing.startedAt > options.writeTimeout().toNanos();
    }
    InFlight inFlight = session.inFlight;
    return inFlight != null && now - inFlight.writtenAt > options.answerTimeout().toNanos();
  }

  void execute(Runnable task) {
    try {
      thread.execute(guarded(task));
    } catch (RejectedExecutionException e) {
      log.debug("too late, the push server is closed");
    }
  }

  /** A bug in one task must not end the thread that all data planes depend on. */
  private Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        part.fault("a task of the push server failed", e);
      }
    };
  }
}
