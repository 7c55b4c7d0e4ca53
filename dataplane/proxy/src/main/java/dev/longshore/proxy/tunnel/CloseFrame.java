package dev.longshore.proxy.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.security.SecureRandom;

/** The Close frames that the proxy itself sends (RFC 6455 §5.5.1): a code and no reason. */
public final class CloseFrame {
  private static final int FIN_AND_CLOSE = 0x88;
  private static final int MASKED = 0x80;
  private static final int CODE_BYTES = 2;

  /** A mask comes from a strong source (RFC 6455 §5.3), though nothing secret is under it. */
  private static final SecureRandom RANDOM = new SecureRandom();

  private CloseFrame() {}

  /** What a server sends: unmasked. */
  static ByteBuf toClient(ByteBufAllocator allocator, int code) {
    return allocator
        .buffer(2 + CODE_BYTES)
        .writeByte(FIN_AND_CLOSE)
        .writeByte(CODE_BYTES)
        .writeShort(code);
  }

  /** What a client sends: masked. */
  public static ByteBuf toUpstream(ByteBufAllocator allocator, int code) {
    int mask = RANDOM.nextInt();
    return allocator
        .buffer(2 + 4 + CODE_BYTES)
        .writeByte(FIN_AND_CLOSE)
        .writeByte(MASKED | CODE_BYTES)
        .writeInt(mask)
        .writeShort(code ^ (mask >>> 16));
  }
}
