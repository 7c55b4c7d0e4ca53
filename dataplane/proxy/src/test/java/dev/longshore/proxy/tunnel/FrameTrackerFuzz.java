package dev.longshore.proxy.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * The first byte cuts the rest into pieces; the tracker, fed with these as a tunnel feeds it, has
 * to say the same as a model that reads whole frames one after the other.
 */
public final class FrameTrackerFuzz {
  private FrameTrackerFuzz() {}

  /** Loads what is needed, so that the first input takes no longer than the others. */
  public static void fuzzerInitialize() {
    fuzzerTestOneInput(new byte[0]);
  }

  /** One input. */
  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length < 2) {
      return;
    }
    int piece = 1 + (data[0] & 0xFF);
    FrameTracker tracker = new FrameTracker();
    int passed = 1;
    for (int have = 1; have < data.length && !tracker.broken(); ) {
      have = Math.min(data.length, have + piece);
      ByteBuf in = Unpooled.wrappedBuffer(data, passed, have - passed);
      int taken = tracker.advance(in, 0, in.readableBytes());
      check(taken >= 0 && taken <= in.readableBytes(), "took more than there is");
      passed += taken;
      check(
          tracker.broken() || have - passed < FrameTracker.MAX_UNIT_BYTES,
          "holds more than a unit");
    }
    Model model = new Model(data, passed);
    check(model.messages == tracker.messages(), "messages");
    check(model.longControl || model.closeCode == tracker.closeCode(), "close code");
    check(model.broken == tracker.broken(), "broken");
    check(model.boundary == tracker.betweenFrames(), "boundary");
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  /** Reads frames without a thought of pieces; what passed ends with a unit or within a payload. */
  private static final class Model {
    private long messages;
    private int closeCode;
    private boolean broken;

    /** Not legal (RFC 6455 §5.5): passed in any pieces, and not read to its end. */
    private boolean longControl;

    private boolean boundary = true;

    Model(byte[] data, int end) {
      long at = 1;
      while (at < data.length) {
        int from = (int) at;
        if (data.length - from < 2) {
          return;
        }
        boolean masked = (data[from + 1] & 0x80) != 0;
        int seven = data[from + 1] & 0x7F;
        int wide = seven == 127 ? 8 : seven == 126 ? 2 : 0;
        int size = 2 + wide + (masked ? 4 : 0);
        if (data.length - from < size) {
          return;
        }
        long length = wide == 0 ? seven : 0;
        for (int i = 0; i < wide; i++) {
          length = length << 8 | (data[from + 2 + i] & 0xFF);
        }
        if (length < 0) {
          broken = true;
          return;
        }
        int opcode = data[from] & 0x0F;
        boolean control = opcode >= 8;
        if (control && length <= 125 && data.length - from < size + length) {
          return;
        }
        if (control) {
          longControl |= length > 125;
          if (opcode == 8 && closeCode == 0) {
            closeCode =
                code(data, from, size, masked, Math.min(length, data.length - from - size), end);
          }
        } else if ((data[from] & 0x80) != 0) {
          messages++;
        }
        boundary = data.length - from - size >= length;
        if (!boundary) {
          return;
        }
        at += size + length;
      }
    }

    private static int code(
        byte[] data, int from, int size, boolean masked, long payload, int end) {
      if (payload < 2) {
        return FrameTracker.NO_CODE;
      }
      int high = data[from + size] & 0xFF;
      int low = data[from + size + 1] & 0xFF;
      if (masked) {
        high ^= data[from + size - 4] & 0xFF;
        low ^= data[from + size - 3] & 0xFF;
      }
      int code = high << 8 | low;
      return code == 0 ? FrameTracker.NO_CODE : code;
    }
  }
}
