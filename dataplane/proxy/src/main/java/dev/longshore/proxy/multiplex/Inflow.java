package dev.longshore.proxy.multiplex;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a peer sends on one stream, until somebody takes it: its window is what this holds at most,
 * and is opened again only as far as it was taken. The frames of one read of the connection are
 * handed on together, so that many small ones cost no more than their bytes.
 */
public final class Inflow {
  /** From here on bytes are handed on rather than copied together. */
  private static final int COPIED = 8 * 1024;

  /** RFC 9113 §6.9.2: what a peer may send that nobody has taken. */
  public static final int WINDOW = 65_535;

  private final Taker taker;
  private final ByteBufAllocator allocator;
  private @Nullable ByteBuf held;

  /** Whether {@link #held} is of what the connection was read into, and not of our own. */
  private boolean borrowed;

  private boolean reading;
  private boolean ended;
  private boolean endTold;
  private boolean delivering;

  /** Who takes it. */
  public interface Taker {
    /**
     * Bytes, perhaps none. Taken over.
     *
     * @param last whether the stream ends with them
     */
    void take(ByteBuf bytes, boolean last);

    /** So many bytes have been taken: as many more may be sent. */
    void taken(int bytes);
  }

  /** Of a stream of which nobody reads yet. */
  public Inflow(Taker taker, ByteBufAllocator allocator) {
    this.taker = taker;
    this.allocator = allocator;
  }

  /** Data has come; not taken over. It is handed on when the read is {@linkplain #deliver over}. */
  public void arrived(ByteBuf data) {
    int more = data.readableBytes();
    if (more == 0) {
      return;
    }
    ByteBuf before = held;
    if (before != null && reading && before.readableBytes() + more > COPIED) {
      deliver();
      before = held;
    }
    if (before == null) {
      held = data.retainedSlice();
      borrowed = true;
    } else {
      own().writeBytes(data, data.readerIndex(), more);
    }
  }

  /** A buffer of our own: a slice would keep all of what it was read with. */
  private ByteBuf own() {
    ByteBuf before = Objects.requireNonNull(held, "nothing is held");
    if (!borrowed) {
      return before;
    }
    int size = before.readableBytes();
    ByteBuf copy = allocator.buffer(Math.min(2 * size, WINDOW), WINDOW);
    copy.writeBytes(before);
    before.release();
    held = copy;
    borrowed = false;
    return copy;
  }

  /** The peer has ended its stream behind what came. */
  public void end() {
    ended = true;
  }

  /** Whether it has. */
  public boolean hasEnded() {
    return ended;
  }

  /** Whether all that came was handed on. */
  public boolean isEmpty() {
    return held == null && ended == endTold;
  }

  /** Hands on what comes, or keeps it. */
  public void read(boolean on) {
    reading = on;
  }

  /** Whether it is handed on. */
  public boolean isReading() {
    return reading;
  }

  /** Hands on what has come, as long as it is wanted. */
  public void deliver() {
    if (delivering) {
      return;
    }
    delivering = true;
    try {
      while (reading && !isEmpty()) {
        ByteBuf bytes = held == null ? Unpooled.EMPTY_BUFFER : held;
        held = null;
        endTold = ended;
        int size = bytes.readableBytes();
        taker.take(bytes, endTold);
        if (size > 0) {
          taker.taken(size);
        }
      }
    } finally {
      delivering = false;
    }
    if (held != null && borrowed) {
      own();
    }
  }

  /** Lets go of what has come. */
  public void drop() {
    ByteBuf left = held;
    held = null;
    if (left != null) {
      int size = left.readableBytes();
      left.release();
      taker.taken(size);
    }
  }

  /** Bytes that wait. */
  public int heldBytes() {
    return held == null ? 0 : held.readableBytes();
  }
}
