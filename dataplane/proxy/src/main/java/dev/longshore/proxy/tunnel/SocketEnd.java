package dev.longshore.proxy.tunnel;

import dev.longshore.proxy.memory.Holder;
import dev.longshore.proxy.tls.TlsStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import org.jspecify.annotations.Nullable;

/**
 * The end of a tunnel that is a connection of its own. The only handler of its pipeline, or the
 * only one behind TLS.
 *
 * <p>A read of the other end costs one send here: past the channel's outbound buffer where the
 * transport lets us, else by one write to the channel, and one flush when there is no more to read.
 */
final class SocketEnd extends ChannelInboundHandlerAdapter implements TunnelEnd {
  /**
   * Half of Netty's own. The socket's buffer is what keeps a connection busy; what waits beside it
   * is the rest of one read, and costs a slow reader's memory.
   */
  private static final WriteBufferWaterMark WAITING =
      new WriteBufferWaterMark(16 * 1024, 32 * 1024);

  private final ChannelHandlerContext ctx;

  /** Not the channel's, which may be the read buffer. */
  private final ByteBufAllocator allocator;

  private final ReadBuffer readBuffer;
  private final @Nullable DirectOutput direct;

  /** Counts what is written beneath TLS; null: there is none. */
  private final @Nullable EncryptedBytes encrypted;

  @SuppressWarnings("NullAway.Init") // set by tell, before anything happens
  private Listener listener;

  /** Bytes of the other end's current read, to be sent before it is complete. */
  private @Nullable ByteBuf taken;

  private long written;
  private boolean inputEnded;
  private boolean outputEnding;
  private boolean outputEnded;
  private boolean gone;

  /** Adds itself to the pipeline of {@code channel}, from which all codecs are gone. */
  SocketEnd(Channel channel, ReadBuffer readBuffer) {
    this.readBuffer = readBuffer;
    allocator = channel.alloc();
    direct = channel.pipeline().firstContext() == null ? DirectOutput.of(channel) : null;
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    channel.config().setWriteBufferWaterMark(WAITING);
    encrypted = EncryptedBytes.of(channel);
    channel.pipeline().addLast(this);
    ctx = channel.pipeline().context(this);
  }

  /** Has both read into the loop's one buffer, if each sends at once what it takes. */
  static void shareReadBuffer(TunnelEnd client, TunnelEnd upstream) {
    if (client instanceof SocketEnd one
        && upstream instanceof SocketEnd other
        && one.direct != null
        && other.direct != null) {
      one.ctx.channel().config().setAllocator(one.readBuffer);
      other.ctx.channel().config().setAllocator(other.readBuffer);
    }
  }

  @Override
  public void tell(Listener told) {
    listener = told;
  }

