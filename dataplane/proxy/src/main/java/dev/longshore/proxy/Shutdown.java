package dev.longshore.proxy;

import dev.longshore.contract.Settings.ProcessDrain;
import dev.longshore.proxy.http.LoopContext;
import dev.longshore.proxy.listen.Listeners;
import dev.longshore.proxy.tunnel.TunnelDrain;
import dev.longshore.proxy.tunnel.Tunnels;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The polite end of the process: readiness has failed by the time this runs; then a delay in which
 * balancers notice, while everything is still served; then the listeners close, requests finish and
 * tunnels are closed over the window.
 */
final class Shutdown {
  private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final Listeners listeners;
  private final List<Map.Entry<EventLoop, LoopContext>> contexts;
  private final Tunnels tunnels;
  private final ProcessDrain drain;
  private final CountDownLatch hurried = new CountDownLatch(1);
  private volatile @Nullable TunnelDrain draining;

  Shutdown(
      Listeners listeners,
      List<Map.Entry<EventLoop, LoopContext>> contexts,
      Tunnels tunnels,
      ProcessDrain drain) {
    this.listeners = listeners;
    this.contexts = contexts;
    this.tunnels = tunnels;
    this.drain = drain;
  }

  /** Skips what is left of delay and window. Any thread. */
  void hurry() {
    hurried.countDown();
    TunnelDrain current = draining;
    if (current != null) {
      current.hurry();
    }
  }

  /**
   * Begins, on a thread of its own.
   *
   * @param after runs on that thread when nothing is open any more, or when waiting has no point
   */
  void start(Runnable after) {
    Thread.ofPlatform()
        .name("longshore-shutdown")
        .start(
            () -> {
              run();
              after.run();
            });
  }

  private void run() {
    if (!drain.delay().isZero()) {
      LOG.info(
          "shutdown: not ready any more; no new connections in {} s",
          drain.delay().toMillis() / 1000.0);
    }
    boolean hurry = await(drain.delay());
    listeners.close();
    contexts.forEach(each -> each.getKey().execute(each.getValue()::drain));
    long start = System.nanoTime();
    Duration window = hurry ? Duration.ZERO : drain.window();
    TunnelDrain closing = TunnelDrain.start(tunnels, window, drain.deadline());
    draining = closing;
    if (hurried.getCount() == 0) {
      closing.hurry();
    }
    closing.done().join();
    finishRequests(start + window.toNanos() + drain.deadline().toNanos());
    LOG.info("shutdown: done");
  }

  private boolean await(Duration time) {
    try {
      return hurried.await(time.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** Requests have the window and the deadline; hurried, the deadline alone. */
  private void finishRequests(long endNanos) {
    long end = endNanos;
    boolean hurry = false;
    while (contexts.stream().anyMatch(each -> each.getValue().open() > 0)
        && System.nanoTime() - end < 0) {
      if (!hurry && hurried.getCount() == 0) {
        hurry = true;
        end = Math.min(end, System.nanoTime() + drain.deadline().toNanos());
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }
}
