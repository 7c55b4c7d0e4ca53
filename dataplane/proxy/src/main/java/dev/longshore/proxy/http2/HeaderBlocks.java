package dev.longshore.proxy.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameReader;
import io.netty.handler.codec.http2.Http2FrameTypes;

/**
 * Knows of a header list that is not whole: Netty's reader keeps what has come of it and tells
 * nobody, and a peer may take its time. So the headers of frames are looked at once more behind it.
 */
final class HeaderBlocks implements Http2FrameReader {
  /** RFC 9113 §4.1. */
  private static final int FRAME_HEADER = 9;

  private static final int TYPE = 3;
  private static final int FLAGS = 4;

  private final Http2FrameReader reader;

  /** Of the frame whose header was read, and whose payload was not; negative: there is none. */
  private int payload = -1;

  private int bytes;
  private int begun;
  private boolean open;

  HeaderBlocks(Http2FrameReader reader) {
    this.reader = reader;
  }

  /** Bytes of it. */
  int bytes() {
    return bytes;
  }

  /** Another number for each list that is not whole; 0: there is none. */
  int unfinished() {
    return open ? begun : 0;
  }

  @Override
  public void readFrame(ChannelHandlerContext ctx, ByteBuf input, Http2FrameListener listener)
      throws Http2Exception {
    int from = input.readerIndex();
    try {
      reader.readFrame(ctx, input, listener);
    } finally {
      look(input, from, input.readerIndex());
    }
  }

  /** Headers and payloads are read as a whole each. */
  private void look(ByteBuf input, int from, int to) {
    int at = from;
    while (at < to) {
      if (payload >= 0) {
        at += payload;
        payload = -1;
      } else if (at + FRAME_HEADER > to) {
        // Behind an error everything is skipped.
        return;
      } else {
        payload = input.getUnsignedMedium(at);
        frame(input.getByte(at + TYPE), new Http2Flags(input.getUnsignedByte(at + FLAGS)));
        at += FRAME_HEADER;
      }
    }
  }

  private void frame(byte type, Http2Flags flags) {
    if (type != Http2FrameTypes.HEADERS && type != Http2FrameTypes.CONTINUATION) {
      return;
    }
    if (flags.endOfHeaders()) {
      open = false;
      bytes = 0;
    } else {
      if (!open) {
        open = true;
        // Never 0.
        begun = Math.max(1, begun + 1);
      }
      bytes += payload;
    }
  }

  @Override
  public Configuration configuration() {
    return reader.configuration();
  }

  @Override
  public void close() {
    reader.close();
  }
}
