package dev.longshore.proxy.multiplex;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2FrameReader;
import org.jspecify.annotations.Nullable;

/**
 * Charges RST_STREAM and WINDOW_UPDATE of streams that have ended. Some are on their way when a
 * stream ends, and mean nothing (RFC 9113 §5.1); Netty's decoder drops them before anybody hears of
 * them, so without this a peer could send them for ever.
 */
public final class DroppedFrames implements Http2FrameReader {
  private final Http2FrameReader reader;
  private final Http2Connection connection;
  private final ControlFrames control;
  private @Nullable Charging charging;

  /**
   * Reads what another reads.
   *
   * @param control is charged, and so the end of a connection that sends too many
   */
  public DroppedFrames(Http2FrameReader reader, Http2Connection connection, ControlFrames control) {
    this.reader = reader;
    this.connection = connection;
    this.control = control;
  }

  @Override
  public void readFrame(ChannelHandlerContext ctx, ByteBuf input, Http2FrameListener listener)
      throws Http2Exception {
    Charging present = charging;
    if (present == null || present.of != listener) {
      present = new Charging(listener);
      charging = present;
    }
    reader.readFrame(ctx, input, present);
  }

  @Override
  public Configuration configuration() {
    return reader.configuration();
  }

  @Override
  public void close() {
    reader.close();
  }

  private final class Charging extends Http2FrameListenerDecorator {
    final Http2FrameListener of;

    Charging(Http2FrameListener of) {
      super(of);
      this.of = of;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext ctx, int id, long code)
        throws Http2Exception {
      charge(id);
      super.onRstStreamRead(ctx, id, code);
    }

    @Override
    public void onWindowUpdateRead(ChannelHandlerContext ctx, int id, int increment)
        throws Http2Exception {
      charge(id);
      super.onWindowUpdateRead(ctx, id, increment);
    }

    /** Zero is the connection, of which everything is heard. */
    private void charge(int id) throws Http2Exception {
      if (id != 0 && connection.stream(id) == null) {
        control.charge();
      }
    }
  }
}
