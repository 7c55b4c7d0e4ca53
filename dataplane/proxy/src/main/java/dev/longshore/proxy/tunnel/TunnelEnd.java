package dev.longshore.proxy.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * One end of a tunnel: what carries the bytes to and from a peer. Knows no frame, only a stream of
 * bytes each way, either of which can end by itself, and how much of it waits. {@link SocketEnd} is
 * a connection of its own, in the clear or by TLS.
 *
 * <p>Used on the tunnel's event loop only.
 */
public interface TunnelEnd {
  /** Is told what an end brings. On the tunnel's event loop. */
  interface Listener {
    /** Bytes have come. Owned by the listener, but good only until the read is complete. */
    void read(ByteBuf bytes);

    /** There is nothing more to read for now. */
    void readComplete();

    /** The end {@linkplain #isWritable() takes} more, or no more, for now. */
    void writabilityChanged();

    /** The peer has ended its stream; once, and not when the end is gone. */
    void inputEnded();

    /** Something failed that is not the peer's doing; not when the end is gone. */
    void failed(Throwable cause);

    /**
     * It is gone, and not by {@link #cut}: the peer broke off. {@link #closed} follows, if it has
     * not been told already.
     */
    void broken();

    /** Nothing is left of it. */
    void closed();
  }

  /** Who is told; before anything else, once. */
  void tell(Listener listener);

  /** Tells the listener if it is {@linkplain Listener#closed over} already. */
  void begin();

  /**
   * Has bytes sent by the next {@link #flushTaken} or {@link #write}. Owns the buffer, which may be
   * the one that the other end reads into: so what can't be sent by then is copied.
   */
  void take(ByteBuf bytes);

  /** Sends what was taken, and flushes. */
  void flushTaken();

  /** Writes behind what was taken. Owns the buffer, which nobody else writes to any more. */
  void write(ByteBuf bytes);

  /** Sends what was written. */
  void flush();

  /** Whether as little waits to be sent that more should come. */
  boolean isWritable();

  /** Whether the peer is read. */
  boolean isReading();

  /** Has the peer read or not; without effect once its stream has ended. */
  void read(boolean on);

  /** All bytes that were ever written for the peer, as they are counted where they wait. */
  long written();

  /** How many of the written bytes wait. Proportional to their buffers. */
  long waiting();

  /** About how much memory they take. */
  long heldBytes();

  /** Ends the stream to the peer behind everything written. Once. */
  void endOutput();

  /** Whether {@link #endOutput} was called. */
  boolean outputEnding();

  /** Whether the peer has ended its stream. */
  boolean inputEnded();

  /**
   * Whether the other direction may go on when the peer has ended its stream. Without that, {@link
   * #endOutput} must follow at once.
   */
  boolean canBeHalfClosed();

  /** Lets go of everything, whatever waits; without {@link Listener#broken}. Harmless twice. */
  void cut();

  /** As {@link #cut}, and has the kernel forget, too, what it has not sent. */
  void drop();

  /** Whether it was {@linkplain #cut}, or the peer broke off. */
  boolean gone();

  /** Whether it is not {@linkplain Listener#closed closed}. */
  boolean isOpen();

  /** For what is written to it. */
  ByteBufAllocator allocator();
}