  @Override
  public void begin() {
    if (!ctx.channel().isActive()) {
      channelInactive(ctx);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    listener.read((ByteBuf) message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    listener.readComplete();
  }

  @Override
  public void take(ByteBuf bytes) {
    written += bytes.readableBytes();
    if (direct == null) {
      ctx.write(bytes, ctx.voidPromise());
      if (!ctx.channel().isWritable()) {
        // Told of by TLS only after all reads of this turn of the loop, up to 1 MiB of them.
        channelWritabilityChanged(ctx);
      }
      return;
    }
    try {
      sendTaken();
    } catch (OutOfMemoryError e) {
      bytes.release();
      throw e;
    }
    taken = bytes;
  }

  @Override
  public void flushTaken() {
    if (!sendTaken()) {
      ctx.flush();
    }
  }

  /**
   * Sends what was taken, or gives it to the channel, before anything else is written there.
   *
   * @return whether there was something, and all of it is sent
   */
  private boolean sendTaken() {
    ByteBuf bytes = taken;
    if (bytes == null) {
      return false;
    }
    taken = null;
    try {
      boolean sent = direct != null && direct.send(bytes);
      if (!sent) {
        ByteBuf rest = readBuffer.own(bytes, bytes.readerIndex(), bytes.readableBytes());
        ctx.write(rest, ctx.voidPromise());
      }
      return sent;
    } finally {
      // Also when there is no memory for the rest: all tunnels of the loop read into this one.
      bytes.release();
    }
  }

  @Override
  public void write(ByteBuf bytes) {
    sendTaken();
    written += bytes.readableBytes();
    ctx.write(bytes, ctx.voidPromise());
  }

  @Override
  public void flush() {
    ctx.flush();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (!ctx.channel().isWritable()) {
      // Often the socket takes it all, and no interest in reading has to be changed in the kernel.
      ctx.flush();
    }
    listener.writabilityChanged();
  }

  @Override
  public boolean isWritable() {
    return ctx.channel().isWritable();
  }

  @Override
  public boolean isReading() {
    return ctx.channel().config().isAutoRead();
  }

  @Override
  public void read(boolean on) {
    if (!gone && !inputEnded) {
      ctx.channel().config().setAutoRead(on);
    }
  }

  @Override
  public long written() {
    return encrypted == null ? written : encrypted.written();
  }

  @Override
  public long waiting() {
    ChannelOutboundBuffer pending = ctx.channel().unsafe().outboundBuffer();
    if (pending == null || pending.isEmpty()) {
      return 0;
    }
    long[] sum = {0};
    try {
      pending.forEachFlushedMessage(
          message -> {
            sum[0] += message instanceof ByteBuf buffer ? buffer.readableBytes() : 0;
            return true;
          });
    } catch (Exception e) {
      throw new IllegalStateException("the processor above throws nothing", e);
    }
    return sum[0];
  }

  @Override
  public long heldBytes() {
    return Holder.waitingFor(ctx.channel());
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    // Of FIN and close_notify, whichever comes first.
    boolean ends =
        event instanceof ChannelInputShutdownEvent
            || (event instanceof SslCloseCompletionEvent close && close.isSuccess());
    if (ends && !inputEnded && !gone) {
      inputEnded = true;
      listener.inputEnded();
      if (outputEnded) {
        cut();
      }
    }
  }

  /** The TLS libraries answer a close_notify with their own, and write nothing behind it. */
  @Override
  public boolean canBeHalfClosed() {
    return encrypted == null;
  }

  /** Sends FIN when everything is written, and closes when the peer has done so too. */
  @Override
  public void endOutput() {
    outputEnding = true;
    sendTaken();
    TlsStream.end(ctx.channel())
        .addListener(
            done -> {
              if (done.isSuccess() && !gone) {
                outputWritten();
              }
            });
  }

  private void outputWritten() {
    outputEnded = true;
    if (!inputEnded && direct != null) {
      direct.end();
    } else if (!inputEnded && ctx.channel() instanceof DuplexChannel duplex) {
      duplex.shutdownOutput();
    } else {
      cut();
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
  public void channelInactive(ChannelHandlerContext context) {
    if (!gone) {
      cut();
      listener.broken();
    }
    listener.closed();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (gone) {
      return; // the writes that our own close has failed
    }
    if (TlsStream.isPeerFault(cause)) {
      cut();
      listener.broken();
    } else {
      listener.failed(cause);
    }
  }

  @Override
  public void cut() {
    if (!gone) {
      gone = true;
      if (taken != null) {
        taken.release();
        taken = null;
      }
      // Where a close_notify has a place, it was sent by endOutput.
      TlsStream.cut(ctx.channel());
    }
  }

  @Override
  public void drop() {
    Holder.forgetUnsent(ctx.channel());
    cut();
  }

  @Override
  public boolean gone() {
    return gone;
  }

  @Override
  public boolean isOpen() {
    return ctx.channel().isOpen();
  }

  @Override
  public ByteBufAllocator allocator() {
    return allocator;
  }
}
