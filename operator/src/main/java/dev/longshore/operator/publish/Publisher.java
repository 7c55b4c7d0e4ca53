package dev.longshore.operator.publish;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.Translation;
import dev.longshore.process.watch.Part;
import dev.longshore.process.watch.Watch;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Translates the latest view and publishes what came out of it, on one thread of its own.
 *
 * <p>The hold-off is leading-edge: after a quiet time the first view is translated at once, and
 * views that come within the next {@link #HOLD_OFF} are held until it is over, of which only the
 * latest counts. A snapshot whose versions equal the last published one's is not published. What
 * many changes come to is translated in {@link Turns}, after the first view.
 *
 * <p>A view that can't be translated or published, whatever the reason, is one view: what was
 * published before stays, and the thread goes on.
 */
public final class Publisher implements AutoCloseable {
  /** How long after a publication the next view is held. */
  public static final Duration HOLD_OFF = Duration.ofMillis(10);

  private final Function<View, Translation> translate;
  private final Listener listener;
  private final Part part;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Turns turns = new Turns();
  private @Nullable View latest;
  private boolean closed;

  /** What is translated; confined to the thread. */
  private @Nullable View at;

  /** Hears of translations, on the publisher's thread. */
  public interface Listener {
    /** A snapshot that means something else than the one before. */
    void published(RoutingSnapshot snapshot);

    /**
     * The verdicts of a view. Comes after {@link #published} if the view meant a new snapshot, and
     * also for views that meant none.
     */
    void judged(Translation translation);
  }

  /**
   * Starts the thread; nothing is published before a view is offered.
   *
   * @param translate called on one thread only
   * @param listener called on the same thread
   * @param part of the watch; knows when the thread is dead or stuck
   */
  public Publisher(Function<View, Translation> translate, Listener listener, Part part) {
    this.part = part;
    this.translate = translate;
    this.listener = listener;
    this.thread = Thread.ofPlatform().name("publisher").daemon().start(this::run);
    part.runsOn(thread);
  }

  /** Takes a view; one that was offered before and is not translated yet is forgotten. */
  public void offer(View view) {
    lock.lock();
    try {
      latest = view;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the thread; a view that is not translated yet is forgotten. */
  @Override
  public void close() {
    part.over();
    lock.lock();
    try {
      closed = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
    if (Thread.currentThread() == thread) {
      return;
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    RoutingSnapshot published = null;
    long notBefore = System.nanoTime();
    for (View target = next(null, notBefore);
        target != null;
        target = next(turns.isBehind() ? target : null, notBefore)) {
      View before = at;
      long now = System.nanoTime();
      View view = before == null ? target : turns.take(before, target, now);
      if (view == before && turns.isBehind()) {
        continue;
      }
      at = view;
      notBefore = now + HOLD_OFF.toNanos();
      part.begin(Watch.patience(view.size()));
      try {
        Translation translation = translate.apply(view);
        RoutingSnapshot snapshot = translation.snapshot();
        if (published == null
            || !snapshot.version().equals(published.version())
            || !snapshot.endpointsVersion().equals(published.endpointsVersion())) {
          listener.published(snapshot);
          // Only now: one that failed half-way goes again with the next view.
          published = snapshot;
        }
        listener.judged(translation);
      } catch (RuntimeException | Error e) {
        // A bug, and no reason to stop: what was published before stays, the next view may do.
        part.fault("a change could not be published; what was published before stays", e);
      } finally {
        part.end();
      }
    }
  }

  /**
   * Says that more was translated than the function that translates was given. By that function, on
   * its thread.
   */
  public void translated(View more) {
    at = more;
  }

  /**
   * Waits for a view, or until something of the last one is due, and for the end of the hold-off;
   * null when closed.
   *
   * @param unfinished a view of which something was left; null: nothing was
   */
  private @Nullable View next(@Nullable View unfinished, long notBefore) {
    lock.lock();
    try {
      while (!closed) {
        long now = System.nanoTime();
        long due =
            unfinished != null && turns.dueNanos() - notBefore > 0 && latest == null
                ? turns.dueNanos()
                : notBefore;
        if (latest == null && unfinished == null) {
          changed.await();
        } else if (due - now > 0) {
          changed.awaitNanos(due - now);
        } else {
          View view = latest == null ? unfinished : latest;
          latest = null;
          return view;
        }
      }
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } finally {
      lock.unlock();
    }
  }
}
