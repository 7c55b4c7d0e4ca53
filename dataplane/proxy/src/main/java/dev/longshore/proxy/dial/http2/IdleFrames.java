package dev.longshore.proxy.dial.http2;

import dev.longshore.contract.HardLimits;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;

/**
 * How many frames an endpoint may send that move nothing: SETTINGS, PING, PRIORITY, WINDOW_UPDATE
 * and unknown ones. Some of them cost an answer (CVE-2019-9512, CVE-2019-9515), so there is a
 * bucket of them for each connection, which time fills slowly and traffic as fast as it goes.
 */
final class IdleFrames {
  /** Of these, for each frame with a request, an answer or data. */
  private static final int PER_USEFUL_FRAME = 4;

  private static final long NANOS_PER_FRAME =
      TimeUnit.SECONDS.toNanos(1) / HardLimits.UPSTREAM_HTTP2_IDLE_FRAMES_PER_SECOND;

  private final Ticker ticker;
  private long left = HardLimits.UPSTREAM_HTTP2_IDLE_FRAMES;
  private long filled;

  /** A full one. */
  IdleFrames(Ticker ticker) {
    this.ticker = ticker;
    this.filled = ticker.nanoTime();
  }

  /** A frame that moves something has come or gone. */
  void useful() {
    left = Math.min(HardLimits.UPSTREAM_HTTP2_IDLE_FRAMES, left + PER_USEFUL_FRAME);
  }

  /**
   * One that moves nothing has come.
   *
   * @throws Http2Exception it is one too many, and the end of the connection
   */
  void charge() throws Http2Exception {
    if (left == 0) {
      long now = ticker.nanoTime();
      left = Math.min(HardLimits.UPSTREAM_HTTP2_IDLE_FRAMES, (now - filled) / NANOS_PER_FRAME);
      filled = now;
    }
    if (left == 0) {
      throw Http2Exception.connectionError(
          Http2Error.ENHANCE_YOUR_CALM, "too many frames that move nothing");
    }
    left--;
  }
}
