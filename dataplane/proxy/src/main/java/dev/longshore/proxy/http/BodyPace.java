package dev.longshore.proxy.http;

import dev.longshore.contract.HardLimits;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;

/**
 * How long a client may take with its body. Every {@value #LEAST_BYTES} bytes have {@link
 * HardLimits#BODY_SECONDS}: so neither a pause nor a drip holds an upstream connection for longer,
 * and whoever has a line at all is fast enough. Time in which the upstream takes nothing is not the
 * client's: the pace begins anew behind it.
 */
final class BodyPace {
  static final long LEAST_BYTES =
      (long) HardLimits.LEAST_BYTES_PER_SECOND * HardLimits.BODY_SECONDS;

  private static final long WINDOW = TimeUnit.SECONDS.toNanos(HardLimits.BODY_SECONDS);

  private final Ticker ticker;
  private long ends;
  private long bytes;

  BodyPace(Ticker ticker) {
    this.ticker = ticker;
  }

  /** From now on. */
  void begin() {
    bytes = 0;
    ends = ticker.nanoTime() + WINDOW;
  }

  /** A part has come. */
  void got(int size) {
    bytes += size;
    if (bytes >= LEAST_BYTES) {
      begin();
    }
  }

  /** Nanoseconds until the client is too slow, at least 1. */
  long leftNanos() {
    return Math.max(1, ends - ticker.nanoTime());
  }
}
