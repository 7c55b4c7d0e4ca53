package dev.longshore.proxy.health;

import dev.longshore.contract.UpstreamPool.Active;
import dev.longshore.contract.UpstreamPool.HealthCheck;
import dev.longshore.contract.UpstreamTls;
import dev.longshore.proxy.dial.Dialer;
import dev.longshore.proxy.health.Probe.Verdict;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.observe.Metrics;
import dev.longshore.proxy.observe.ProbeOutcome;
import dev.longshore.proxy.tls.ClientContext;
import dev.longshore.proxy.tls.TlsTarget;
import dev.longshore.proxy.upstream.Pool;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The probes of one event loop: one timer for all of them, and none while there is no check. What
 * each costs is a connection; when the next is due takes time logarithmic in their number.
 */
public final class ProbeLoop {
  private static final Logger LOG = LoggerFactory.getLogger(ProbeLoop.class);
  private static final long COMPLAINT_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** By how much of the interval a probe comes earlier or later, so that they don't align. */
  private static final double JITTER = 0.1;

  /** As often as a pool can be changed between finding its TLS and using it. */
  private static final int ATTEMPTS = 8;

  private final EventLoop loop;
  private final Dialer dialer;
  private final DeadlineSweep deadlines;
  private final Metrics metrics;
  private final TreeSet<Check> waiting = new TreeSet<>(Check.BY_TIME);
  private final Set<Check> probing = new HashSet<>();
  private @Nullable Future<?> timer;
  private long timerNanos;
  private long nextComplaintNanos = System.nanoTime();
  private boolean closed;

  /**
   * Without checks.
   *
   * @param dialer of {@code loop}, and so are the deadlines
   */
  public ProbeLoop(EventLoop loop, Dialer dialer, DeadlineSweep deadlines, Metrics metrics) {
    this.loop = loop;
    this.dialer = dialer;
    this.deadlines = deadlines;
    this.metrics = metrics;
  }

  /** Ends some checks, with their probes, and begins others. Any thread. */
  void change(List<Check> ended, List<Check> begun) {
    loop.execute(
        () -> {
          ended.forEach(this::end);
          if (!closed) {
            long now = System.nanoTime();
            for (Check check : begun) {
              check.dueNanos = now + check.firstAfterNanos;
              waiting.add(check);
            }
          }
          schedule();
        });
  }

  /** Ends all checks and begins no others, and waits for that. Not on an event loop. */
  void close() {
    if (!loop.isShuttingDown()) {
      loop.submit(this::endAll).awaitUninterruptibly();
    }
  }

  private void endAll() {
    closed = true;
    List<Check> all = new ArrayList<>(waiting);
    all.addAll(probing);
    all.forEach(this::end);
    schedule();
  }

  private void end(Check check) {
    check.stopped = true;
    waiting.remove(check);
    stopProbe(check);
  }

  private void stopProbe(Check check) {
    Probe probe = check.probe;
    if (probe != null) {
      check.probe = null;
      probing.remove(check);
      probe.stop();
    }
  }

  private void schedule() {
    Future<?> set = timer;
    if (waiting.isEmpty()) {
      if (set != null) {
        set.cancel(false);
        timer = null;
      }
      return;
    }
    long due = waiting.first().dueNanos;
    if (set != null) {
      if (timerNanos - due <= 0) {
        return;
      }
      set.cancel(false);
    }
    timerNanos = due;
    timer =
        loop.schedule(
            this::probeWhoIsDue, Math.max(0, due - System.nanoTime()), TimeUnit.NANOSECONDS);
  }

  private void probeWhoIsDue() {
    timer = null;
    long now = System.nanoTime();
    while (!waiting.isEmpty() && waiting.first().dueNanos - now <= 0) {
      Check check = waiting.first();
      waiting.remove(check);
      probe(check);
    }
    schedule();
  }

  private void probe(Check check) {
    // It may still wait for the other side to end the last one.
    stopProbe(check);
    HealthCheck health = check.pool.config().health();
    Active active = health == null ? null : health.active();
    if (active == null) {
      // The pool has just changed, and so this check is about to end.
      return;
    }
    TlsTarget tls = null;
    if (check.pool.config().tls() != null) {
      tls = hold(check.pool);
      if (tls == null) {
        again(check, System.nanoTime(), active.interval());
        return;
      }
    }
    long start = System.nanoTime();
    Probe probe =
        probe(
            check,
            active,
            tls,
            (outcome, why) -> {
              metrics.probe(outcome);
              if (!check.stopped) {
                check.ended(outcome == ProbeOutcome.GOOD, why);
                again(check, start, active.interval());
                schedule();
              }
            });
    check.probe = probe;
    probing.add(check);
    try {
      probe.start(dialer, check.endpoint, active.timeout());
    } catch (ChannelException e) {
      // No socket to be had, which says nothing of the endpoint; the other probes go on.
      stopProbe(check);
      again(check, start, active.interval());
      complain(e);
    }
  }

  private void complain(ChannelException cause) {
    long now = System.nanoTime();
    if (now - nextComplaintNanos >= 0) {
      nextComplaintNanos = now + COMPLAINT_NANOS;
      LOG.warn("no endpoint can be probed: {}", cause.getMessage());
    }
  }

  private Probe probe(Check check, Active active, @Nullable TlsTarget tls, Verdict verdict) {
    ProbeHead head = new ProbeHead(check.endpoint, active.path());
    return switch (active.type()) {
      case TCP -> new ConnectProbe(deadlines, tls, verdict);
      case HTTP -> new HttpProbe(deadlines, tls, verdict, head);
      case WEB_SOCKET -> new WebSocketProbe(deadlines, tls, verdict, head);
    };
  }

  private void again(Check check, long start, Duration interval) {
    double factor = 1 - JITTER + 2 * JITTER * ThreadLocalRandom.current().nextDouble();
    check.dueNanos = start + (long) (interval.toNanos() * factor);
    waiting.add(check);
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
