package dev.longshore.proxy.health;

import dev.longshore.contract.UpstreamTls;
import dev.longshore.process.watch.Part;
import dev.longshore.proxy.dial.Dialer;
import dev.longshore.proxy.dial.OutboundCall;
import dev.longshore.proxy.dial.http2.OwnStreams;
import dev.longshore.proxy.health.Probe.Verdict;
import dev.longshore.proxy.health.ProbeKey.Question;
import dev.longshore.proxy.http.UpstreamStream;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.observe.Metrics;
import dev.longshore.proxy.observe.ProbeOutcome;
import dev.longshore.proxy.tls.ClientContext;
import dev.longshore.proxy.tls.TlsTarget;
import dev.longshore.proxy.upstream.EndpointState;
import dev.longshore.proxy.upstream.Pool;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The probes of one event loop: one timer for all of them, and none while there is no check. What
 * each costs is a connection; when the next is due takes time logarithmic in their number. Longer
 * than most, for what the end of a probe means depends on who joined and left meanwhile.
 */
public final class ProbeLoop {
  private static final Logger LOG = LoggerFactory.getLogger(ProbeLoop.class);
  private static final long COMPLAINT_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** By how much of the interval a probe comes earlier or later, so that they don't align. */
  private static final double JITTER = 0.1;

  /** A probe is late that comes so much of the interval after it was due: one in so many. */
  private static final int LATE = 4;

  /** Between two looks at the queue, so that probes that are held back don't wake the loop each. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** Taken without a break: about a millisecond's work. */
  static final int CHANGES_AT_ONCE = 256;

  /** As often as a pool can be changed between finding its TLS and using it. */
  private static final int ATTEMPTS = 8;

  private final EventLoop loop;
  private final Dialer dialer;
  private final DeadlineSweep deadlines;
  private final Metrics metrics;
  private final Part part;
  private final Ticker ticker;
  private final Set<Check> checks = new HashSet<>();
  private final ProbeQueue queue;
  private final ArrayDeque<Change> changes = new ArrayDeque<>();
  private @Nullable Future<?> timer;
  private long timerNanos;
  private long nextComplaintNanos;
  private boolean closed;

  /**
   * Without checks.
   *
   * @param dialer of {@code loop}, and so are the deadlines
   * @param part of the watch; hears of probes that can't even be begun
   * @param ticker by which probes are due
   */
  public ProbeLoop(
      EventLoop loop,
      Dialer dialer,
      DeadlineSweep deadlines,
      Metrics metrics,
      Part part,
      Ticker ticker) {
    this.loop = loop;
    this.dialer = dialer;
    this.deadlines = deadlines;
    this.metrics = metrics;
    this.part = part;
    this.ticker = ticker;
    this.queue = new ProbeQueue(ticker.nanoTime());
    this.nextComplaintNanos = ticker.nanoTime();
  }

  /** That somebody hears of a check from now on, or no more. */
  private record Change(Subscription subscription, boolean joins) {}

  /** That somebody hears of a check. */
  record Subscription(Check check, Watcher watcher) {}

  /**
   * Tells more pools of checks, new ones or not, and some less: a check that nobody wants any more
   * ends, with its probe. Any thread.
   */
  void change(List<Subscription> joining, List<Subscription> leaving) {
    loop.execute(
        () -> {
          boolean idle = changes.isEmpty();
          // First, so that a check that goes from one pool to another goes on.
          joining.forEach(each -> changes.add(new Change(each, true)));
          leaving.forEach(each -> changes.add(new Change(each, false)));
          if (idle) {
            takeSome();
          }
        });
  }

  /** A part of what waits, so that whatever else this loop has to do comes in between. */
  private void takeSome() {
    long now = ticker.nanoTime();
    for (int i = 0; i < CHANGES_AT_ONCE; i++) {
      Change change = changes.poll();
      if (change == null) {
        break;
      }
      take(change, now);
    }
    schedule();
    if (!changes.isEmpty()) {
      // Not executed: the loop runs 64 such tasks before it looks at its sockets again.
      loop.schedule(this::takeSome, 0, TimeUnit.NANOSECONDS);
    }
  }

  /** Whatever is wrong with one, the others are taken. */
  private void take(Change change, long now) {
    try {
      if (!change.joins) {
        leave(change.subscription);
      } else if (!closed) {
        join(change.subscription, now);
      }
    } catch (RuntimeException | Error e) {
      part.fault("a change of what is probed can't be taken", e);
    }
  }

  private void join(Subscription subscription, long now) {
    Check check = subscription.check();
    check.join(subscription.watcher());
    if (checks.add(check)) {
      check.dueNanos = now + check.firstAfterNanos;
      queue.add(check);
    }
  }

  private void leave(Subscription subscription) {
    Check check = subscription.check();
    check.leave(subscription.watcher());
    if (check.isAbandoned()) {
      end(check);
    }
  }

  /** Ends all checks and begins no others, and waits for that. Not on an event loop. */
  void close() {
    if (!loop.isShuttingDown()) {
      loop.submit(this::endAll).awaitUninterruptibly();
    }
  }

  private void endAll() {
    closed = true;
    List.copyOf(checks).forEach(this::end);
    schedule();
  }

  private void end(Check check) {
    if (checks.remove(check)) {
      stopProbe(check);
      queue.remove(check);
    }
  }

