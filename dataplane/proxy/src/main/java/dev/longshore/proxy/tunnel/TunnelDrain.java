package dev.longshore.proxy.tunnel;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes every tunnel because the process goes away: each with 1001 at a message boundary, spread
 * evenly over a window so that the clients don't reconnect as one herd. Tunnels that open in the
 * meantime are closed within what is left of the window.
 */
public final class TunnelDrain {
  private static final Logger LOG = LoggerFactory.getLogger(TunnelDrain.class);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long REPORT_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Tunnels tunnels;
  private final Duration deadline;
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  private TunnelDrain(Tunnels tunnels, Duration deadline) {
    this.tunnels = tunnels;
    this.deadline = deadline;
  }

  /**
   * Begins a drain. May be called from any thread, once per {@code tunnels}.
   *
   * @param window over which the Close frames are spread; zero: all at once
   * @param deadline from a tunnel's Close until its connections are closed anyway
   */
  public static TunnelDrain start(Tunnels tunnels, Duration window, Duration deadline) {
    TunnelDrain drain = new TunnelDrain(tunnels, deadline);
    tunnels.expire(window, deadline);
    Thread.ofPlatform().daemon().name("longshore-drain").start(drain::watch);
    return drain;
  }

  /** Forgets what is left of the window: every tunnel gets its Close now. Any thread. */
  public void hurry() {
    tunnels.expire(Duration.ZERO, deadline);
  }

  /** Completes when no tunnel is open any more. */
  public CompletableFuture<Void> done() {
    return done.copy();
  }

  private void watch() {
    int all = tunnels.open();
    long reported = System.nanoTime();
    if (all > 0) {
      LOG.info("drain: closing {} tunnels", all);
    }
    while (tunnels.open() > 0) {
      LockSupport.parkNanos(LOOK_NANOS);
      if (System.nanoTime() - reported >= REPORT_NANOS) {
        reported = System.nanoTime();
        LOG.info("drain: {} of {} tunnels still open", tunnels.open(), all);
      }
    }
    if (all > 0) {
      LOG.info("drain: all tunnels are closed");
    }
    done.complete(null);
  }
}
