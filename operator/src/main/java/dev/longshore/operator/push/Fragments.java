package dev.longshore.operator.push;

import dev.longshore.contract.push.PushProtocol;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.stream.ChunkedInput;

/**
 * A text message as frames of at most {@link PushProtocol#MAX_FRAME_BYTES}, each made when the
 * socket took those before, so that a slow peer holds no copy of it. For one event loop.
 */
final class Fragments implements ChunkedInput<WebSocketFrame> {
  private final byte[] message;
  private final Runnable progress;
  private int next;

  /** {@code message} is never written to; {@code progress} is run for each frame. */
  Fragments(byte[] message, Runnable progress) {
    this.message = message;
    this.progress = progress;
  }

  @Override
  public boolean isEndOfInput() {
    return next == message.length;
  }

  @Override
  public void close() {}

  @Override
  @Deprecated
  public WebSocketFrame readChunk(ChannelHandlerContext context) {
    return readChunk(context.alloc());
  }

  @Override
  public WebSocketFrame readChunk(ByteBufAllocator allocator) {
    progress.run();
    int from = next;
    int length = Math.min(PushProtocol.MAX_FRAME_BYTES, message.length - from);
    next = from + length;
    var payload = Unpooled.wrappedBuffer(message, from, length);
    return from == 0
        ? new TextWebSocketFrame(isEndOfInput(), 0, payload)
        : new ContinuationWebSocketFrame(isEndOfInput(), 0, payload);
  }

  @Override
  public long length() {
    return message.length;
  }

  @Override
  public long progress() {
    return next;
  }
}
