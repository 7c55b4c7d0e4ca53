package dev.longshore.proxy.multiplex;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** A stream that carries a tunnel, as its {@link StreamEnd} sees it. On its event loop. */
public interface TunnelStream {
  /** Whether nothing is left of it. */
  boolean isClosed();

  /**
   * Writes bytes. Taken over.
   *
   * @param last whether its output ends with them
   */
  void write(ByteBuf bytes, boolean last);

  /** Sends what was written. */
  void flush();

  /** Whether so little waits that more should come. */
  boolean isWritable();

  /** Whether what comes is handed on. */
  boolean isReading();

  /** Hands on no more for now. */
  void pause();

  /** Hands on what comes. */
  void resume();

  /** Breaks off, as a connection does by a reset. */
  void cancel();

  /** Bytes that wait to be sent. */
  long pendingBytes();

  /** About how many bytes wait either way. */
  long heldByTunnel();

  /** Runs a task later on its event loop. */
  void execute(Runnable task);

  /** For what is written to it. */
  ByteBufAllocator allocator();
}
