package dev.longshore.operator;

import dev.longshore.operator.status.StatusWriter;
import dev.longshore.process.watch.Part;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What begins with the first snapshot, each step tried again until it succeeds: data planes are
 * served, then status is followed.
 */
final class Opening {
  private static final Logger log = LoggerFactory.getLogger(Opening.class);
  private static final Duration AGAIN = Duration.ofSeconds(5);

  private final PushSide push;
  private final Runnable acknowledged;
  private final StatusWriter statuses;
  private final ScheduledExecutorService timer;
  private final Part part;
  private volatile boolean listening;

  /**
   * @param acknowledged hears of what data planes say
   * @param timer runs the steps
   * @param part of the watch; hears of what fails
   */
  Opening(
      PushSide push,
      Runnable acknowledged,
      StatusWriter statuses,
      ScheduledExecutorService timer,
      Part part) {
    this.push = push;
    this.acknowledged = acknowledged;
    this.statuses = statuses;
    this.timer = timer;
    this.part = part;
  }

  /** Whether data planes are served. */
  boolean isListening() {
    return listening;
  }

  /** Data planes that have a table must not get an empty one: there is a snapshot by now. */
  void serve() {
    try {
      push.start(acknowledged);
      listening = true;
      log.info("data planes are served at {}", push.address());
    } catch (IOException e) {
      log.error("data planes can't be served, which is tried again: {}", e.getMessage());
      again(this::serve);
      return;
    } catch (RuntimeException | Error e) {
      part.fault("data planes can't be served, which is tried again", e);
      again(this::serve);
      return;
    }
    write();
  }

  private void write() {
    try {
      statuses.start();
    } catch (RuntimeException | Error e) {
      part.fault("status can't be followed, which is tried again", e);
      again(this::write);
    }
  }

  private void again(Runnable step) {
    timer.schedule(step, AGAIN.toMillis(), TimeUnit.MILLISECONDS);
  }
}
