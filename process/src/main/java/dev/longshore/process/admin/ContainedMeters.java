package dev.longshore.process.admin;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Meters of which one that can't be read costs itself alone, and not the page with all the others.
 * A gauge of Micrometer's becomes NaN then; a counter stays where it was, for Prometheus has no
 * other word for it. Said in the log once for each.
 */
public final class ContainedMeters extends PrometheusMeterRegistry {
  private static final Logger LOG = LoggerFactory.getLogger(ContainedMeters.class);

  /** Without meters. */
  public ContainedMeters() {
    super(PrometheusConfig.DEFAULT);
  }

  @Override
  protected <T> FunctionCounter newFunctionCounter(
      Meter.Id id, T source, ToDoubleFunction<T> count) {
    return super.newFunctionCounter(id, source, new Contained<>(id, count));
  }

  /** A count that never throws, falls or is none. */
  private static final class Contained<T> implements ToDoubleFunction<T> {
    private final Meter.Id id;
    private final ToDoubleFunction<T> count;
    private final AtomicBoolean told = new AtomicBoolean();
    private volatile double last;

    Contained(Meter.Id id, ToDoubleFunction<T> count) {
      this.id = id;
      this.count = count;
    }

    @Override
    public double applyAsDouble(T source) {
      try {
        double now = count.applyAsDouble(source);
        if (now >= 0) {
          last = now;
        }
      } catch (RuntimeException | Error e) {
        if (told.compareAndSet(false, true)) {
          LOG.error("the meter {} can't be read, and stays where it was", id.getName(), e);
        }
      }
      return last;
    }
  }
}
