package dev.longshore.proxy.http;

import dev.longshore.contract.HardLimits;
import dev.longshore.proxy.loop.Deadline;
import dev.longshore.proxy.loop.DeadlineSweep;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Watches whether a client takes what is written to it. It is looked at only while something waits,
 * and a few times within the bound: so who took everything in between begins anew, and what is
 * written meanwhile doesn't pass for progress. An answer that has nothing to say waits for nobody
 * and is never a stall.
 */
public final class WriteStall extends Deadline {
  private static final int LOOKS = 4;

  private final DeadlineSweep deadlines;
  private final LongSupplier waiting;
  private final Runnable stalled;
  private Duration bound;
  private Duration interval = Duration.ZERO;
  private boolean watching;
  private int badLooks;
  private long written;
  private long takenBefore;

  /**
   * Watches nothing yet.
   *
   * @param bound how long a client may take nothing; zero: for ever
   * @param waiting bytes that were written and that the client has not taken
   * @param stalled called once it has
   */
  public WriteStall(
      DeadlineSweep deadlines, Duration bound, LongSupplier waiting, Runnable stalled) {
    this.deadlines = deadlines;
    this.bound = bound;
    this.waiting = waiting;
    this.stalled = stalled;
  }

  /** From the next time on that something has to wait. */
  public void bound(Duration next) {
    bound = next;
  }

  /** So many bytes are on their way. */
  public void wrote(long bytes) {
    written += bytes;
  }

  /** What was written has been offered to the client. On the event loop. */
  public void flushed() {
    if (watching || !bound.isPositive()) {
      return;
    }
    long left = waiting.getAsLong();
    if (left > 0) {
      watching = true;
      badLooks = 0;
      takenBefore = written - left;
      interval = bound.dividedBy(LOOKS);
      deadlines.arm(this, interval);
    }
  }

  /** Nobody is watched any more. */
  public void stop() {
    watching = false;
    deadlines.disarm(this);
  }

  @Override
  protected void expired() {
    long left = waiting.getAsLong();
    if (left == 0) {
      watching = false;
      return;
    }
    long taken = written - left;
    long least = Math.max(1, interval.toMillis() * HardLimits.LEAST_BYTES_PER_SECOND / 1000);
    badLooks = taken - takenBefore >= least ? 0 : badLooks + 1;
    takenBefore = taken;
    if (badLooks == LOOKS) {
      watching = false;
      stalled.run();
    } else {
      deadlines.arm(this, interval);
    }
  }
}
