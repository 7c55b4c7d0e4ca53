package dev.longshore.proxy.http2;

import dev.longshore.proxy.http.LoopContext;
import dev.longshore.proxy.loop.Deadline;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import java.time.Duration;

/**
 * The time that a header list has from its first frame on, however it is crumbled: as long as a
 * head of HTTP/1.1, but that here the connection ends, for nothing else can come before the rest.
 */
final class HeadDeadline extends Deadline {
  private final Codec codec;
  private final LoopContext context;
  private int unfinished;

  HeadDeadline(Codec codec, LoopContext context) {
    this.codec = codec;
    this.context = context;
  }

  /** A read is over. */
  void look() {
    int now = codec.unfinishedHead();
    if (now != unfinished) {
      unfinished = now;
      context
          .deadlines()
          .arm(this, now == 0 ? Duration.ZERO : context.settings().bounds().requestTimeout());
    }
  }

  /** The connection is gone. */
  void stop() {
    context.deadlines().disarm(this);
  }

  @Override
  protected void expired() {
    codec.onError(
        codec.context(),
        false,
        Http2Exception.connectionError(
            Http2Error.ENHANCE_YOUR_CALM, "a header list is not whole in time"));
  }

  @Override
  protected void failed() {
    codec.context().close();
  }
}
