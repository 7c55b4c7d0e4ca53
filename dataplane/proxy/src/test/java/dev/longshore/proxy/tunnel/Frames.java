package dev.longshore.proxy.tunnel;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;

/** Writes WebSocket frames for tests, legal and otherwise. */
public final class Frames {
  public static final int CONTINUATION = 0;
  public static final int TEXT = 1;
  public static final int BINARY = 2;
  public static final int CLOSE = 8;
  public static final int PING = 9;
  public static final int PONG = 10;

  private static final int[] MASK = {0x11, 0x22, 0x33, 0x44};

  private Frames() {}

  public static byte[] frame(boolean fin, int opcode, boolean masked, byte[] payload) {
    byte[] header = header(fin, opcode, masked, payload.length);
    byte[] frame = new byte[header.length + payload.length];
    System.arraycopy(header, 0, frame, 0, header.length);
    for (int i = 0; i < payload.length; i++) {
      frame[header.length + i] = (byte) (masked ? payload[i] ^ MASK[i % 4] : payload[i]);
    }
    return frame;
  }

  /** A header with the shortest form of the length. */
  public static byte[] header(boolean fin, int opcode, boolean masked, long length) {
    ByteBuffer header = ByteBuffer.allocate(14);
    header.put((byte) ((fin ? 0x80 : 0) | opcode));
    int mask = masked ? 0x80 : 0;
    if (length < 126) {
      header.put((byte) (mask | length));
    } else if (length < 65536) {
      header.put((byte) (mask | 126)).putShort((short) length);
    } else {
      header.put((byte) (mask | 127)).putLong(length);
    }
    if (masked) {
      for (int part : MASK) {
        header.put((byte) part);
      }
    }
    byte[] bytes = new byte[header.position()];
    header.flip().get(bytes);
    return bytes;
  }

  /** The same frame as it is with permessage-deflate (RFC 7692 §6): RSV1 is set. */
  public static byte[] compressed(byte[] frame) {
    byte[] compressed = frame.clone();
    compressed[0] |= 0x40;
    return compressed;
  }

  public static byte[] text(boolean masked, String text) {
    return frame(true, TEXT, masked, text.getBytes(StandardCharsets.UTF_8));
  }

  public static byte[] close(boolean masked, int code) {
    return frame(true, CLOSE, masked, new byte[] {(byte) (code >> 8), (byte) code});
  }

  public static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** Legal frames: fragmented messages with control frames between them, all forms of length. */
  public static byte[] randomStream(RandomGenerator random, int messages, boolean masked) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    int[] lengths = {0, 1, 2, 125, 126, 127, 1000, 65535, 65536};
    for (int message = 0; message < messages; message++) {
      int fragments = 1 + random.nextInt(3);
      for (int fragment = 0; fragment < fragments; fragment++) {
        if (random.nextInt(4) == 0) {
          all.writeBytes(frame(true, PING, masked, bytes(random, random.nextInt(126))));
        }
        int opcode = fragment == 0 ? 1 + random.nextInt(2) : CONTINUATION;
        byte[] payload = bytes(random, lengths[random.nextInt(lengths.length)]);
        all.writeBytes(frame(fragment == fragments - 1, opcode, masked, payload));
      }
    }
    return all.toByteArray();
  }

  public static byte[] bytes(RandomGenerator random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
