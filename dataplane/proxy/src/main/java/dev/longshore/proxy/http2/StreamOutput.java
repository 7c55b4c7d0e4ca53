package dev.longshore.proxy.http2;

import dev.longshore.proxy.http.WriteStall;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Headers;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is sent on a stream: heads, data, its end, and how much of it waits for the client's window.
 * One that its client doesn't read holds as much as {@link #FULL} says and what was on its way, and
 * takes more once half of that has gone.
 */
final class StreamOutput {
  /** As for a connection of a tunnel: what waits beside the client's window. */
  private static final int FULL = 32 * 1024;

  private static final int ROOM = 16 * 1024;

  private final Codec codec;
  private final Turn turn;
  private final Turn.Member stream;
  private final int id;
  private @Nullable WriteStall stall;
  private @Nullable Http2Headers head;
  private @Nullable ChannelFuture lastWrite;
  private long pending;

  /** Whether nothing is written any more: the stream is broken and about to be reset, or closed. */
  private boolean mute;

  private boolean ended;
  private boolean blocked;

  /**
   * Of a stream.
   *
   * @param stream hears when there is room again
   * @param id of the stream
   */
  StreamOutput(Codec codec, Turn turn, Turn.Member stream, int id) {
    this.codec = codec;
    this.turn = turn;
    this.stream = stream;
    this.id = id;
  }

  /** Nothing is written any more. */
  void silence() {
    mute = true;
  }

  /** Whether that is so. */
  boolean isSilent() {
    return mute;
  }

  /** Whether data has ended it. */
  boolean hasEnded() {
    return ended;
  }

  /** Whether little enough waits. */
  boolean isWritable() {
    return !blocked;
  }

  /** Bytes that wait for the window, or for the connection. */
  long pending() {
    return pending;
  }

  /** So many wait now; returns how many less they are. */
  long pending(long bytes) {
    long gone = pending - bytes;
    pending = bytes;
    return gone;
  }

  /** Whether it was full, and has room again. */
  boolean unblock() {
    if (blocked && pending <= ROOM && codec.isWritable()) {
      blocked = false;
      return true;
    }
    return false;
  }

  private boolean isFull() {
    return pending > FULL || !codec.isWritable();
  }

  /**
   * Watches from now on whether what waits is taken, if something does.
   *
   * @param bound how long it may wait
   * @param watch makes a watch of that
   */
  void watch(Duration bound, Function<Duration, WriteStall> watch) {
    if (pending > 0 && !mute && bound.isPositive()) {
      WriteStall made = stall;
      if (made == null) {
        made = watch.apply(bound);
        stall = made;
      }
      made.flushed();
    }
  }

  /** Watches no more. */
  void stopWatching() {
    WriteStall watch = stall;
    stall = null;
    if (watch != null) {
      watch.stop();
    }
  }

  /** A head that is written with what comes next, which may be the end. */
  void head(Http2Headers next) {
    head = next;
  }

  /** A head that is written now; {@code last}: the stream ends with it. */
  void write(Http2Headers fields, boolean last) {
    if (!mute) {
      ChannelHandlerContext ctx = codec.context();
      ChannelFuture written =
          codec.encoder().writeHeaders(ctx, id, fields, 0, last, ctx.newPromise());
      if (last) {
        lastWrite = written;
      }
    }
  }

  private boolean writeHead(boolean last) {
    Http2Headers waiting = head;
    head = null;
    if (waiting != null) {
      write(waiting, last);
    }
    return waiting != null;
  }

  /** A part of a body, or of a tunnel, behind the head that waits. Taken over. */
  void data(ByteBuf bytes, boolean last) {
    boolean only = last && !bytes.isReadable();
    if (writeHead(only) && only) {
      bytes.release();
    } else if (bytes.isReadable() || last) {
      write(bytes, last);
    } else {
      bytes.release();
    }
  }

  /** Ends it with fields, perhaps none. */
  void trailers(Http2Headers fields) {
    writeHead(false);
    if (fields.isEmpty()) {
      write(Unpooled.EMPTY_BUFFER, true);
    } else {
      write(fields, true);
    }
  }

  private void write(ByteBuf bytes, boolean last) {
    if (mute) {
      bytes.release();
      return;
    }
    WriteStall watch = stall;
    if (watch != null) {
      watch.wrote(bytes.readableBytes());
    }
    ChannelHandlerContext ctx = codec.context();
    ChannelFuture written = codec.encoder().writeData(ctx, id, bytes, 0, last, ctx.newPromise());
    if (last) {
      ended = true;
      lastWrite = written;
    }
    if (!blocked && isFull()) {
      // Often the windows and the socket take it all.
      turn.flushNow();
      if (isFull() && !mute) {
        blocked = true;
        turn.blocked(stream);
      }
    }
  }

  /** Sends what was written, at the latest when the read is over. */
  void flush() {
    writeHead(false);
    turn.flush(stream);
  }

  /** Runs a task once the end has been written, if it has been given out. */
  void whenEnded(Runnable task) {
    ChannelFuture written = lastWrite;
    lastWrite = null;
    if (written != null) {
      written.addListener(
          done -> {
            if (done.isSuccess() && !mute) {
              task.run();
            }
          });
    }
  }
}
