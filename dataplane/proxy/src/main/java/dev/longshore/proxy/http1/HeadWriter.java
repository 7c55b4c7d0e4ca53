package dev.longshore.proxy.http1;

import dev.longshore.proxy.http.FieldSink;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;

/**
 * Writes message heads as bytes. Names and values come from a decoder that validated them or from
 * constants; characters are written as Latin-1, as they were read. As a sink it is one of an event
 * loop, used for one head after the other.
 */
public final class HeadWriter implements FieldSink {
  private static final short CRLF = ('\r' << 8) | '\n';
  private static final short COLON_SPACE = (':' << 8) | ' ';

  private ByteBuf out = Unpooled.EMPTY_BUFFER;

  /** The same one, whose next fields are written to {@code next}. */
  public HeadWriter to(ByteBuf next) {
    out = next;
    return this;
  }

  @Override
  public void field(CharSequence name, CharSequence value) {
    field(out, name, value);
  }

  /** {@code name: value CRLF}. */
  public static void field(ByteBuf out, CharSequence name, CharSequence value) {
    text(out, name);
    out.writeShort(COLON_SPACE);
    text(out, value);
    out.writeShort(CRLF);
  }

  /** Characters as they are. */
  public static void text(ByteBuf out, CharSequence text) {
    if (text instanceof AsciiString ascii) {
      ByteBufUtil.copy(ascii, out);
    } else {
      ByteBufUtil.writeAscii(out, text);
    }
  }

  /** The end of a line, or of the head. */
  public static void end(ByteBuf out) {
    out.writeShort(CRLF);
  }
}
