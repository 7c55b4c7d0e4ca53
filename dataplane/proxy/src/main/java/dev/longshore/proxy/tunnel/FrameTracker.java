package dev.longshore.proxy.tunnel;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Follows the frame headers of one direction of a tunnel by length arithmetic (RFC 6455 §5.2): data
 * is never unmasked, copied or reassembled.
 *
 * <p>A stream is a row of <em>units</em>. A unit is what is taken whole or not at all: the header
 * of a data frame, or a control frame with its payload of at most 125 bytes. The payload of a data
 * frame is no unit and may come in any pieces. So a control frame never lies half on either side,
 * and nothing of a frame is passed before its length is known.
 *
 * <p>Reserved opcodes, RSV bits, unmasked or wrongly masked frames, non-minimal lengths and control
 * frames that are fragmented or too long pass: they are between the endpoints. Only a 64-bit length
 * with its top bit set is an error, because there is no such frame to follow. Where a policy has
 * {@linkplain FrameRules rules}, they are asked before anything of a data frame is taken.
 *
 * <p>Not thread-safe: used on the tunnel's event loop; {@link #messages()} may be read from
 * anywhere and is then possibly a little old.
 */
public final class FrameTracker {
  /** Largest unit: a masked control frame of 125 bytes whose length is written in 64 bits. */
  static final int MAX_UNIT_BYTES = 2 + 8 + 4 + 125;

  /** What {@link #closeCode()} says for a Close frame without a code (RFC 6455 §7.1.5). */
  public static final int NO_CODE = 1005;

  private static final int FIN = 0x8000;
  private static final int MASKED = 0x80;
  private static final int LENGTH = 0x7f;
  private static final int LENGTH_16 = 126;
  private static final int CONTROL = 0x0800;
  private static final int OPCODE = 0x0f00;
  private static final int CLOSE = 0x0800;
  private static final int MAX_CONTROL_PAYLOAD = 125;

  /** Payload bytes of the current frame that have not come yet; 0: at a frame boundary. */
  private long remaining;

  private long messages;

  private final @Nullable FrameRules rules;

  /** 0: no Close frame yet. */
  private int closeCode;

  private boolean fragmented;
  private @Nullable CloseCause fault;

  /** Follows a stream without any limit. */
  public FrameTracker() {
    this(null);
  }

  /** Follows a stream by rules; null: there are none. */
  FrameTracker(@Nullable FrameRules rules) {
    this.rules = rules;
  }

  /**
   * Follows the stream through {@code in} from {@code from} to {@code to}, which are absolute
   * indices; the buffer's own indices are left alone.
   *
   * @return {@code to} when everything belongs to frames that may pass; else the index where a unit
   *     begins that is not complete, or, when {@link #broken()}, that can't be followed
   */
  public int advance(ByteBuf in, int from, int to) {
    int at = from;
    while (at < to) {
      int next = step(in, at, to);
      if (next == at) {
        return at;
      }
      at = next;
    }
    return at;
  }

  /**
   * Takes the rest of the current payload, or one unit with what is there of its payload.
   *
   * @return index behind what was taken; {@code from} when the unit is not complete or {@link
   *     #broken()}
   */
  int step(ByteBuf in, int from, int to) {
    int available = to - from;
    if (remaining > 0) {
      if (remaining <= available) {
        int end = from + (int) remaining;
        remaining = 0;
        return end;
      }
      remaining -= available;
      return to;
    }
    if (available < 2) {
      return from;
    }
    int head = in.getUnsignedShort(from);
    int size = headerSize(head);
    if (available < size) {
      return from;
    }
    long length = head & LENGTH;
    if (length >= LENGTH_16) {
      length = length == LENGTH_16 ? in.getUnsignedShort(from + 2) : in.getLong(from + 2);
      if (length < 0) {
        fault = CloseCause.PROTOCOL;
        return from;
      }
    }
    if ((head & CONTROL) != 0) {
      if (length <= MAX_CONTROL_PAYLOAD && available < size + (int) length) {
        return from;
      }
      if (rules != null && !pass(rules, in, from, head, size, length)) {
        return from;
      }
      if ((head & OPCODE) == CLOSE && closeCode == 0) {
        closeCode = closeCode(in, from, head, size, Math.min(length, available - size));
      }
    } else {
      if (rules != null) {
        fault = rules.refuseData(!fragmented, length);
        if (fault != null) {
          return from;
        }
      }
      if ((head & FIN) != 0) {
        messages++;
        fragmented = false;
      } else {
        fragmented = true;
      }
    }
    int body = available - size;
    if (length <= body) {
      return from + size + (int) length;
    }
    remaining = length - body;
    return to;
  }

