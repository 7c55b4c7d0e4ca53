package dev.longshore.cli.rehearsal;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.ThreadLocalRandom;

/** Frames of RFC 6455 section 5.2, as both ends of a rehearsal read and write them. */
final class Frames {
  private static final int MASKED = 0x80;
  private static final int LENGTH_16 = 126;
  private static final int LENGTH_64 = 127;

  private Frames() {}

  /** Reads what follows a frame's first byte, and unmasks it. */
  static byte[] payload(DataInputStream in) throws IOException {
    int second = in.readUnsignedByte();
    int length = second & ~MASKED;
    if (length == LENGTH_16) {
      length = in.readUnsignedShort();
    } else if (length == LENGTH_64) {
      length = Math.toIntExact(in.readLong());
    }
    int key = (second & MASKED) == 0 ? 0 : in.readInt();
    byte[] payload = in.readNBytes(length);
    mask(payload, key);
    return payload;
  }

  /**
   * Writes a frame.
   *
   * @param first FIN, RSV and opcode
   * @param payload is masked in place, if it is to be
   * @param masked as clients must
   */
  static void write(OutputStream out, int first, byte[] payload, boolean masked)
      throws IOException {
    out.write(first);
    int bit = masked ? MASKED : 0;
    int length = payload.length;
    if (length < LENGTH_16) {
      out.write(bit | length);
    } else if (length <= 0xffff) {
      out.write(bit | LENGTH_16);
      out.write(length >>> 8);
      out.write(length);
    } else {
      out.write(bit | LENGTH_64);
      for (int shift = 56; shift >= 0; shift -= 8) {
        out.write((int) ((long) length >>> shift));
      }
    }
    if (masked) {
      int key = ThreadLocalRandom.current().nextInt();
      for (int shift = 24; shift >= 0; shift -= 8) {
        out.write(key >>> shift);
      }
      mask(payload, key);
    }
    out.write(payload);
  }

  private static void mask(byte[] payload, int key) {
    if (key == 0) {
      return;
    }
    for (int i = 0; i < payload.length; i++) {
      payload[i] ^= (byte) (key >>> (24 - 8 * (i & 3)));
    }
  }
}
