package dev.longshore.proxy.dial.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * What an endpoint sends of an answer's body while nobody takes it: its window is what this holds
 * at most, and is opened again only as far as it was taken. What is taken as it comes doesn't come
 * by here, unlike with the {@link dev.longshore.proxy.multiplex.Inflow} of streams whose bytes are
 * handed on when a read is over: an answer's end says whether the next request may follow.
 */
final class UntakenAnswer {
  /**
   * Frames below it are copied: a slice keeps all of what it was read with, which is other streams'
   * too.
   */
  private static final int COPIED = 8 * 1024;

  private final ByteBufAllocator allocator;
  private @Nullable ByteBuf held;
  private boolean ended;

  UntakenAnswer(ByteBufAllocator allocator) {
    this.allocator = allocator;
  }

  /** A frame's data as something to hand on at once. */
  ByteBuf own(ByteBuf data) {
    int size = data.readableBytes();
    if (size == 0) {
      return Unpooled.EMPTY_BUFFER;
    }
    return size < COPIED
        ? allocator.buffer(size, size).writeBytes(data, data.readerIndex(), size)
        : data.retainedSlice();
  }

  /** Keeps data, not taken over, for later. */
  void keep(ByteBuf data) {
    if (data.isReadable()) {
      if (held == null) {
        held = allocator.buffer(data.readableBytes());
      }
      held.writeBytes(data, data.readerIndex(), data.readableBytes());
    }
  }

  /** Nothing comes behind what is held. */
  void end() {
    ended = true;
  }

  /** Whether nothing comes behind what is held. */
  boolean hasEnded() {
    return ended;
  }

  /** Bytes that are held. */
  int bytes() {
    return held == null ? 0 : held.readableBytes();
  }

  /** All that is held, perhaps nothing; the caller's. */
  ByteBuf take() {
    ByteBuf taken = held;
    held = null;
    return taken == null ? Unpooled.EMPTY_BUFFER : taken;
  }

  /** Lets go of what is held. */
  void drop() {
    take().release();
  }
}
