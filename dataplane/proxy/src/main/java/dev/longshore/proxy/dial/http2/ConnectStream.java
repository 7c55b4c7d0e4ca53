package dev.longshore.proxy.dial.http2;

import dev.longshore.proxy.multiplex.Inflow;
import dev.longshore.proxy.multiplex.StreamEnd;
import dev.longshore.proxy.multiplex.TunnelStream;
import dev.longshore.proxy.tunnel.Carrier;
import dev.longshore.proxy.tunnel.ReadBuffer;
import dev.longshore.proxy.tunnel.TunnelEnd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.Http2Error;
import org.jspecify.annotations.Nullable;

/**
 * A stream to an endpoint that is a WebSocket (RFC 8441): what its request's stream becomes once
 * the endpoint has accepted. On the event loop.
 */
final class ConnectStream implements TunnelStream, Carrier, Inflow.Taker {
  /** As for a client's stream: what waits beside the endpoint's window. */
  private static final int FULL = 32 * 1024;

  private static final int ROOM = 16 * 1024;

  /** The connection beneath, as a stream that is a tunnel sees it. On its event loop. */
  interface Frames {
    EventLoop eventLoop();

    ByteBufAllocator allocator();

    /** Runs something later. */
    void execute(Runnable task);

    /** Writes data. Taken over. */
    ChannelFuture writeData(int id, ByteBuf bytes, boolean last);

    /** Sends what was written, at the latest when the read is over. */
    void flush();

    /** So many bytes of a stream were taken: as many more may be sent. */
    void consumed(int id, int bytes);

    void reset(int id, Http2Error error);
  }

  private final Frames connection;
  private final int id;
  private final Inflow inflow;
  private @Nullable StreamEnd end;
  private long pending;
  private boolean blocked;
  private boolean outputEnded;
  private boolean cancelled;
  private boolean closed;

  ConnectStream(Frames connection, int id) {
    this.connection = connection;
    this.id = id;
    this.inflow = new Inflow(this, connection.allocator());
  }

  // ---- from the connection

  /**
   * Data has come; not taken over.
   *
   * @return how many of its bytes are taken already
   */
  int arrived(ByteBuf data, boolean last) {
    if (cancelled || closed) {
      return data.readableBytes();
    }
    inflow.arrived(data);
    if (last) {
      inflow.end();
    }
    return 0;
  }

  /** The endpoint has ended its direction with fields, which mean nothing here. */
  void ended() {
    inflow.end();
  }

  /** All that was there has been read. */
  void readComplete() {
    inflow.deliver();
    StreamEnd tunnel = end;
    if (tunnel != null) {
      tunnel.readComplete();
      closeIfDone();
    }
  }

  /** Frames of it come and go no more. */
  void offWire() {
    closed = true;
    closeIfDone();
  }

  /** What came before both ends is still for the client to take. */
  private void closeIfDone() {
    StreamEnd tunnel = end;
    if (!closed || tunnel == null) {
      return;
    }
    boolean whole = outputEnded && inflow.hasEnded();
    if (!whole || inflow.isEmpty() || tunnel.gone()) {
      inflow.drop();
      tunnel.closed();
    }
  }

  /** A fault of ours. */
  void failed(Throwable cause) {
    StreamEnd tunnel = end;
    if (tunnel != null) {
      tunnel.failed(cause);
    }
  }

  // ---- from its window

  @Override
  public void take(ByteBuf bytes, boolean last) {
    StreamEnd tunnel = end;
    if (tunnel == null) {
      bytes.release();
    } else {
      tunnel.received(bytes, last);
    }
  }

  @Override
  public void taken(int bytes) {
    if (bytes > 0 && !closed) {
      connection.consumed(id, bytes);
    }
  }

  // ---- for the tunnel

  @Override
  public EventLoop eventLoop() {
    return connection.eventLoop();
  }

  @Override
  public TunnelEnd end(ReadBuffer readBuffer) {
    StreamEnd made = new StreamEnd(this);
    end = made;
    return made;
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public void write(ByteBuf bytes, boolean last) {
    if (closed || cancelled || outputEnded) {
      bytes.release();
      return;
    }
    int size = bytes.readableBytes();
    pending += size;
    outputEnded = last;
    connection.writeData(id, bytes, last).addListener(done -> written(size));
    if (!blocked && pending > FULL) {
      // Often the window and the socket take it all.
      connection.flush();
      if (pending > FULL && !closed) {
        blocked = true;
        tellWritability();
      }
    }
  }

  private void written(int size) {
    pending -= size;
    if (blocked && pending <= ROOM) {
      blocked = false;
      tellWritability();
    }
  }

  private void tellWritability() {
    StreamEnd tunnel = end;
    if (tunnel != null && !closed) {
      tunnel.writabilityChanged();
    }
  }

  @Override
  public void flush() {
    if (!closed) {
      connection.flush();
    }
  }

  @Override
  public boolean isWritable() {
    return !blocked;
  }

  @Override
  public boolean isReading() {
    return inflow.isReading();
  }

  @Override
  public void pause() {
    inflow.read(false);
  }

  @Override
  public void resume() {
    if (!inflow.isReading()) {
      inflow.read(true);
      if (!inflow.isEmpty()) {
        readComplete();
      }
    }
  }

  @Override
  public void cancel() {
    if (!closed && !cancelled) {
      cancelled = true;
      inflow.drop();
      connection.reset(id, Http2Error.CANCEL);
    }
  }

  @Override
  public long pendingBytes() {
    return pending;
  }

  @Override
  public long heldByTunnel() {
    return pending + inflow.heldBytes();
  }

  @Override
  public void execute(Runnable task) {
    connection.execute(task);
  }

  @Override
  public ByteBufAllocator allocator() {
    return connection.allocator();
  }
}
