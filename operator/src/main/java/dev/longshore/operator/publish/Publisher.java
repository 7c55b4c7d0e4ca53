package dev.longshore.operator.publish;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.Translation;
import dev.longshore.process.watch.Part;
import dev.longshore.process.watch.Watch;
import dev.longshore.process.watch.Worker;
import dev.longshore.process.watch.Worker.Next;
import java.time.Duration;
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
  private final Turns turns = new Turns();
  private final Worker<View> worker;

  /** Under the worker's lock. */
  private @Nullable View latest;

  /** Confined to the thread, as what follows: a view of which something was left. */
  private @Nullable View unfinished;

  private long notBefore = System.nanoTime();
  private @Nullable RoutingSnapshot published;

  /** What is translated. */
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
    this.worker =
        new Worker<>(
            Thread.ofPlatform().name("publisher").daemon().factory(),
            this::next,
            this::publish,
            "a change could not be published; what was published before stays",
            part);
  }

  /** Takes a view; one that was offered before and is not translated yet is forgotten. */
  public void offer(View view) {
    worker.leave(() -> latest = view);
  }

  /** Ends the thread; a view that is not translated yet is forgotten. */
  @Override
  public void close() {
    worker.end();
    worker.join();
  }

  private void publish(View target) {
    View before = at;
    long now = System.nanoTime();
    unfinished = null;
    View view = before == null ? target : turns.take(before, target, now);
    unfinished = turns.isBehind() ? target : null;
    if (view == before && unfinished != null) {
      return;
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
    } finally {
      part.end();
    }
  }

  /**
   * Says that more was translated than the function that translates was given. By that function, on
   * its thread.
   */
  public void translated(View more) {
    at = more;
  }

  /** A view, or what is due of the last one, once the hold-off is over. */
  private Next<View> next(long now, boolean ending) {
    View view = latest == null ? unfinished : latest;
    if (ending) {
      return new Next.End<>();
    } else if (view == null) {
      return new Next.Rest<>();
    }
    long due = latest == null && turns.dueNanos() - notBefore > 0 ? turns.dueNanos() : notBefore;
    if (due - now > 0) {
      return new Next.Until<>(due);
    }
    latest = null;
    return new Next.Do<>(view);
  }
}