  private static void stopProbe(Check check) {
    Probe<?> probe = check.probe;
    check.probe = null;
    if (probe != null) {
      probe.stop();
    }
  }

  private void schedule() {
    Future<?> set = timer;
    long now = ticker.nanoTime();
    Long next = queue.next(now);
    if (next == null) {
      if (set != null) {
        set.cancel(false);
        timer = null;
      }
      return;
    }
    long pause = Math.max(next - now, PAUSE_NANOS);
    if (set != null) {
      if (timerNanos - (now + pause) <= 0) {
        return;
      }
      set.cancel(false);
    }
    timerNanos = now + pause;
    timer = loop.schedule(this::probeWhoIsDue, pause, TimeUnit.NANOSECONDS);
  }

  private void probeWhoIsDue() {
    timer = null;
    long now = ticker.nanoTime();
    try {
      Check check;
      while ((check = queue.poll(now)) != null || (check = makeRoom(now)) != null) {
        probeOrLater(check, now);
      }
    } catch (RuntimeException | Error e) {
      // Not of one check, for those are caught alone; the next look may do.
      part.fault("who is to be probed can't be found out", e);
    } finally {
      schedule();
    }
  }

  /** Whatever is wrong with one check, the others go on, and so does it. */
  private void probeOrLater(Check check, long now) {
    long due = check.dueNanos;
    try {
      probe(check, now);
    } catch (RuntimeException | Error e) {
      part.fault("an endpoint can't be probed", e);
      stopProbe(check);
      if (check.dueNanos == due) {
        again(check, now);
      }
    }
  }

  /** Ends a probe of who has too many, for who has few and would have to wait for that. */
  private @Nullable Check makeRoom(long now) {
    Check overdrawn = queue.overdrawn(now);
    if (overdrawn == null) {
      return null;
    }
    // Without a verdict, for its time is not over.
    stopProbe(overdrawn);
    late(overdrawn);
    again(overdrawn, now);
    return queue.poll(now);
  }

  private void late(Check check) {
    metrics.probeDelayed();
    complain(
        "endpoints of namespace {} are probed less often than asked for", check.key.namespace());
  }

  private void probe(Check check, long now) {
    Question question = check.key.question();
    if ((now - check.dueNanos) * LATE > question.interval().toNanos()) {
      late(check);
    }
    Watcher first = check.first();
    TlsTarget tls = null;
    if (question.tls() != null) {
      tls = hold(first.pool);
      if (tls == null) {
        again(check, now);
        return;
      }
    }
    begin(check, first.endpoint, tls, new Hearing(check, now));
  }

  /** Hears how the probe of a check goes that began at a time. */
  private final class Hearing implements Probe.Verdict {
    private final Check check;
    private final long start;

    Hearing(Check check, long start) {
      this.check = check;
      this.start = start;
    }

    @Override
    public void ended(ProbeOutcome outcome, String why) {
      metrics.probe(outcome);
      if (outcome == ProbeOutcome.NOT_MADE) {
        // No socket to be had, which says nothing of the endpoint.
        complain("no endpoint can be probed: {}", why);
        return;
      }
      try {
        check.ended(outcome == ProbeOutcome.GOOD, why);
      } catch (RuntimeException | Error e) {
        part.fault("what a probe found can't be taken", e);
      }
    }

    @Override
    public void over() {
      // Null: it was stopped, by whoever knows what comes then.
      if (check.probe != null) {
        check.probe = null;
        again(check, start);
        schedule();
      }
    }
  }

  private void complain(String what, String of) {
    long now = ticker.nanoTime();
    if (now - nextComplaintNanos >= 0) {
      nextComplaintNanos = now + COMPLAINT_NANOS;
      LOG.warn(what, of);
    }
  }

  private void begin(
      Check check, EndpointState endpoint, @Nullable TlsTarget tls, Verdict verdict) {
    Question question = check.key.question();
    ProbeHead head = new ProbeHead(endpoint, question.path());
    switch (question.type()) {
      case TCP -> start(check, new ConnectProbe(deadlines, tls, verdict), dialer::dial, endpoint);
      case HTTP ->
          start(check, new HttpProbe(deadlines, tls, verdict, head), dialer::dial, endpoint);
      case WEB_SOCKET ->
          start(check, new WebSocketProbe(deadlines, tls, verdict, head), dialer::dial, endpoint);
      case GRPC ->
          start(
              check,
              new GrpcProbe(deadlines, tls, verdict, question),
              new OwnStreams(dialer, deadlines),
              endpoint);
    }
  }

  private static <S extends UpstreamStream> void start(
      Check check, Probe<S> probe, OutboundCall.Way<S> way, EndpointState endpoint) {
    check.probe = probe;
    probe.start(way, endpoint, check.key.question().timeout());
  }

  private void again(Check check, long start) {
    double factor = 1 - JITTER + 2 * JITTER * ThreadLocalRandom.current().nextDouble();
    check.dueNanos = start + (long) (check.key.question().interval().toNanos() * factor);
    queue.ended(check);
  }

  /** What secures a probe's connection; null when it went between two looks. */
  private static @Nullable TlsTarget hold(Pool pool) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      UpstreamTls config = pool.config().tls();
      ClientContext context = pool.tls();
      if (context != null && context.retain()) {
        String name = config == null ? null : config.serverName();
        return name == null ? TlsTarget.ofAnyName(context) : new TlsTarget(context, name);
      }
    }
    return null;
  }
}
