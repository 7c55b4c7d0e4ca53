package dev.longshore.proxy.http;

import dev.longshore.contract.HardLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * What was sent of a request's body, as long as it is short and no answer has come: should the
 * endpoint say that it has not begun the request, it is sent to another. Copied, for parts would
 * keep all of what they were read with. On the event loop.
 */
final class RepeatableBody {
  private @Nullable ByteBuf held;
  private boolean whole = true;

  /** A part is about to be sent; not taken over. */
  void sent(ByteBuf part) {
    int more = part.readableBytes();
    if (!whole || more == 0) {
      return;
    }
    if (bytes() + more > HardLimits.REPEATABLE_BODY_BYTES) {
      forget();
      return;
    }
    ByteBuf to = held;
    if (to == null) {
      to = part.alloc().buffer(more, HardLimits.REPEATABLE_BODY_BYTES);
      held = to;
    }
    to.writeBytes(part, part.readerIndex(), more);
  }

  /** Whether it is all that was sent. */
  boolean isWhole() {
    return whole;
  }

  /**
   * Sends it again.
   *
   * @param complete whether the request ends with it
   */
  void sendTo(UpstreamStream stream, boolean complete) {
    ByteBuf all = held;
    if (all != null || complete) {
      stream.data(all == null ? Unpooled.EMPTY_BUFFER : all.copy(), complete);
    }
    stream.flush();
  }

  /** Bytes that are kept. */
  int bytes() {
    return held == null ? 0 : held.readableBytes();
  }

  /** Lets go of it: it is not repeated any more. */
  void forget() {
    whole = false;
    ByteBuf left = held;
    held = null;
    if (left != null) {
      left.release();
    }
  }
}
