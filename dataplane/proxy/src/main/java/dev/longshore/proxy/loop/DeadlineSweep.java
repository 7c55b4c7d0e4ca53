package dev.longshore.proxy.loop;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The deadlines of one event loop. Arming, moving and disarming are two pointer writes and allocate
 * nothing; one task per loop looks through the armed ones every {@value #TICK_MILLIS} ms and sleeps
 * when there are none. Established tunnels are not among them.
 */
public final class DeadlineSweep {
  static final int TICK_MILLIS = 50;

  private final EventLoop loop;
  private final List<Deadline> due = new ArrayList<>();
  private @Nullable Deadline first;
  private boolean ticking;

  /** The deadlines of this loop. */
  public DeadlineSweep(EventLoop loop) {
    this.loop = loop;
  }

  /** Arms or moves a deadline; {@link Duration#ZERO} disarms it. On the event loop. */
  public void arm(Deadline deadline, Duration after) {
    if (after.isZero()) {
      disarm(deadline);
      return;
    }
    deadline.atNanos = System.nanoTime() + after.toNanos();
    if (!deadline.armed) {
      deadline.armed = true;
      deadline.next = first;
      if (first != null) {
        first.previous = deadline;
      }
      first = deadline;
    }
    if (!ticking) {
      ticking = true;
      schedule();
    }
  }

  /** Disarms a deadline; nothing happens if it is not armed. On the event loop. */
  public void disarm(Deadline deadline) {
    if (!deadline.armed) {
      return;
    }
    deadline.armed = false;
    Deadline previous = deadline.previous;
    Deadline next = deadline.next;
    if (previous == null) {
      first = next;
    } else {
      previous.next = next;
    }
    if (next != null) {
      next.previous = previous;
    }
    deadline.previous = null;
    deadline.next = null;
  }

  private void schedule() {
    var _ = loop.schedule(this::tick, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    long now = System.nanoTime();
    for (Deadline deadline = first; deadline != null; deadline = deadline.next) {
      if (deadline.atNanos - now <= 0) {
        due.add(deadline);
      }
    }
    // Apart from the walk: what expires may arm and disarm others.
    for (Deadline deadline : due) {
      if (deadline.armed && deadline.atNanos - now <= 0) {
        disarm(deadline);
        deadline.expired();
      }
    }
    due.clear();
    if (first == null) {
      ticking = false;
    } else {
      schedule();
    }
  }
}
