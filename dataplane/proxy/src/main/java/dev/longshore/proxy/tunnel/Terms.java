package dev.longshore.proxy.tunnel;

import dev.longshore.contract.policy.Closing;
import dev.longshore.contract.policy.Draining;
import dev.longshore.contract.policy.Policy;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * How the tunnels of one change are closed: for which cause, over which window from which moment,
 * and how long each may take. May be called off while they are not closed yet.
 */
final class Terms {
  /** Beyond it nobody waits, and ticks can be counted. */
  private static final long LONGEST = TimeUnit.DAYS.toNanos(365);

  final CloseCause cause;

  /** Nanoseconds by the clock of the loops. */
  final long since;

  private final Function<Policy, Duration> window;
  private final Function<Policy, Duration> deadline;
  private volatile boolean calledOff;

  private Terms(
      CloseCause cause,
      Function<Policy, Duration> window,
      Function<Policy, Duration> deadline,
      long since) {
    this.cause = cause;
    this.since = since;
    this.window = window;
    this.deadline = deadline;
  }

  /** Window and deadline are those of each tunnel's policy. */
  static Terms ofPolicies(CloseCause cause, long since) {
    return new Terms(
        cause,
        policy -> policy.get(Draining.class).window(),
        policy -> policy.get(Closing.class).deadline(),
        since);
  }

  /** Window and deadline are the same for all. */
  static Terms of(CloseCause cause, Duration window, Duration deadline, long since) {
    return new Terms(cause, _ -> window, _ -> deadline, since);
  }

  /** Over which the tunnel's like are spread; those with the same one are spread together. */
  Duration window(Tunnel tunnel) {
    return window.apply(tunnel.context().policy());
  }

  Duration deadline(Tunnel tunnel) {
    return deadline.apply(tunnel.context().policy());
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
