package dev.longshore.proxy.dial.http2;

import dev.longshore.proxy.loop.Deadline;
import dev.longshore.proxy.loop.DeadlineSweep;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Finds out whether the other end of a connection is still there while requests are on it: a host
 * that has lost its power sends no RST, and the kernel tries for a quarter of an hour. A PING is
 * sent when something was sent and nothing has come since. Servers of gRPC end connections that
 * send more than two PINGs within five minutes without any headers or data of theirs in between, so
 * there are no more than that.
 */
final class Heartbeat extends Deadline {
  private static final Duration EVERY = Duration.ofSeconds(10);
  private static final long SELDOM_NANOS = TimeUnit.SECONDS.toNanos(310);
  private static final int QUICK_PINGS = 2;

  private final EndpointConnection connection;
  private final DeadlineSweep deadlines;
  private boolean heard;
  private boolean wrote;
  private boolean asked;
  private int pings;
  private long lastPing;

  Heartbeat(EndpointConnection connection, DeadlineSweep deadlines) {
    this.connection = connection;
    this.deadlines = deadlines;
    this.lastPing = deadlines.ticker().nanoTime();
  }

  /** There is a request. */
  void begin() {
    heard = true;
    asked = false;
    deadlines.arm(this, EVERY);
  }

  /** There is none any more. */
  void end() {
    deadlines.disarm(this);
  }

  /** A request, or a part of one, was written. */
  void wrote() {
    wrote = true;
  }

  /** A frame has come, of whatever kind. */
  void heard() {
    heard = true;
    wrote = false;
    asked = false;
  }

  /** One with headers or data. */
  void answered() {
    pings = 0;
  }

  @Override
  protected void expired() {
    if (asked) {
      connection.dead();
      return;
    }
    long now = deadlines.ticker().nanoTime();
    boolean quick = wrote && pings < QUICK_PINGS;
    if (!heard && (quick || now - lastPing >= SELDOM_NANOS)) {
      pings++;
      lastPing = now;
      asked = true;
      connection.ping();
    }
    heard = false;
    deadlines.arm(this, EVERY);
  }
}
