package dev.longshore.proxy.loop;

import dev.longshore.process.watch.Part;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The deadlines of one event loop. Arming, moving and disarming are two pointer writes and allocate
 * nothing; one task per loop looks through the armed ones every {@value #TICK_MILLIS} ms and sleeps
 * when there are none. Established tunnels are not among them.
 *
 * <p>What one does when it expires is its own: should it throw, the others hear of their time all
 * the same.
 */
public final class DeadlineSweep {
  static final int TICK_MILLIS = 50;

  private final EventLoop loop;
  private final Part part;
  private final Ticker ticker;
  private final List<Deadline> due = new ArrayList<>();
  private @Nullable Deadline first;
  private boolean ticking;

  /**
   * The deadlines of this loop.
   *
   * @param part of the watch; hears of those that throw, and knows whether deadlines are kept
   * @param ticker by which they pass; how often is looked is the loop's
   */
  public DeadlineSweep(EventLoop loop, Part part, Ticker ticker) {
    this.loop = loop;
    this.part = part;
    this.ticker = ticker;
    part.beats(task -> loop.execute(() -> new Sign(task).arm()));
  }

  /** A deadline by which the watch sees that deadlines are kept. */
  private final class Sign extends Deadline {
    private final Runnable task;

    Sign(Runnable task) {
      this.task = task;
    }

    void arm() {
      DeadlineSweep.this.arm(this, Duration.ofMillis(1));
    }

    @Override
    protected void expired() {
      task.run();
    }
  }

  /** By which the deadlines pass. */
  public Ticker ticker() {
    return ticker;
  }

  /** Arms or moves a deadline; {@link Duration#ZERO} disarms it. On the event loop. */
  public void arm(Deadline deadline, Duration after) {
    if (after.isZero()) {
      disarm(deadline);
      return;
    }
    deadline.atNanos = ticker.nanoTime() + after.toNanos();
    if (!deadline.armed) {
      deadline.armed = true;
      deadline.next = first;
      if (first != null) {
        first.previous = deadline;
      }
      first = deadline;
    }
    if (!ticking) {
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

  /** Without a task, which may be for want of memory, the next deadline to be armed tries again. */
  private void schedule() {
    ticking = false;
    var _ = loop.schedule(this::tick, TICK_MILLIS, TimeUnit.MILLISECONDS);
    ticking = true;
  }

  private void tick() {
    try {
      expire(ticker.nanoTime());
    } catch (RuntimeException | Error e) {
      part.fault("the deadlines of a loop could not be looked through", e);
    } finally {
      due.clear();
      if (first == null) {
        ticking = false;
      } else {
        schedule();
      }
    }
  }

  private void expire(long now) {
    for (Deadline deadline = first; deadline != null; deadline = deadline.next) {
      if (deadline.atNanos - now <= 0) {
        due.add(deadline);
      }
    }
    // Apart from the walk: what expires may arm and disarm others.
    for (Deadline deadline : due) {
      if (deadline.armed && deadline.atNanos - now <= 0) {
        disarm(deadline);
        expire(deadline);
      }
    }
  }

  private void expire(Deadline deadline) {
    try {
      deadline.expired();
    } catch (RuntimeException | Error e) {
      // Its connection is in a state that nobody knows; the others must not be.
      part.fault("a deadline could not be dealt with", e);
      try {
        deadline.failed();
      } catch (RuntimeException | Error more) {
        part.fault("nor could its connection be closed", more);
      }
    }
  }
}
