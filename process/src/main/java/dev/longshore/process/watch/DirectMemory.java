package dev.longshore.process.watch;

import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/** Whether a buffer of the size that a new connection needs can be had. */
final class DirectMemory {
  private static final int BYTES = 16 * 1024;

  private DirectMemory() {}

  static @Nullable String exhausted() {
    try {
      ByteBufAllocator.DEFAULT.directBuffer(BYTES).release();
      return null;
    } catch (OutOfMemoryError e) {
      return "out of memory: no network buffer can be had for new connections";
    }
  }
}
