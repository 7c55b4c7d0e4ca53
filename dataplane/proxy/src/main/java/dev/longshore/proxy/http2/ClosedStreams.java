package dev.longshore.proxy.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2FrameReader;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What comes for streams that have ended (RFC 9113 §5.1): behind a reset of ours it was on its way
 * and is dropped, behind the peer's own end a head is the end of the connection. Netty forgets
 * streams, and so resets those of both kinds once more, which would be counted as the peer's fault.
 */
final class ClosedStreams implements Http2FrameReader {
  /** More were hardly reset within the time that a frame is on its way. */
  private static final int REMEMBERED = 256;

  private final Http2FrameReader reader;
  private final Http2Connection connection;
  private int @Nullable [] reset;
  private int resets;
  private @Nullable Filter filter;

  ClosedStreams(Http2FrameReader reader, Http2Connection connection) {
    this.reader = reader;
    this.connection = connection;
  }

  /** We have reset a stream. */
  void wasReset(int id) {
    int[] ids = reset;
    if (ids == null) {
      ids = new int[REMEMBERED];
      reset = ids;
    }
    ids[resets++ % REMEMBERED] = id;
  }

  private boolean isReset(int id) {
    int[] ids = reset;
    return ids != null && Arrays.stream(ids).anyMatch(each -> each == id);
  }

  /** Whether it had its time, and can be told from one that never was. */
  private boolean isGone(int id) {
    return connection.stream(id) == null
        && connection.streamMayHaveExisted(id)
        && !connection.goAwaySent();
  }

  @Override
  public void readFrame(ChannelHandlerContext ctx, ByteBuf input, Http2FrameListener listener)
      throws Http2Exception {
    Filter present = filter;
    if (present == null || present.of() != listener) {
      present = new Filter(listener);
      filter = present;
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

  private final class Filter extends Http2FrameListenerDecorator {
    private final Http2FrameListener listener;

    Filter(Http2FrameListener listener) {
      super(listener);
      this.listener = listener;
    }

    Http2FrameListener of() {
      return listener;
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean last)
        throws Http2Exception {
      if (connection.stream(id) == null && isReset(id)) {
        // Of the connection's window it is a part all the same.
        connection.local().flowController().receiveFlowControlledFrame(null, data, padding, last);
        return data.readableBytes() + padding;
      }
      return super.onDataRead(ctx, id, data, padding, last);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx, int id, Http2Headers headers, int padding, boolean last)
        throws Http2Exception {
      if (isTaken(id)) {
        super.onHeadersRead(ctx, id, headers, padding, last);
      }
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
      if (isTaken(id)) {
        super.onHeadersRead(ctx, id, headers, dependency, weight, exclusive, padding, last);
      }
    }

    private boolean isTaken(int id) throws Http2Exception {
      Http2Stream stream = connection.stream(id);
      if (stream != null && stream.state() == Http2Stream.State.HALF_CLOSED_REMOTE) {
        throw Http2Exception.streamError(
            id, Http2Error.STREAM_CLOSED, "a head behind the end of its stream");
      }
      if (!isGone(id)) {
        return true;
      }
      if (isReset(id)) {
        return false;
      }
      if (resets > REMEMBERED) {
        // It may have been reset, long ago.
        return true;
      }
      throw Http2Exception.connectionError(
          Http2Error.STREAM_CLOSED, "a head of stream %d, which has ended or was left out", id);
    }
  }
}
