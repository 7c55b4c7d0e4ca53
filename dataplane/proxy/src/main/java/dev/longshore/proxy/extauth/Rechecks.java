package dev.longshore.proxy.extauth;

import dev.longshore.contract.policy.ExternalAuth;
import dev.longshore.proxy.filter.AuthOutcome;
import dev.longshore.proxy.filter.AuthQuestion;
import dev.longshore.proxy.filter.TunnelGuard;
import dev.longshore.proxy.loop.Deadline;
import dev.longshore.proxy.loop.DeadlineSweep;
import java.time.Duration;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The tunnels of one event loop about which is asked again, by when. One deadline serves all of
 * them, so that a hundred thousand cost what one costs while none is due; and each is due give or
 * take a tenth, so that those that came together aren't asked about together. On that loop.
 */
final class Rechecks {
  /** Where nobody answers it is tried again so soon, or as often as is asked anyway. */
  private static final Duration RETRY = Duration.ofSeconds(10);

  private final DeadlineSweep deadlines;
  private final Function<AuthQuestion, @Nullable CompletableFuture<AuthOutcome>> asker;

  /** A set, and no heap: most tunnels end before they are due, all of them at once in a drain. */
  private final TreeSet<Recheck> byTime = new TreeSet<>(Recheck::compare);

  private long made;
  private final Deadline next =
      new Deadline() {
        @Override
        protected void expired() {
          askDue();
        }
      };

  /**
   * None yet.
   *
   * @param asker null: there is nobody any more whom it could be asked
   */
  Rechecks(
      DeadlineSweep deadlines,
      Function<AuthQuestion, @Nullable CompletableFuture<AuthOutcome>> asker) {
    this.deadlines = deadlines;
    this.asker = asker;
  }

  /** Looks after one that was just let in. */
  TunnelGuard guard(AuthQuestion question, Runnable revoked) {
    return new Recheck(question, revoked);
  }

  private long now() {
    return deadlines.ticker().nanoTime();
  }

  private void askDue() {
    long now = now();
    for (Recheck due = first(); due != null && due.dueNanos - now <= 0; due = first()) {
      byTime.remove(due);
      due.queued = false;
      due.ask();
    }
    arm();
  }

  private @Nullable Recheck first() {
    return byTime.isEmpty() ? null : byTime.first();
  }

  private void arm() {
    Recheck first = first();
    if (first == null) {
      deadlines.disarm(next);
    } else {
      deadlines.arm(next, Duration.ofNanos(Math.max(1, first.dueNanos - now())));
    }
  }

  private final class Recheck implements TunnelGuard {
    private final AuthQuestion question;
    private final Runnable revoked;
    private final long number = made++;
    private long dueNanos;
    private long goodNanos;
    private boolean queued;
    private boolean over;
    private @Nullable Runnable revoke;
    private @Nullable CompletableFuture<AuthOutcome> asked;

    Recheck(AuthQuestion question, Runnable revoked) {
      this.question = question;
      this.revoked = revoked;
    }

    int compare(Recheck other) {
      // By difference: the clock may wrap.
      int byDue = Long.signum(dueNanos - other.dueNanos);
      return byDue != 0 ? byDue : Long.compare(number, other.number);
    }

    private ExternalAuth auth() {
      return question.auth();
    }

    @Override
    public void opened(Runnable closing) {
      if (!over) {
        revoke = closing;
        goodNanos = now();
        askIn(auth().recheck());
      }
    }

    @Override
    public long bytesOfHeap() {
      return question.head().length();
    }

    @Override
    public void ended() {
      over = true;
      if (queued) {
        queued = false;
        byTime.remove(this);
        arm();
      }
      CompletableFuture<AuthOutcome> waited = asked;
      if (waited != null) {
        waited.cancel(false);
      }
    }

    private void askIn(Duration about) {
      long nanos = about.toNanos();
      dueNanos = now() + nanos - nanos / 10 + ThreadLocalRandom.current().nextLong(nanos / 5 + 1);
      queued = true;
      byTime.add(this);
      arm();
    }

    void ask() {
      CompletableFuture<AuthOutcome> asking = asker.apply(question);
      if (asking != null) {
        asked = asking;
        var _ =
            asking.whenComplete(
                (said, failure) -> {
                  asked = null;
                  if (!over) {
                    heard(failure == null ? said : new AuthOutcome.Unknown("the question failed"));
                  }
                });
      }
    }

    private void heard(AuthOutcome said) {
      switch (said) {
        case AuthOutcome.Allowed _ -> {
          goodNanos = now();
          askIn(auth().recheck());
        }
        case AuthOutcome.Denied _ -> close();
        case AuthOutcome.Unknown _ -> {
          if (auth().failOpen() || !isGraceOver()) {
            askIn(auth().recheck().compareTo(RETRY) < 0 ? auth().recheck() : RETRY);
          } else {
            close();
          }
        }
      }
    }

    /** It counts from when the last answer was to be renewed. */
    private boolean isGraceOver() {
      long since = now() - goodNanos;
      return since - auth().recheck().toNanos() >= auth().recheckGrace().toNanos();
    }

    private void close() {
      Runnable closing = revoke;
      if (closing != null) {
        revoked.run();
        closing.run();
      }
    }
  }
}
