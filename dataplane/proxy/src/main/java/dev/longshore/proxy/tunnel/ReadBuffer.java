package dev.longshore.proxy.tunnel;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The one buffer into which the connections of an event loop are read whose bytes go straight on: a
 * read is over, and its bytes are sent or copied, before the next one begins. As allocator of such
 * a channel it hands this buffer out, or one of the ordinary allocator while it is in use.
 *
 * <p>Who keeps bytes beyond its read must {@linkplain #own copy} them. Used on its event loop only.
 */
public final class ReadBuffer extends AbstractByteBufAllocator {
  /** As much as Netty reads at once at most by itself. */
  private static final int BYTES = 64 * 1024;

  /** Of memory that the collector frees too: a loop may end before its tunnels do. */
  private static final ByteBufAllocator SHARED = new UnpooledByteBufAllocator(true, true, false);

  private final ByteBufAllocator ordinary;
  private boolean wanted;
  private @Nullable ByteBuf shared;

  /** Takes from {@code ordinary} what is to be kept. */
  ReadBuffer(ByteBufAllocator ordinary) {
    super(true);
    this.ordinary = ordinary;
  }

  @Override
  protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
    ByteBuf buffer = shared;
    if (buffer == null && wanted) {
      buffer = SHARED.directBuffer(BYTES, BYTES);
      shared = buffer;
    }
    if (buffer == null || buffer.refCnt() > 1) {
      return ordinary.directBuffer(initialCapacity, maxCapacity);
    }
    buffer.clear().retain();
    return buffer;
  }

  @Override
  protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
    return ordinary.heapBuffer(initialCapacity, maxCapacity);
  }

  @Override
  public boolean isDirectBufferPooled() {
    return ordinary.isDirectBufferPooled();
  }

  /**
   * Part of a buffer that its holder may keep: a copy of the shared one, a slice of another.
   *
   * @return must be released, {@code in} too
   */
  ByteBuf own(ByteBuf in, int from, int length) {
    return in == shared
        ? ordinary.directBuffer(length).writeBytes(in, from, length)
        : in.retainedSlice(from, length);
  }

  /** From now on there are connections that use it; the buffer is made at the first read. */
  void open() {
    wanted = true;
  }

  /**
   * Gives the buffer back, until the next {@link #open}. A read that goes on, of a connection that
   * was closed by what it read before, gets an ordinary one.
   */
  void release() {
    wanted = false;
    ByteBuf buffer = shared;
    if (buffer != null) {
      shared = null;
      buffer.release();
    }
  }
}
