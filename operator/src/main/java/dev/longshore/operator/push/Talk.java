package dev.longshore.operator.push;

import dev.longshore.contract.HardLimits;
import java.util.concurrent.TimeUnit;

/**
 * How much one data plane may say: each message takes the one thread that serves all of them, and
 * is news for status. A token bucket; for one thread.
 */
final class Talk {
  private static final long NANOS_EACH =
      TimeUnit.SECONDS.toNanos(1) / HardLimits.MESSAGES_PER_SECOND_PER_DATA_PLANE;
  private static final long BURST_NANOS = 4 * TimeUnit.SECONDS.toNanos(1);

  /** The time that is paid for, behind which no more than the burst may be owed. */
  private long paidUntil;

  Talk(long now) {
    paidUntil = now;
  }

  /**
   * Takes one message.
   *
   * @param now by the push server's ticker
   * @return false: it is one too many
   */
  boolean take(long now) {
    if (now - paidUntil > 0) {
      paidUntil = now;
    }
    if (paidUntil - now > BURST_NANOS - NANOS_EACH) {
      return false;
    }
    paidUntil += NANOS_EACH;
    return true;
  }
}
