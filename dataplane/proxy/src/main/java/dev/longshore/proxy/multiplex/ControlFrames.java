package dev.longshore.proxy.multiplex;

import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How many frames a peer may send that move nothing: SETTINGS, PING, PRIORITY, WINDOW_UPDATE and
 * unknown ones. Each costs us as much as a request's worth of bytes and some of them an answer
 * (CVE-2019-9511 to 9518), so there is a bucket of them for each connection, which time fills
 * slowly and traffic as fast as it goes: whoever does something may also say something.
 */
public final class ControlFrames {
  /** Of these, for each frame with a request, an answer or data. */
  private static final int PER_USEFUL_FRAME = 4;

  private final LongSupplier nanoTime;
  private final int most;
  private final long nanosPerFrame;
  private long left;
  private long filled;

  /**
   * A full one.
   *
   * @param most at once
   * @param perSecond as many more in a second
   */
  public ControlFrames(LongSupplier nanoTime, int most, int perSecond) {
    this.nanoTime = nanoTime;
    this.most = most;
    this.nanosPerFrame = TimeUnit.SECONDS.toNanos(1) / perSecond;
    this.left = most;
    this.filled = nanoTime.getAsLong();
  }

  /** A frame that moves something has come or gone. */
  public void useful() {
    left = Math.min(most, left + PER_USEFUL_FRAME);
  }

  /**
   * One that moves nothing has come.
   *
   * @throws Http2Exception it is one too many, and the end of the connection
   */
  public void charge() throws Http2Exception {
    if (left == 0) {
      fill();
    }
    if (left == 0) {
      throw Http2Exception.connectionError(
          Http2Error.ENHANCE_YOUR_CALM, "too many frames that move nothing");
    }
    left--;
  }

  private void fill() {
    long now = nanoTime.getAsLong();
    left = Math.min(most, Math.max(0, now - filled) / nanosPerFrame);
    filled = now;
  }
}
