package dev.longshore.proxy.answer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** The body of an answer of the proxy's own that is the same for everybody. Immutable. */
public final class FixedBody {
  /** There is none. */
  public static final FixedBody NONE = new FixedBody(new byte[0]);

  private final byte[] bytes;

  private FixedBody(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A text in UTF-8. */
  public static FixedBody of(String text) {
    return text.isEmpty() ? NONE : new FixedBody(text.getBytes(StandardCharsets.UTF_8));
  }

  /** How many bytes it has. */
  public int length() {
    return bytes.length;
  }

  /** Its bytes, not copied; the receiver's. */
  public ByteBuf open() {
    return bytes.length == 0 ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(bytes).asReadOnly();
  }
}
