package dev.longshore.proxy.handshake;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/** Bytes that arrived before there is a tunnel for them. */
final class HeldBytes {
  /** At and beyond this nothing more should be read. */
  private static final int FULL = 16 * 1024;

  private @Nullable ByteBuf held;

  /** Takes a buffer over. */
  void add(ByteBuf bytes) {
    ByteBuf before = held;
    if (before == null) {
      held = bytes;
    } else if (before instanceof CompositeByteBuf composite) {
      composite.addComponent(true, bytes);
    } else {
      held = bytes.alloc().compositeBuffer().addComponents(true, before, bytes);
    }
  }

  boolean isFull() {
    return held != null && held.readableBytes() >= FULL;
  }

  int bytes() {
    return held == null ? 0 : held.readableBytes();
  }

  /** Gives all of them away; empty when there are none. */
  ByteBuf take() {
    ByteBuf all = held;
    held = null;
    return all == null ? Unpooled.EMPTY_BUFFER : all;
  }

  void release() {
    take().release();
  }
}
