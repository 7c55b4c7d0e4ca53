package dev.longshore.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.Map;

/** The chunked transfer coding (RFC 9112 §7.1), towards an upstream. */
final class Chunks {
  private static final short CRLF = ('\r' << 8) | '\n';
  private static final int SIZE_LINE = 10;

  private Chunks() {}

  /** Writes a part as a chunk, and the end with its trailers. Takes the part over. */
  static void write(Channel to, HttpContent part) {
    int size = part.content().readableBytes();
    boolean last = part instanceof LastHttpContent;
    if (size > 0) {
      ByteBuf line = to.alloc().buffer(SIZE_LINE);
      ByteBufUtil.writeAscii(line, Integer.toHexString(size));
      line.writeShort(CRLF);
      to.write(line, to.voidPromise());
      to.write(part.content(), to.voidPromise());
    }
    if (size == 0 && !last) {
      part.release();
      return;
    }
    ByteBuf end = to.alloc().buffer(SIZE_LINE);
    if (size > 0) {
      end.writeShort(CRLF);
    }
    if (part instanceof LastHttpContent trailer) {
      end.writeByte('0').writeShort(CRLF);
      for (Map.Entry<String, String> field : trailer.trailingHeaders()) {
        if (EndToEnd.isPermittedTrailer(field.getKey())) {
          Head.field(end, field.getKey(), field.getValue());
        }
      }
      end.writeShort(CRLF);
    }
    to.write(end, to.voidPromise());
    if (size == 0) {
      part.release();
    }
  }
}
