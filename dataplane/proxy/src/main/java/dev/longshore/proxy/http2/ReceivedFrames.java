package dev.longshore.proxy.http2;

import dev.longshore.proxy.multiplex.ControlFrames;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;

/**
 * The frames of a client as they come: those that carry something go to who serves its streams, and
 * each of the others is {@linkplain ControlFrames charged}.
 */
final class ReceivedFrames implements Http2FrameListener {
  private final ControlFrames control;
  private final Receiver receiver;

  /** Who takes what they carry. On the event loop. */
  interface Receiver {
    /**
     * A header list has come: of a stream that begins with it, or ends.
     *
     * @throws Http2Exception it can't be
     */
    void head(int id, Http2Headers headers, boolean last) throws Http2Exception;

    /** A part of a body has come, which is the caller's. */
    void data(int id, ByteBuf data, boolean last);

    /** The client has other settings. */
    void settings() throws Http2Exception;

    /** A PING with this is answered; false: there was none. */
    boolean answered(long ping);
  }

  ReceivedFrames(ControlFrames control, Receiver receiver) {
    this.control = control;
    this.receiver = receiver;
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx,
      int id,
      Http2Headers headers,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean last)
      throws Http2Exception {
    onHeadersRead(ctx, id, headers, padding, last);
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx, int id, Http2Headers headers, int padding, boolean last)
      throws Http2Exception {
    control.useful();
    receiver.head(id, headers, last);
  }

  /** What of it is taken, the receiver says in its time; but for the padding. */
  @Override
  public int onDataRead(
      ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean last) {
    if (data.isReadable()) {
      control.useful();
    }
    receiver.data(id, data, last);
    return padding;
  }

  @Override
  public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings)
      throws Http2Exception {
    control.charge();
    receiver.settings();
  }

  @Override
  public void onPingRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
    control.charge();
  }

  @Override
  public void onPingAckRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
    if (!receiver.answered(data)) {
      control.charge();
    }
  }

  @Override
  public void onSettingsAckRead(ChannelHandlerContext ctx) throws Http2Exception {
    control.charge();
  }

  @Override
  public void onPriorityRead(
      ChannelHandlerContext ctx, int id, int dependency, short weight, boolean exclusive)
      throws Http2Exception {
    control.charge();
  }

  @Override
  public void onRstStreamRead(ChannelHandlerContext ctx, int id, long error) {
    // Its end is heard of next.
  }

  @Override
  public void onWindowUpdateRead(ChannelHandlerContext ctx, int id, int increment)
      throws Http2Exception {
    control.charge();
  }

  @Override
  public void onUnknownFrame(
      ChannelHandlerContext ctx, byte type, int id, Http2Flags flags, ByteBuf payload)
      throws Http2Exception {
    control.charge();
  }

  @Override
  public void onGoAwayRead(ChannelHandlerContext ctx, int lastId, long error, ByteBuf debug)
      throws Http2Exception {
    // It opens no more streams; those that it has go on.
    control.charge();
  }

  @Override
  public void onPushPromiseRead(
      ChannelHandlerContext ctx, int id, int promised, Http2Headers headers, int padding) {
    // The codec lets no client send one.
  }
}
