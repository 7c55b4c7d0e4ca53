package dev.longshore.proxy.loop;

import org.jspecify.annotations.Nullable;

/**
 * A point in time by which something has to have happened on a connection; one object per
 * connection, moved as often as needed. Used on its event loop only.
 */
public abstract class Deadline {
  @Nullable Deadline previous;
  @Nullable Deadline next;
  long atNanos;
  boolean armed;

  /** Called on the event loop, once per arming, up to one tick after the time. */
  protected abstract void expired();

  /**
   * Called on the event loop when {@link #expired()} has thrown: whatever the deadline was for is
   * to be given up, by the simplest means. By default nothing is.
   */
  protected void failed() {}
}
