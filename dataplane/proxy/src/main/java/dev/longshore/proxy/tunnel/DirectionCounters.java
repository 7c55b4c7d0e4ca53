package dev.longshore.proxy.tunnel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Bytes and messages that all tunnels of one event loop have moved in one direction, and the Pings
 * of our own to the side that they came from. Written by that loop alone and read from anywhere, so
 * no write is atomic or ordered: a reader may see figures that are a little old, but never a torn
 * or a falling one.
 */
final class DirectionCounters {
  private static final VarHandle BYTES;
  private static final VarHandle MESSAGES;
  private static final VarHandle PINGS;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      BYTES = lookup.findVarHandle(DirectionCounters.class, "bytes", long.class);
      MESSAGES = lookup.findVarHandle(DirectionCounters.class, "messages", long.class);
      PINGS = lookup.findVarHandle(DirectionCounters.class, "pings", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private long bytes;
  private long messages;
  private long pings;

  /** On the event loop only. */
  void add(long moreBytes, long moreMessages) {
    BYTES.setOpaque(this, bytes + moreBytes);
    MESSAGES.setOpaque(this, messages + moreMessages);
  }

  /** On the event loop only. */
  void addPing() {
    PINGS.setOpaque(this, pings + 1);
  }

  long bytes() {
    return (long) BYTES.getOpaque(this);
  }

  long messages() {
    return (long) MESSAGES.getOpaque(this);
  }

  long pings() {
    return (long) PINGS.getOpaque(this);
  }
}
