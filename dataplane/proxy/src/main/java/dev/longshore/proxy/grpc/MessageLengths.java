package dev.longshore.proxy.grpc;

import io.netty.buffer.ByteBuf;

/**
 * Follows the messages of one direction of a call by the lengths before them (a flag byte and 32
 * bits), without looking at what is in them: a message costs the same, whatever its size. In one
 * thread; the figures may be read from anywhere, and are then possibly a little old.
 */
public final class MessageLengths {
  private static final int PREFIX = 5;

  /** Bytes of the present prefix that have come; 0: between two messages, or within one. */
  private int prefix;

  private long length;

  /** Bytes of the present message that are still to come. */
  private long left;

  private long longest;
  private long messages;
  private long bytes;

  /** Follows what has come, which is only read. */
  public void follow(ByteBuf data) {
    follow(data, data.readableBytes(), false);
  }

  /**
   * Follows it up to the end of a message, if one ends there.
   *
   * @return how many bytes that are, 0 if nothing has begun; all of them if none ends
   */
  public int followToEnd(ByteBuf data) {
    return follow(data, data.readableBytes(), true);
  }

  private int follow(ByteBuf data, int size, boolean toEnd) {
    int start = data.readerIndex();
    int at = 0;
    while (at < size && !(toEnd && isBetween())) {
      if (left > 0) {
        int part = (int) Math.min(left, size - at);
        left -= part;
        at += part;
        if (left == 0) {
          count();
        }
      } else {
        int each = data.getByte(start + at) & 0xff;
        at++;
        if (prefix > 0) {
          length = length << 8 | each;
        }
        prefix++;
        if (prefix == PREFIX) {
          left = length;
          longest = Math.max(longest, length);
          prefix = 0;
          length = 0;
          if (left == 0) {
            count();
          }
        }
      }
    }
    bytes += at;
    return at;
  }

  private void count() {
    messages++;
  }

  /** Whether no message has begun that has not ended. */
  public boolean isBetween() {
    return left == 0 && prefix == 0;
  }

  /** The largest length that was announced. */
  public long longest() {
    return longest;
  }

  /** Messages that were complete. */
  public long messages() {
    return messages;
  }

  /** Bytes, prefixes included. */
  public long bytes() {
    return bytes;
  }
}
