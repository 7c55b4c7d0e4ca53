package dev.longshore.proxy.http1;

import dev.longshore.contract.HardLimits;
import dev.longshore.proxy.loop.Deadline;
import dev.longshore.proxy.loop.DeadlineSweep;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Watches whether a client takes what is written to it. It is looked at only while something waits,
 * and a few times within the bound: so who took everything in between begins anew, and what is
 * written meanwhile doesn't pass for progress. An answer that has nothing to say waits for nobody
 * and is never a stall.
 */
final class WriteStall extends Deadline {
  private static final int LOOKS = 4;

  private final DeadlineSweep deadlines;
  private final Runnable stalled;
  private @Nullable Channel channel;
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
   * @param stalled called once it has
   */
  WriteStall(DeadlineSweep deadlines, Duration bound, Runnable stalled) {
    this.deadlines = deadlines;
    this.bound = bound;
    this.stalled = stalled;
  }

  /** From the next time on that something has to wait. */
  void bound(Duration next) {
    bound = next;
  }

  /** So many bytes are on their way. */
  void wrote(long bytes) {
    written += bytes;
  }

  /** What was written has been offered to the client. On the event loop of {@code open}. */
  void flushed(Channel open) {
    if (!watching && waiting(open) > 0 && bound.isPositive()) {
      channel = open;
      watching = true;
      badLooks = 0;
      takenBefore = written - waiting(open);
      interval = bound.dividedBy(LOOKS);
      deadlines.arm(this, interval);
    }
  }

  /** Nobody is watched any more. */
  void stop() {
    watching = false;
    deadlines.disarm(this);
  }

  @Override
  protected void expired() {
    Channel open = channel;
    long waiting = open == null ? 0 : waiting(open);
    if (waiting == 0) {
      watching = false;
      return;
    }
    long taken = written - waiting;
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

  /** Bytes that were written and that the kernel has not taken. */
  static long waiting(Channel open) {
    ChannelOutboundBuffer buffer = open.unsafe().outboundBuffer();
    return buffer == null ? 0 : buffer.totalPendingWriteBytes();
  }
}
