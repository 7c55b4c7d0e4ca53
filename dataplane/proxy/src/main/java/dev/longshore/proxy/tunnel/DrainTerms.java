package dev.longshore.proxy.tunnel;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * How the tunnels of one change are closed: for which cause, over which window from which moment,
 * and how long each may take. May be called off while they are not closed yet.
 */
final class DrainTerms {
  /** Beyond it nobody waits, and ticks can be counted. */
  private static final long LONGEST = TimeUnit.DAYS.toNanos(365);

  final CloseCause cause;

  /** Nanoseconds by the clock of the loops. */
  final long since;

  private final Function<TunnelTerms, Duration> window;
  private final Function<TunnelTerms, Duration> deadline;
  private volatile boolean calledOff;

  private DrainTerms(
      CloseCause cause,
      Function<TunnelTerms, Duration> window,
      Function<TunnelTerms, Duration> deadline,
      long since) {
    this.cause = cause;
    this.since = since;
    this.window = window;
    this.deadline = deadline;
  }

  /** Window and deadline are those of each tunnel. */
  static DrainTerms ofTunnels(CloseCause cause, long since) {
    return new DrainTerms(cause, TunnelTerms::drainWindow, TunnelTerms::closeDeadline, since);
  }

  /** Window and deadline are the same for all. */
  static DrainTerms of(CloseCause cause, Duration window, Duration deadline, long since) {
    return new DrainTerms(cause, _ -> window, _ -> deadline, since);
  }

  /** Over which the tunnel's like are spread; those with the same one are spread together. */
  Duration window(LongLivedConnection tunnel) {
    return window.apply(tunnel.context().terms());
  }

  Duration deadline(LongLivedConnection tunnel) {
    return deadline.apply(tunnel.context().terms());
  }

  /** At least 0, and not so long that times can't be compared. */
  static long nanos(Duration window) {
    return Math.clamp(TimeUnit.NANOSECONDS.convert(window), 0, LONGEST);
  }

  /** Nothing is closed any more for it. What has been scheduled is to be called off apart. */
  void callOff() {
    calledOff = true;
  }

  boolean calledOff() {
    return calledOff;
  }
}
