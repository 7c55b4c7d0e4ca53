package dev.longshore.proxy.health;

import dev.longshore.proxy.upstream.EndpointHealth;
import dev.longshore.proxy.upstream.EndpointState;
import dev.longshore.proxy.upstream.HealthListener;
import dev.longshore.proxy.upstream.Pool;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts and logs changes of endpoints' health. Thread-safe. */
public final class HealthReports implements HealthListener {
  private static final Logger LOG = LoggerFactory.getLogger(HealthReports.class);

  /** A rack that fails has more endpoints than anybody reads lines. */
  private static final int LINES = 50;

  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final LongAdder ejections = new LongAdder();
  private final Ticker ticker;
  private long windowStart;
  private int lines;

  /**
   * With nothing counted.
   *
   * @param ticker by which lines are rationed
   */
  public HealthReports(Ticker ticker) {
    this.ticker = ticker;
    this.windowStart = ticker.nanoTime();
  }

  /** Endpoints ejected so far. */
  long ejections() {
    return ejections.sum();
  }

  @Override
  public void changed(Pool pool, EndpointState endpoint, EndpointHealth now, String why) {
    if (now == EndpointHealth.EJECTED) {
      ejections.increment();
    }
    if (!mayLog()) {
      return;
    }
    switch (now) {
      case HEALTHY -> LOG.info("endpoint {} of {} is used again: {}", endpoint, pool, why);
      case EJECTED -> LOG.warn("endpoint {} of {} is ejected: {}", endpoint, pool, why);
      case UNHEALTHY -> LOG.warn("endpoint {} of {} is unhealthy: {}", endpoint, pool, why);
    }
  }

  @Override
  public void panic(Pool pool, boolean begins) {
    if (!mayLog()) {
      return;
    }
    if (begins) {
      LOG.warn("{} has so few healthy endpoints that all are used", pool);
    } else {
      LOG.info("{} has enough healthy endpoints again", pool);
    }
  }

  /** So rarely asked that a lock costs nothing. */
  private synchronized boolean mayLog() {
    long now = ticker.nanoTime();
    if (now - windowStart >= WINDOW_NANOS) {
      if (lines > LINES) {
        LOG.warn("{} more changes of health were not logged; /endpoints shows all", lines - LINES);
      }
      windowStart = now;
      lines = 0;
    }
    return ++lines <= LINES;
  }
}
