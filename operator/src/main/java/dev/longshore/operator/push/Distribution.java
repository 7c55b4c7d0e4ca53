package dev.longshore.operator.push;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.push.Current;
import dev.longshore.contract.push.PushProtocol;
import dev.longshore.operator.push.Session.InFlight;
import dev.longshore.operator.quarantine.HeldRule;
import dev.longshore.operator.quarantine.Quarantine;
import io.netty.util.concurrent.Ticker;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What of the newest publication each data plane is sent: {@link #pump} looks whether there is
 * something to send, only if nothing is under way, and then the way from what the data plane serves
 * to what is newest at that moment. For the push server's thread, but for what says otherwise.
 */
final class Distribution {
  private static final Logger log = LoggerFactory.getLogger(Distribution.class);
  private static final long RESYNC_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

  private final Sessions sessions;
  private final FleetSize fleet;
  private final DataPlaneNews news;
  private final PushMetrics metrics;
  private final Clock clock;
  private final Ticker ticker;
  private final Consumer<Runnable> thread;
  private final History history;
  private final Encodings encodings;
  private final Quarantine quarantine = new Quarantine();

  /** What of the newest is closed to the data planes that lack features. Read by any thread. */
  private final Map<String, CompatibleSnapshot> lacking = new ConcurrentHashMap<>();

  /** The newest as it was published. */
  private @Nullable Publication wanted;

  /**
   * Nothing was published yet.
   *
   * @param historySize publications from which deltas are made
   * @param ticker by which data planes have their time
   * @param maker makes large messages
   * @param thread has something done on the push server's thread
   */
  Distribution(
      Sessions sessions,
      FleetSize fleet,
      DataPlaneNews news,
      PushMetrics metrics,
      Clock clock,
      Ticker ticker,
      int historySize,
      Executor maker,
      Consumer<Runnable> thread) {
    this.sessions = sessions;
    this.fleet = fleet;
    this.news = news;
    this.metrics = metrics;
    this.clock = clock;
    this.ticker = ticker;
    this.thread = thread;
    this.history = new History(historySize);
    this.encodings = new Encodings(metrics, ticker, maker, thread);
    metrics.held(quarantine, one -> one.held().size());
    metrics.alone(quarantine, Quarantine::alone);
  }

  /** The rules that are not served as they were published. Any thread. */
  Map<RuleKey, HeldRule> held() {
    Map<RuleKey, HeldRule> held = quarantine.held();
    lacking.forEach(
        (node, tailored) ->
            tailored
                .closed()
                .forEach(
                    (key, one) ->
                        held.putIfAbsent(
                            key,
                            new HeldRule(one.source(), "data plane " + node + " " + one.why()))));
    return held;
  }

  /** Sends something new to all. */
  void take(Publication publication) {
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
    sessions.all().forEach(this::pump);
  }

  private void offerAgain() {
    if (wanted != null) {
      offer(wanted);
    }
  }

  /** Whether a refusal is one data plane's alone depends on who else there is. */
  void present() {
    if (quarantine.present(sessions.nodes())) {
      offerAgain();
    }
  }

  /** What only others refused, which went for good, is free. */
  void retain(Set<String> nodes) {
    if (quarantine.retain(nodes)) {
      offerAgain();
    }
  }

  /** A node is gone. */
  void forget(String node) {
    lacking.remove(node);
  }

  /** Forgets messages that nobody takes. */
  void sweep(long now) {
    encodings.sweep(now);
  }

  /** It says what it serves, in its hello. */
  void begin(Session session, @Nullable Versions applied) {
    session.applied = applied;
    session.appliedSequence = history.sequence(applied);
    sessions.changed(session);
  }

  /** It serves something now. */
  void serves(Session session, Versions applied) {
    session.refused = null;
    session.lastNack = null;
    quarantine.taken(applied);
    begin(session, applied);
    news.tell(listener -> listener.acknowledged(session.state()));
  }

  /** It refused something, and is sent the rest if that is what it takes. */
  void refused(Session session, Rejection rejection) {
    reject(session, rejection);
    Versions versions = rejection.versions();
    if (versions == null) {
      pump(session);
      return;
    }
    switch (quarantine.refuse(session.hello.node(), versions, rejection.errors())) {
      case ALL -> offerAgain();
      case ONE, NONE -> pump(session);
    }
  }

  private void reject(Session session, Rejection rejection) {
    session.lastNack = rejection;
    metrics.rejected();
    log.warn(
        "data plane {} refuses {}: {}",
        session.hello.node(),
        rejection.versions() == null ? "what it was sent" : rejection.versions(),
        Printable.of(rejection.problem()));
    sessions.changed(session);
    news.tell(listener -> listener.rejected(session.state(), rejection));
  }

  /** Sends what there is to send, if nothing is under way. */
  void pump(Session session) {
    Publication newest = history.newest();
    if (newest == null || !sessions.has(session)) {
      return;
    }
    CompatibleSnapshot tailored = newestFor(session);
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
      if (session.active() && session.inFlight == null) {
        tellCurrent(session, newest, versions);
      }
    }
    if (mayBeSent(session, versions)) {
      send(session, newest, target);
    }
  }

  private boolean mayBeSent(Session session, Versions versions) {
    return session.active()
        && session.inFlight == null
        && session.writing == null
        && (session.whole || !versions.equals(session.applied))
        && !versions.equals(session.refused)
        && !(session.whole && session.wholeNotBefore - ticker.nanoTime() > 0);
  }

  private void send(Session session, Publication newest, RoutingSnapshot target) {
    RoutingSnapshot base = session.whole ? null : history.snapshot(session.applied);
    Encoding encoding = encodings.acquire(base, target, newest.origin());
    session.waits = encoding == null;
    if (encoding == null) {
      return;
    }
    if (session.whole) {
      session.whole = false;
      session.wholeNotBefore = ticker.nanoTime() + RESYNC_PAUSE_NANOS;
    }
    InFlight inFlight = new InFlight(Versions.of(target), encoding, ticker.nanoTime());
    session.inFlight = inFlight;
    session.writing = inFlight;
    if (encoding.made) {
      write(session, inFlight);
    } else {
      encoding.waiting.add(() -> write(session, inFlight));
    }
  }

  /** What of the newest this data plane can read, without what it refuses alone. */
  private CompatibleSnapshot newestFor(Session session) {
    RoutingSnapshot own = quarantine.own(session.hello.node());
    return own == null
        ? history.newestWithout(session.missing)
        : history.newestFor(session.hello.node(), own, session.missing);
  }

  private void write(Session session, InFlight inFlight) {
    byte[] bytes = inFlight.encoding.bytes;
    if (!sessions.has(session) || session.inFlight != inFlight) {
      // It went, or begins anew, while the message was made.
      unsent(session, inFlight);
      pump(session);
    } else if (bytes == null || bytes.length > PushProtocol.MAX_OPERATOR_MESSAGE_BYTES) {
      unsent(session, inFlight);
      session.inFlight = null;
      session.refused = inFlight.target;
      refuseUnsendable(
          session,
          inFlight.target,
          bytes == null
              ? "it can't be written: see the operator's log"
              : "a snapshot has more bytes than a message may have");
    } else {
      inFlight.startedAt = ticker.nanoTime();
      metrics.sent(inFlight.encoding.delta, bytes.length);
      session.channel.send(bytes, () -> thread.accept(() -> written(session, inFlight)));
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
    inFlight.writtenAt = ticker.nanoTime();
    unsent(session, inFlight);
    fleet.tell(session);
    pump(session);
    for (Session other : sessions.all()) {
      if (other.waits) {
        pump(other);
      }
    }
  }

  /** Says to one that is only told what there is what is newest. */
  void tellStandby(Session session) {
    Publication newest = history.newest();
    RoutingSnapshot target = newest == null ? null : newestFor(session).snapshot();
    if (newest != null && target != null) {
      tellCurrent(session, newest, Versions.of(target));
    }
  }

  private static void tellCurrent(Session session, Publication newest, Versions versions) {
    if (!versions.equals(session.told)) {
      session.told = versions;
      session.channel.tell(new Current(newest.origin(), versions));
    }
  }
}
