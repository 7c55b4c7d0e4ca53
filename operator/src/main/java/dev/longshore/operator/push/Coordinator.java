package dev.longshore.operator.push;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.push.Ack;
import dev.longshore.contract.push.Current;
import dev.longshore.contract.push.Fleet;
import dev.longshore.contract.push.FromDataPlane;
import dev.longshore.contract.push.Goodbye;
import dev.longshore.contract.push.Hello;
import dev.longshore.contract.push.Nack;
import dev.longshore.contract.push.PushProtocol;
import dev.longshore.contract.push.Resync;
import dev.longshore.contract.push.Stale;
import dev.longshore.contract.push.Unreadable;
import dev.longshore.operator.publish.Quarantine;
import dev.longshore.operator.push.Session.InFlight;
import dev.longshore.process.watch.Part;
import dev.longshore.process.watch.Watch;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what each data plane is sent and what is believed of what it says, on one thread.
 *
 * <p>One of four things happens to it: something is published, a channel opens, a channel says
 * something, a channel goes. After each of them {@link #pump} looks whether there is something to
 * send: only if nothing is under way, and then the way from what the data plane serves to what is
 * newest at that moment. How many data planes there are is told beside that, for it is not
 * answered.
 */
final class Coordinator implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Coordinator.class);
  private static final Duration MAX_TICK = Duration.ofSeconds(1);
  private static final long RESYNC_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

  /** A rolling update changes their number often; each change is a message to each of them. */
  private static final long FLEET_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

  /** The largest message takes some seconds to make. */
  private static final Duration MOST_MAKING = Duration.ofMinutes(1);

  /** How long a data plane that went may come back. */
  private static final long FORGIVE_NANOS = Duration.ofMinutes(10).toNanos();

  private final PushServerOptions options;
  private final PushMetrics metrics;
  private final Clock clock;
  private final ScheduledExecutorService thread;
  private final ExecutorService encoder;
  private volatile Part making = Part.unwatched("push-encoder");
  private volatile Part part = Part.unwatched("push");
  private final AtomicReference<@Nullable Publication> published = new AtomicReference<>();
  private final List<DataPlaneListener> listeners = new CopyOnWriteArrayList<>();

  /** Written by the thread, read by any. */
  private final Map<String, DataPlaneState> states = new ConcurrentHashMap<>();

  /** What of the newest is closed to the data planes that lack features. Read by any thread. */
  private final Map<String, Tailored> lacking = new ConcurrentHashMap<>();

  private final Map<DataPlaneChannel, Session> sessions = new IdentityHashMap<>();
  private final Map<String, Session> byNode = new HashMap<>();
  private final History history;
  private final Encodings encodings;
  private final Quarantine quarantine = new Quarantine();

  /** When nodes that refused something went, by {@link System#nanoTime}. */
  private final Map<String, Long> gone = new HashMap<>();

  /** How many data planes there are, as they are told; 0: it is not known. */
  private int fleet;

  /** How many there are by now. */
  private int nextFleet;

  /** When {@link #fleet} changed, by {@link System#nanoTime}. */
  private long fleetSince;

  /** The newest as it was published. */
  private @Nullable Publication wanted;

  Coordinator(PushServerOptions options, PushMetrics metrics, Clock clock) {
    this(
        options,
        metrics,
        clock,
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("push-encoder").daemon().factory()));
  }

  /**
   * @param encoder makes large messages; ends with this
   */
  Coordinator(
      PushServerOptions options, PushMetrics metrics, Clock clock, ExecutorService encoder) {
    this.encoder = encoder;
    this.options = options;
    this.metrics = metrics;
    this.clock = clock;
    history = new History(options.history());
    encodings = new Encodings(metrics, this::make, this::execute);
    thread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("push-coordinator").daemon().factory());
    for (Hello.Role role : Hello.Role.values()) {
      metrics.dataPlanes(
          role.name().toLowerCase(Locale.ROOT),
          states,
          all -> all.values().stream().filter(one -> one.role() == role).count());
    }
    metrics.held(quarantine, one -> one.held().size());
    metrics.alone(quarantine, Quarantine::alone);
    Duration tick = options.answerTimeout().dividedBy(10);
    long nanos = (tick.compareTo(MAX_TICK) > 0 ? MAX_TICK : tick).toNanos();
    thread.scheduleWithFixedDelay(guarded(this::tick), nanos, nanos, TimeUnit.NANOSECONDS);
  }

  /** Has it told if its thread, or the one that makes large messages, is stuck. */
  void watch(Watch watch) {
    Part push = watch.part("push");
    push.beats(this::execute);
    part = push;
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
    listeners.add(listener);
  }

  Map<String, DataPlaneState> dataPlanes() {
    return Map.copyOf(states);
  }

  /** The rules that are not served as they were published. */
  Map<RuleKey, Quarantine.Held> held() {
    Map<RuleKey, Quarantine.Held> held = quarantine.held();
    lacking.forEach(
        (node, tailored) ->
            tailored
                .closed()
                .forEach(
                    (key, one) ->
                        held.putIfAbsent(
                            key,
                            new Quarantine.Held(
                                one.source(), "data plane " + node + " " + one.why()))));
    return held;
  }

  /** Takes the newest publication; one that was not taken yet is forgotten. */
  void publish(Publication publication) {
    if (published.getAndSet(publication) == null) {
      execute(
          () -> {
            Publication newest = published.getAndSet(null);
            if (newest != null) {
              take(newest);
            }
          });
    }
  }

  /**
   * So many data planes share what is limited over all of them. What comes soon after another is
   * told later, and only the last of it.
   */
  void fleet(int dataPlanes) {
    execute(
        () -> {
          nextFleet = dataPlanes;
          tellFleet(System.nanoTime());
        });
  }

  private void tellFleet(long now) {
    if (nextFleet != fleet && (fleet == 0 || now - fleetSince > FLEET_PAUSE_NANOS)) {
      fleet = nextFleet;
      fleetSince = now;
      sessions.values().forEach(this::tellFleet);
    }
  }

  /** Not behind a large message that is not written yet: what is newest then, is told then. */
  private void tellFleet(Session session) {
    if (fleet != 0
        && fleet != session.toldFleet
        && session.active()
        && session.sharesTotals()
        && session.writing == null) {
      session.toldFleet = fleet;
      session.channel.tell(new Fleet(fleet));
    }
  }

  /** A channel said hello for the first time; its protocol version and its node are right. */
  void opened(DataPlaneChannel channel, Hello hello) {
    execute(() -> open(channel, hello));
  }

  /** A channel said something after its hello. */
  void received(DataPlaneChannel channel, FromDataPlane message) {
    execute(
        () -> {
          Session session = sessions.get(channel);
          if (session != null && session.talks.take(System.nanoTime())) {
            hear(session, message);
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
          Session session = sessions.remove(channel);
          if (session != null) {
            forget(session);
            if (byNode.remove(session.hello.node(), session)) {
              states.remove(session.hello.node());
              lacking.remove(session.hello.node());
              gone.put(session.hello.node(), System.nanoTime());
              who();
              log.info("data plane {} is gone", session.hello.node());
              tell(listener -> listener.disconnected(session.state()));
            }
          }
        });
  }

  /** Says goodbye to all; what they do from now on is not heard. */
  @Override
  public void close() {
    execute(
        () -> {
          for (Session session : List.copyOf(sessions.values())) {
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

  private void take(Publication publication) {
    if (wanted != null && publication.sequence() <= wanted.sequence()) {
      log.warn(
          "publication {} comes after {} and is ignored",
          publication.sequence(),
          wanted.sequence());
      return;
    }
    wanted = publication;
    offer(publication);
  }

  /** Sends what of the publication data planes don't refuse. */
  private void offer(Publication publication) {
    history.add(
        new Publication(
            publication.sequence(),
            quarantine.apply(publication.snapshot()),
            publication.origin()));
    encodings.retire();
    for (Session session : List.copyOf(sessions.values())) {
      pump(session);
    }
  }

  private void offerAgain() {
    if (wanted != null) {
      offer(wanted);
    }
  }

  /** Whether a refusal is one data plane's alone depends on who else there is. */
  private void who() {
    if (quarantine.present(byNode.keySet())) {
      offerAgain();
    }
  }

  private void open(DataPlaneChannel channel, Hello hello) {
    Session older = byNode.get(hello.node());
    if (older != null) {
      dismiss(older, Goodbye.Reason.REPLACED, "the node opened another channel");
    } else if (sessions.size() >= options.maxDataPlanes()) {
      metrics.dismissed(Goodbye.Reason.TOO_MANY.name());
      channel.goodbye(
          new Goodbye(
              Goodbye.Reason.TOO_MANY, "there are " + sessions.size() + " data planes already"));
      return;
    }
    Session session = new Session(channel, hello, clock.instant());
    sessions.put(channel, session);
    byNode.put(hello.node(), session);
    gone.remove(hello.node());
    who();
    log.info(
        "data plane {} ({}, group {}) is connected, {}, and serves {}",
        hello.node(),
        hello.build(),
        hello.group(),
        hello.role(),
        hello.applied() == null ? "nothing" : hello.applied());
    session.appliedSequence = history.sequence(session.applied);
    changed(session);
    tell(listener -> listener.connected(session.state()));
    tellFleet(session);
    pump(session);
    channel.readOn();
  }

  private void hear(Session session, FromDataPlane message) {
    switch (message) {
      case Hello hello -> hello(session, hello);
      case Ack(Versions applied) -> ack(session, applied);
      case Nack nack -> nack(session, nack);
      case Stale(Versions refused) -> stale(session, refused);
      case Resync(String why) -> resync(session, why);
      case Unreadable(String problem) -> unreadable(session, problem);
    }
  }

  private void hello(Session session, Hello hello) {
    Hello before = session.hello;
    if (!hello.node().equals(before.node())
        || !hello.group().equals(before.group())
        || !hello.build().equals(before.build())
        || !hello.features().equals(before.features())
        || hello.protocol() != PushProtocol.VERSION) {
      dismiss(
          session, Goodbye.Reason.BAD_MESSAGE, "a later hello changes role and applied, no more");
      return;
    }
    land(session);
    session.hello = hello;
    session.refused = null;
    session.told = null;
    session.whole = false;
    session.toldFleet = 0;
    session.applied = hello.applied();
    session.appliedSequence = history.sequence(session.applied);
    changed(session);
    tell(listener -> listener.connected(session.state()));
    tellFleet(session);
    pump(session);
  }

  private void ack(Session session, Versions applied) {
    InFlight inFlight = session.inFlight;
    if (session.active()) {
      if (inFlight == null || !inFlight.target.equals(applied)) {
        if (!applied.equals(session.applied)) {
          disbelieve(session, "an ack of " + applied);
        }
        return;
      }
      metrics.acknowledged(Duration.ofNanos(System.nanoTime() - inFlight.startedAt));
      land(session);
      session.told = applied;
    }
    serves(session, applied);
    pump(session);
  }

  private void serves(Session session, Versions applied) {
    session.applied = applied;
    session.appliedSequence = history.sequence(applied);
    session.refused = null;
    session.lastNack = null;
    quarantine.taken(applied);
    changed(session);
    tell(listener -> listener.acknowledged(session.state()));
  }

  private void nack(Session session, Nack nack) {
    if (session.active() && !landRefused(session, nack.rejected(), "a nack of ")) {
      return;
    }
    String problem =
        nack.errors().isEmpty() ? "names no entry" : nack.errors().getFirst().problem();
    reject(
        session,
        new Rejection(nack.rejected(), nack.errors(), nack.omitted(), problem, clock.instant()));
    switch (quarantine.refuse(session.hello.node(), nack.rejected(), nack.errors())) {
      case ALL -> offerAgain();
      case ONE, NONE -> pump(session);
    }
  }

  private void stale(Session session, Versions refused) {
    if (session.active() && landRefused(session, refused, "stale of ")) {
      log.info(
          "data plane {} serves something newer than {}, which it does not take for now",
          session.hello.node(),
          refused);
      pump(session);
    }
  }

  private void resync(Session session, String why) {
    if (session.active()) {
      log.info("data plane {} asks for everything: {}", session.hello.node(), Printable.of(why));
      land(session);
      session.refused = null;
      session.whole = true;
      pump(session);
    }
  }

  private void unreadable(Session session, String problem) {
    InFlight inFlight = session.inFlight;
    if (session.active()) {
      if (inFlight == null) {
        dismiss(session, Goodbye.Reason.BAD_MESSAGE, "nothing was sent that could be unreadable");
        return;
      }
      session.refused = inFlight.target;
      land(session);
    }
    reject(
        session,
        new Rejection(
            null, List.of(), 0, "could not be read: " + Printable.of(problem), clock.instant()));
    pump(session);
  }

  /** Whether the answer is to what was sent; if not, the data plane is not believed. */
  private boolean landRefused(Session session, Versions refused, String what) {
    InFlight inFlight = session.inFlight;
    if (inFlight == null || !inFlight.target.equals(refused)) {
      if (!refused.equals(session.refused)) {
        disbelieve(session, what + refused);
      }
      return false;
    }
    session.refused = refused;
    land(session);
    return true;
  }

  private void reject(Session session, Rejection rejection) {
    session.lastNack = rejection;
    metrics.rejected();
    log.warn(
        "data plane {} refuses {}: {}",
        session.hello.node(),
        rejection.versions() == null ? "what it was sent" : rejection.versions(),
        Printable.of(rejection.problem()));
    changed(session);
    tell(listener -> listener.rejected(session.state(), rejection));
  }

  private void disbelieve(Session session, String what) {
    log.error(
        "data plane {} answers what it was never sent, {}: it is not believed",
        session.hello.node(),
        what);
    dismiss(session, Goodbye.Reason.UNKNOWN_VERSION, what + ", which was never sent");
  }

  /** Sends what there is to send, if nothing is under way. */
  private void pump(Session session) {
    Publication newest = history.newest();
    if (newest == null || sessions.get(session.channel) != session) {
      return;
    }
    Tailored tailored = newestFor(session);
    if (!session.missing.isEmpty()) {
      lacking.put(session.hello.node(), tailored);
    }
    RoutingSnapshot target = tailored.snapshot();
    if (target == null) {
      refuseUnsendable(
          session,
          Versions.of(newest.snapshot()),
          "it lacks " + String.join(", ", tailored.lacking()));
      return;
    }
    Versions versions = Versions.of(target);
    if (versions.equals(session.applied)) {
      if (session.appliedSequence != newest.sequence() || session.lastNack != null) {
        serves(session, versions);
      }
      if (session.active() && session.inFlight == null && !versions.equals(session.told)) {
        session.told = versions;
        session.channel.tell(new Current(newest.origin(), versions));
      }
    }
    if (!session.active()
        || session.inFlight != null
        || session.writing != null
        || (versions.equals(session.applied) && !session.whole)
        || versions.equals(session.refused)
        || (session.whole && session.wholeNotBefore - System.nanoTime() > 0)) {
      return;
    }
    RoutingSnapshot base = session.whole ? null : history.snapshot(session.applied);
    Encoding encoding = encodings.acquire(base, target, newest.origin());
    session.waits = encoding == null;
    if (encoding == null) {
      return;
    }
    if (session.whole) {
      session.whole = false;
      session.wholeNotBefore = System.nanoTime() + RESYNC_PAUSE_NANOS;
    }
    InFlight inFlight = new InFlight(versions, encoding);
    session.inFlight = inFlight;
    session.writing = inFlight;
    if (encoding.made) {
      send(session, inFlight);
    } else {
      encoding.waiting.add(() -> send(session, inFlight));
    }
  }

  /** What of the newest this data plane can read, without what it refuses alone. */
  private Tailored newestFor(Session session) {
    RoutingSnapshot own = quarantine.own(session.hello.node());
    return own == null
        ? history.newestWithout(session.missing)
        : history.newestFor(session.hello.node(), own, session.missing);
  }

  private void send(Session session, InFlight inFlight) {
    byte[] bytes = inFlight.encoding.bytes;
    if (sessions.get(session.channel) != session || session.inFlight != inFlight) {
      // It went, or begins anew, while the message was made.
      unsent(session, inFlight);
      pump(session);
    } else if (bytes == null || bytes.length > PushProtocol.MAX_OPERATOR_MESSAGE_BYTES) {
      unsent(session, inFlight);
      land(session);
      session.refused = inFlight.target;
      refuseUnsendable(
          session,
          inFlight.target,
          bytes == null
              ? "it can't be written: see the operator's log"
              : "a snapshot has more bytes than a message may have");
    } else {
      inFlight.startedAt = System.nanoTime();
      metrics.sent(inFlight.encoding.delta, bytes.length);
      session.channel.send(bytes, () -> execute(() -> written(session, inFlight)));
    }
  }

  private void unsent(Session session, InFlight inFlight) {
    session.writing = null;
    encodings.release(inFlight.encoding);
  }

  private void refuseUnsendable(Session session, Versions versions, String problem) {
    if (session.lastNack == null || !versions.equals(session.lastNack.versions())) {
      reject(session, new Rejection(versions, List.of(), 0, problem, clock.instant()));
    }
  }

  private void written(Session session, InFlight inFlight) {
    inFlight.writtenAt = System.nanoTime();
    session.writing = null;
    encodings.release(inFlight.encoding);
    tellFleet(session);
    pump(session);
    for (Session other : List.copyOf(sessions.values())) {
      if (other.waits) {
        pump(other);
      }
    }
  }

  /** Nothing is under way any more. Its encoding is released when it is written. */
  private static void land(Session session) {
    session.inFlight = null;
  }

  private void forget(Session session) {
    land(session);
    session.waits = false;
  }

  private void dismiss(Session session, Goodbye.Reason reason, String message) {
    metrics.dismissed(reason.name());
    log.info("data plane {} is sent away: {}", session.hello.node(), message);
    session.channel.goodbye(new Goodbye(reason, message));
    sessions.remove(session.channel);
    forget(session);
    if (byNode.remove(session.hello.node(), session)) {
      states.remove(session.hello.node());
      lacking.remove(session.hello.node());
      gone.put(session.hello.node(), System.nanoTime());
      if (reason != Goodbye.Reason.REPLACED) {
        who();
        tell(listener -> listener.disconnected(session.state()));
      }
    }
  }

  private void tick() {
    long now = System.nanoTime();
    encodings.sweep(now);
    forgive(now);
    tellFleet(now);
    for (Session session : new ArrayList<>(sessions.values())) {
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
          tellStandby(session);
        }
        if (session.waits || session.whole) {
          pump(session);
        }
      }
    }
  }

  /** What only data planes refused that went for good is free. */
  private void forgive(long now) {
    if (gone.values().removeIf(since -> now - since > FORGIVE_NANOS)) {
      Set<String> nodes = new HashSet<>(byNode.keySet());
      nodes.addAll(gone.keySet());
      if (quarantine.retain(nodes)) {
        offerAgain();
      }
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

  private void tellStandby(Session session) {
    Publication newest = history.newest();
    if (newest == null) {
      return;
    }
    RoutingSnapshot target = newestFor(session).snapshot();
    if (target != null && !Versions.of(target).equals(session.told)) {
      Versions versions = Versions.of(target);
      session.told = versions;
      session.channel.tell(new Current(newest.origin(), versions));
    }
  }

  private void changed(Session session) {
    if (byNode.get(session.hello.node()) == session) {
      states.put(session.hello.node(), session.state());
    }
  }

  private void tell(Consumer<DataPlaneListener> news) {
    for (DataPlaneListener listener : listeners) {
      try {
        news.accept(listener);
      } catch (RuntimeException | Error e) {
        part.fault("a listener of data planes fails", e);
      }
    }
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
