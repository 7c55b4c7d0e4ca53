package dev.longshore.proxy.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Fatal alerts (RFC 8446 §6.2) that are sent before a library has anything to do with it. */
enum Alert {
  DECODE_ERROR(50),
  INTERNAL_ERROR(80),
  UNRECOGNIZED_NAME(112),
  NO_APPLICATION_PROTOCOL(120);

  private static final int RECORD_TYPE = 21;
  private static final int RECORD_VERSION = 0x0303;
  private static final int FATAL = 2;
  private static final int BYTES = 2;

  private final int code;

  Alert(int code) {
    this.code = code;
  }

  /** The alert in a record of its own, not encrypted. */
  ByteBuf record(ByteBufAllocator allocator) {
    return allocator
        .buffer(5 + BYTES)
        .writeByte(RECORD_TYPE)
        .writeShort(RECORD_VERSION)
        .writeShort(BYTES)
        .writeByte(FATAL)
        .writeByte(code);
  }
}
