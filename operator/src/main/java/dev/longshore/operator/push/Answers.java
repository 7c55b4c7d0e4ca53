package dev.longshore.operator.push;

import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.push.Ack;
import dev.longshore.contract.push.FromDataPlane;
import dev.longshore.contract.push.Goodbye;
import dev.longshore.contract.push.Hello;
import dev.longshore.contract.push.Nack;
import dev.longshore.contract.push.PushProtocol;
import dev.longshore.contract.push.Resync;
import dev.longshore.contract.push.Stale;
import dev.longshore.contract.push.Unreadable;
import dev.longshore.operator.push.Session.InFlight;
import io.netty.util.concurrent.Ticker;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is believed of what data planes say. Who answers what was never sent is sent away. For the
 * push server's thread.
 */
final class Answers {
  private static final Logger log = LoggerFactory.getLogger(Answers.class);

  private final Distribution distribution;
  private final Dismissal dismissal;
  private final DataPlaneNews news;
  private final FleetSize fleet;
  private final PushMetrics metrics;
  private final Clock clock;
  private final Ticker ticker;

  /** Sends a data plane away. */
  interface Dismissal {
    /** The message is for its operator's log. */
    void dismiss(Session session, Goodbye.Reason reason, String message);
  }

  Answers(
      Distribution distribution,
      Dismissal dismissal,
      DataPlaneNews news,
      FleetSize fleet,
      PushMetrics metrics,
      Clock clock,
      Ticker ticker) {
    this.distribution = distribution;
    this.dismissal = dismissal;
    this.news = news;
    this.fleet = fleet;
    this.metrics = metrics;
    this.clock = clock;
    this.ticker = ticker;
  }

  /** It said something after its first hello. */
  void hear(Session session, FromDataPlane message) {
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
      dismissal.dismiss(
          session, Goodbye.Reason.BAD_MESSAGE, "a later hello changes role and applied, no more");
      return;
    }
    session.inFlight = null;
    session.hello = hello;
    session.refused = null;
    session.told = null;
    session.whole = false;
    session.toldFleet = 0;
    begin(session);
  }

  /** It has said hello, for the first time or again. */
  void begin(Session session) {
    distribution.begin(session, session.hello.applied());
    news.tell(listener -> listener.connected(session.state()));
    fleet.tell(session);
    distribution.pump(session);
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
      metrics.acknowledged(Duration.ofNanos(ticker.nanoTime() - inFlight.startedAt));
      session.inFlight = null;
      session.told = applied;
    }
    distribution.serves(session, applied);
    distribution.pump(session);
  }

  private void nack(Session session, Nack nack) {
    if (session.active() && !refused(session, nack.rejected(), "a nack of ")) {
      return;
    }
    String problem =
        nack.errors().isEmpty() ? "names no entry" : nack.errors().getFirst().problem();
    Rejection rejection =
        new Rejection(nack.rejected(), nack.errors(), nack.omitted(), problem, clock.instant());
    distribution.refused(session, rejection);
  }

  private void stale(Session session, Versions refused) {
    if (session.active() && refused(session, refused, "stale of ")) {
      log.info(
          "data plane {} serves something newer than {}, which it does not take for now",
          session.hello.node(),
          refused);
      distribution.pump(session);
    }
  }

  private void resync(Session session, String why) {
    if (session.active()) {
      log.info("data plane {} asks for everything: {}", session.hello.node(), Printable.of(why));
      session.inFlight = null;
      session.refused = null;
      session.whole = true;
      distribution.pump(session);
    }
  }

  private void unreadable(Session session, String problem) {
    InFlight inFlight = session.inFlight;
    if (session.active()) {
      if (inFlight == null) {
        dismissal.dismiss(
            session, Goodbye.Reason.BAD_MESSAGE, "nothing was sent that could be unreadable");
        return;
      }
      session.refused = inFlight.target;
      session.inFlight = null;
    }
    String why = "could not be read: " + Printable.of(problem);
    distribution.refused(session, new Rejection(null, List.of(), 0, why, clock.instant()));
  }

  /** Whether the answer is to what was sent; if not, the data plane is not believed. */
  private boolean refused(Session session, Versions refused, String what) {
    InFlight inFlight = session.inFlight;
    if (inFlight == null || !inFlight.target.equals(refused)) {
      if (!refused.equals(session.refused)) {
        disbelieve(session, what + refused);
      }
      return false;
    }
    session.refused = refused;
    session.inFlight = null;
    return true;
  }

  private void disbelieve(Session session, String what) {
    log.error(
        "data plane {} answers what it was never sent, {}: it is not believed",
        session.hello.node(),
        what);
    dismissal.dismiss(session, Goodbye.Reason.UNKNOWN_VERSION, what + ", which was never sent");
  }
}
