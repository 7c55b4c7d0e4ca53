package dev.longshore.proxy.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.security.SecureRandom;

/** The control frames that the proxy itself sends (RFC 6455 §5.5), to either side. */
public final class ControlFrame {
  private static final int FIN_AND_CLOSE = 0x88;
  private static final int FIN_AND_PING = 0x89;
  private static final int MASKED = 0x80;
  private static final int CODE_BYTES = 2;
  private static final int NONCE_BYTES = 8;

  /** A mask comes from a strong source (RFC 6455 §5.3), though nothing secret is under it. */
  private static final SecureRandom RANDOM = new SecureRandom();

  private ControlFrame() {}

  /** A Close as a server sends it, unmasked: a code and no reason. */
  static ByteBuf closeToClient(ByteBufAllocator allocator, int code) {
    return allocator
        .buffer(2 + CODE_BYTES)
        .writeByte(FIN_AND_CLOSE)
        .writeByte(CODE_BYTES)
        .writeShort(code);
  }

  /** A Close as a client sends it, masked: a code and no reason. */
  public static ByteBuf closeToUpstream(ByteBufAllocator allocator, int code) {
    int mask = RANDOM.nextInt();
    return allocator
        .buffer(2 + 4 + CODE_BYTES)
        .writeByte(FIN_AND_CLOSE)
        .writeByte(MASKED | CODE_BYTES)
        .writeInt(mask)
        .writeShort(code ^ (mask >>> 16));
  }

  /** A Ping as a server sends it, unmasked. */
  static ByteBuf pingToClient(ByteBufAllocator allocator, long nonce) {
    return allocator
        .buffer(2 + NONCE_BYTES)
        .writeByte(FIN_AND_PING)
        .writeByte(NONCE_BYTES)
        .writeLong(nonce);
  }

  /** A Ping as a client sends it, masked. */
  static ByteBuf pingToUpstream(ByteBufAllocator allocator, long nonce) {
    int mask = RANDOM.nextInt();
    return allocator
        .buffer(2 + 4 + NONCE_BYTES)
        .writeByte(FIN_AND_PING)
        .writeByte(MASKED | NONCE_BYTES)
        .writeInt(mask)
        .writeLong(nonce ^ twice(mask));
  }

  /**
   * Whether a payload is a Ping's nonce.
   *
   * @param at index of the payload
   * @param mask of the frame; 0: it has none
   */
  static boolean holds(long nonce, ByteBuf in, int at, int length, int mask) {
    return length == NONCE_BYTES && (in.getLong(at) ^ twice(mask)) == nonce;
  }

  private static long twice(int mask) {
    long low = Integer.toUnsignedLong(mask);
    return low << Integer.SIZE | low;
  }

  /** By what a Ping is known again in its Pong. */
  static int digest(ByteBuf in, int at, int length, int mask) {
    int digest = length;
    for (int i = 0; i < length; i++) {
      int unmasked = in.getByte(at + i) ^ (mask >> (24 - (i & 3) * 8));
      digest = 31 * digest + (unmasked & 0xff);
    }
    return digest;
  }
}
