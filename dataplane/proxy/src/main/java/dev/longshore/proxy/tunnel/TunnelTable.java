package dev.longshore.proxy.tunnel;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The open tunnels of one event loop, in slots that are used again: 8 bytes a tunnel. Changed by
 * its loop alone; read from anywhere without locking, and then possibly a little old.
 */
final class TunnelTable {
  private static final int INITIAL = 64;

  /** Replaced when it grows, so that a reader always has a whole one. */
  private volatile @Nullable LongLivedConnection[] slots =
      new @Nullable LongLivedConnection[INITIAL];

  /** A stack of the free slots; those at and beyond {@code untouched} are not on it. */
  private int[] free = new int[INITIAL];

  private int freeCount;
  private int untouched;
  private volatile int open;

  /** Returns the slot that the tunnel got. */
  int add(LongLivedConnection tunnel) {
    @Nullable LongLivedConnection[] current = slots;
    int slot = freeCount > 0 ? free[--freeCount] : untouched++;
    if (slot == current.length) {
      current = Arrays.copyOf(current, slot * 2);
      free = Arrays.copyOf(free, slot * 2);
    }
    current[slot] = tunnel;
    // Also what publishes the element to readers.
    slots = current;
    setOpen(open + 1);
    return slot;
  }

  void remove(int slot) {
    @Nullable LongLivedConnection[] current = slots;
    current[slot] = null;
    slots = current;
    free[freeCount++] = slot;
    setOpen(open - 1);
  }

  /** Shows each tunnel; on the loop. */
  void forEach(Consumer<? super LongLivedConnection> consumer) {
    for (int slot = 0; slot < untouched; slot++) {
      LongLivedConnection tunnel = at(slot);
      if (tunnel != null) {
        consumer.accept(tunnel);
      }
    }
  }

  private void setOpen(int value) {
    open = value;
  }

  int open() {
    return open;
  }

  /** One past the highest slot that may hold a tunnel. */
  int capacity() {
    return slots.length;
  }

  /** The tunnel in a slot, if there is one. */
  @Nullable LongLivedConnection at(int slot) {
    @Nullable LongLivedConnection[] current = slots;
    return slot < current.length ? current[slot] : null;
  }
}
