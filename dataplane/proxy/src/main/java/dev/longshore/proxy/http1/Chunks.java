package dev.longshore.proxy.http1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;

/** The chunked transfer coding (RFC 9112 §7.1), towards an upstream. */
public final class Chunks {
  private static final short CRLF = ('\r' << 8) | '\n';
  private static final int SIZE_LINE = 10;

  private Chunks() {}

  /**
   * Writes a part as a chunk, and the end without trailers: many servers merge these into the
   * header fields that were checked before the body (RFC 9110 §6.5.1), and nothing that is routed
   * here asks for any. Takes the part over.
   */
  public static void write(Channel to, ByteBuf part, boolean last) {
    int size = part.readableBytes();
    if (size > 0) {
      ByteBuf line = to.alloc().buffer(SIZE_LINE);
      ByteBufUtil.writeAscii(line, Integer.toHexString(size));
      line.writeShort(CRLF);
      to.write(line, to.voidPromise());
      to.write(part, to.voidPromise());
    }
    if (size == 0 && !last) {
      part.release();
      return;
    }
    ByteBuf end = to.alloc().buffer(SIZE_LINE);
    if (size > 0) {
      end.writeShort(CRLF);
    }
    if (last) {
      end.writeByte('0').writeShort(CRLF).writeShort(CRLF);
    }
    to.write(end, to.voidPromise());
    if (size == 0) {
      part.release();
    }
  }
}
