package dev.longshore.proxy.limit;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A location as limits see it: the same one for all its hosts and in all snapshots, for as long as
 * it has tunnels or clients that are counted. A permit of a handshake that no limit per client is
 * for. Any thread may use it.
 */
final class Scope implements Permit {
  private static final AtomicLong NUMBERS = new AtomicLong();
  private static final VarHandle OPEN;

  static {
    try {
      OPEN = MethodHandles.lookup().findVarHandle(Scope.class, "open", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Tells scopes apart in an order that doesn't change. */
  final long number = NUMBERS.getAndIncrement();

  @SuppressWarnings("unused") // Written through OPEN.
  private volatile int open;

  /** Tunnels that are open or being opened. */
  int open() {
    return open;
  }

  /**
   * Counts one more, unless there are as many already; never more, however many try at once.
   *
   * @param most above 0
   * @return whether it is counted, and to be {@linkplain #release released}
   */
  boolean acquire(int most) {
    int now = open;
    while (now < most) {
      if (OPEN.compareAndSet(this, now, now + 1)) {
        return true;
      }
      now = open;
    }
    return false;
  }

  @Override
  public void release() {
    int before = (int) OPEN.getAndAdd(this, -1);
    if (before <= 0) {
      OPEN.getAndAdd(this, 1);
      throw new IllegalStateException("released more often than permitted");
    }
  }
}
