package dev.longshore.proxy.listen;

import dev.longshore.contract.Settings.Bounds;
import dev.longshore.contract.Settings.Http2;
import dev.longshore.proxy.http.ClientPeer;
import dev.longshore.proxy.http.LoopContext;
import dev.longshore.proxy.http1.ClientConnection;
import dev.longshore.proxy.http2.MultiplexedConnection;
import dev.longshore.proxy.loop.Deadline;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.Http2Error;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Tells HTTP/2 from HTTP/1.1 in the clear by the first bytes (RFC 9113 §3.4), which have as long as
 * a request's head. No request of HTTP/1.1 begins like that: there is no method PRI. What names
 * neither is closed without an answer, which would be in a protocol that its sender doesn't speak.
 */
final class PrefaceGate extends ByteToMessageDecoder {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Channel channel;
  private final LoopContext context;
  private final ClientPeer peer;
  private final Bounds bounds;
  private final Entering entering;
  private final Late late = new Late();
  private boolean over;

  private PrefaceGate(Channel channel, LoopContext context, ClientPeer peer, Bounds bounds) {
    this.channel = channel;
    this.context = context;
    this.peer = peer;
    this.bounds = bounds;
    this.entering = new Entering(channel);
  }

  /** Waits for the first bytes of a connection, and then serves it. */
  static void install(Channel channel, LoopContext context, ClientPeer peer, Bounds bounds) {
    PrefaceGate gate = new PrefaceGate(channel, context, peer, bounds);
    context.entering(gate.entering);
    context.deadlines().arm(gate.late, bounds.requestTimeout());
    channel.pipeline().addLast("preface", gate);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    int length = Math.min(PREFACE.length, in.readableBytes());
    for (int i = 0; i < length; i++) {
      if (in.getByte(in.readerIndex() + i) != PREFACE[i]) {
        left();
        if (isNeither(in)) {
          in.skipBytes(in.readableBytes());
          context.recorder().http2Broken(true, Http2Error.PROTOCOL_ERROR.name());
          ctx.close();
          return;
        }
        ClientConnection.serve(channel, context, peer, bounds);
        ctx.pipeline().remove(this);
        return;
      }
    }
    if (length == PREFACE.length) {
      left();
      Http2 http2 = context.settings().http2();
      int streams = (http2 == null ? Http2.DEFAULT : http2).maxConcurrentStreams();
      MultiplexedConnection.serve(channel, context, peer, bounds, streams);
      ctx.pipeline().remove(this);
    }
  }

  /** Whether a first line has come that names no version of HTTP (RFC 9113 §3.4). */
  private static boolean isNeither(ByteBuf in) {
    int end = in.bytesBefore((byte) '\n');
    if (end < 0) {
      return false;
    }
    String line = in.toString(in.readerIndex(), end, StandardCharsets.ISO_8859_1);
    // Empty lines before a request are let be (RFC 9112 §2.2).
    return !line.isBlank() && !line.contains(" HTTP/");
  }

  private void left() {
    over = true;
    context.deadlines().disarm(late);
    context.entered(entering);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    if (!over) {
      left();
    }
    super.channelInactive(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // A reset: channelInactive says the rest.
    ctx.close();
  }

  /** Nothing that could be told apart has come in time. */
  private final class Late extends Deadline {
    @Override
    protected void expired() {
      channel.close();
    }
  }
}
