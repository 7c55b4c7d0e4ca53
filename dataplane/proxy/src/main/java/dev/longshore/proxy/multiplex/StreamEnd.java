package dev.longshore.proxy.multiplex;

import dev.longshore.proxy.tunnel.TunnelEnd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/**
 * The end of a tunnel that is a stream of HTTP/2 (RFC 8441). What ends a connection of TCP ends the
 * stream alone: END_STREAM is its FIN, RST_STREAM with CANCEL its reset, and so is the end of the
 * connection that it is a stream of.
 */
public final class StreamEnd implements TunnelEnd {
  private final TunnelStream stream;

  @SuppressWarnings("NullAway.Init") // set by tell, before anything happens
  private Listener listener;

  private long written;
  private boolean inputEnded;
  private boolean outputEnding;
  private boolean gone;
  private boolean closedTold;

  /** Of a stream, which tells it what comes. */
  public StreamEnd(TunnelStream stream) {
    this.stream = stream;
  }

  // ---- from the stream

  /** Bytes have come. Taken over. */
  public void received(ByteBuf bytes, boolean last) {
    if (gone) {
      bytes.release();
      return;
    }
    if (bytes.isReadable()) {
      listener.read(bytes);
    } else {
      bytes.release();
    }
    if (last && !inputEnded && !gone) {
      inputEnded = true;
      listener.readComplete();
      listener.inputEnded();
    }
  }

  /** There is no more to read for now. */
  public void readComplete() {
    if (!gone) {
      listener.readComplete();
    }
  }

  /** The stream takes more, or no more, for now. */
  public void writabilityChanged() {
    if (!gone) {
      listener.writabilityChanged();
    }
  }

  /** Nothing is left of the stream. */
  public void closed() {
    boolean orderly = inputEnded && outputEnding;
    if (!gone) {
      gone = true;
      if (!orderly) {
        listener.broken();
      }
    }
    tellClosed();
  }

  /** Something of ours failed. */
  public void failed(Throwable cause) {
    if (!gone) {
      listener.failed(cause);
    }
  }

  private void tellClosed() {
    if (!closedTold) {
      closedTold = true;
      listener.closed();
    }
  }

  // ---- for the tunnel

  @Override
  public void tell(Listener told) {
    listener = told;
  }

  @Override
  public void begin() {
    if (stream.isClosed()) {
      closed();
    }
  }

  /** Nobody else's buffer comes here: that is shared by sockets only. */
  @Override
  public void take(ByteBuf bytes) {
    write(bytes);
  }

  @Override
  public void flushTaken() {
    stream.flush();
  }

  @Override
  public void write(ByteBuf bytes) {
    if (gone || outputEnding) {
      bytes.release();
      return;
    }
    written += bytes.readableBytes();
    stream.write(bytes, false);
  }

  @Override
  public void flush() {
    stream.flush();
  }

  @Override
  public boolean isWritable() {
    return stream.isWritable();
  }

  @Override
  public boolean isReading() {
    return stream.isReading();
  }

  @Override
  public void read(boolean on) {
    if (gone || inputEnded) {
      return;
    }
    if (on) {
      stream.resume();
    } else {
      stream.pause();
    }
  }

  @Override
  public long written() {
    return written;
  }

  @Override
  public long waiting() {
    return stream.pendingBytes();
  }

  @Override
  public long heldBytes() {
    return stream.heldByTunnel();
  }

  @Override
  public void endOutput() {
    outputEnding = true;
    if (!gone) {
      stream.write(Unpooled.EMPTY_BUFFER, true);
      stream.flush();
    }
  }

  @Override
  public boolean outputEnding() {
    return outputEnding;
  }

  @Override
  public boolean inputEnded() {
    return inputEnded;
  }

  @Override
  public boolean canBeHalfClosed() {
    return true;
  }

  @Override
  public void cut() {
    if (!gone) {
      gone = true;
      stream.cancel();
      // Not from within what the tunnel does just now.
      stream.execute(this::tellClosed);
    }
  }

  @Override
  public void drop() {
    cut();
  }

  @Override
  public boolean gone() {
    return gone;
  }

  @Override
  public boolean isOpen() {
    return !closedTold;
  }

  @Override
  public ByteBufAllocator allocator() {
    return stream.allocator();
  }
}