  /** Shows the rules a control frame; whether it may pass. */
  private boolean pass(FrameRules rules, ByteBuf in, int from, int head, int size, long length) {
    if (length > MAX_CONTROL_PAYLOAD) {
      fault = rules.refuseLongControl(length);
      return fault == null;
    }
    int at = from + size;
    int mask = (head & MASKED) == 0 ? 0 : in.getInt(at - 4);
    fault = rules.control(head >>> 8, in, at, (int) length, mask);
    return fault == null;
  }

  /**
   * How many more bytes are needed before more can be said about the unit that {@code unit} holds
   * the beginning of.
   *
   * @return 0 when the unit is complete
   */
  static int missing(ByteBuf unit) {
    int have = unit.readableBytes();
    if (have < 2) {
      return 2 - have;
    }
    int from = unit.readerIndex();
    int head = unit.getUnsignedShort(from);
    int size = headerSize(head);
    if (have < size) {
      return size - have;
    }
    if ((head & CONTROL) == 0) {
      return 0;
    }
    int length = head & LENGTH;
    if (length == LENGTH_16) {
      length = unit.getUnsignedShort(from + 2);
    } else if (length > LENGTH_16) {
      long wide = unit.getLong(from + 2);
      length = wide < 0 || wide > MAX_CONTROL_PAYLOAD ? MAX_CONTROL_PAYLOAD + 1 : (int) wide;
    }
    return length > MAX_CONTROL_PAYLOAD ? 0 : Math.max(0, size + length - have);
  }

  private static int headerSize(int head) {
    int size = 2 + ((head & MASKED) >>> 5);
    int length = head & LENGTH;
    if (length < LENGTH_16) {
      return size;
    }
    return size + (length == LENGTH_16 ? 2 : 8);
  }

  private static int closeCode(ByteBuf in, int from, int head, int size, long payload) {
    if (payload < 2) {
      return NO_CODE;
    }
    int code = in.getUnsignedShort(from + size);
    if ((head & MASKED) != 0) {
      code ^= in.getUnsignedShort(from + size - 4);
    }
    // 0 means "no Close yet"; a peer that sends it has sent an illegal code, which is one too.
    return code == 0 ? NO_CODE : code;
  }

  /** Messages so far, each counted when the header of its last frame has come. */
  public long messages() {
    return messages;
  }

  /** Whether the stream stands between two frames. */
  public boolean betweenFrames() {
    return remaining == 0;
  }

  /** Whether the stream stands between two frames and outside a fragmented message. */
  public boolean betweenMessages() {
    return remaining == 0 && !fragmented;
  }

  /** Whether a Close frame has come. */
  public boolean closed() {
    return closeCode != 0;
  }

  /** Code of the first Close frame, {@link #NO_CODE} if it had none; 0 before a Close frame. */
  public int closeCode() {
    return closeCode;
  }

  /** Whether the stream can't be followed any more, or must not pass. */
  public boolean broken() {
    return fault != null;
  }

  /** Why the next frame does not pass, nor anything behind it; null while everything may. */
  @Nullable CloseCause fault() {
    return fault;
  }
}
