package dev.longshore.proxy.subscribe;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.IntUnaryOperator;

/**
 * How many data planes share what is limited over all of them, as a function from such a total to
 * this one's part. 1 until something else is known, as in a data plane that follows no operator.
 * Thread-safe.
 */
public final class FleetSize implements IntUnaryOperator, MeterBinder {
  private volatile int dataPlanes = 1;

  /** How many there are, this one included; at least 1. */
  public int dataPlanes() {
    return dataPlanes;
  }

  /** There are as many from now on; at least 1. */
  void set(int dataPlanes) {
    this.dataPlanes = dataPlanes;
  }

  /**
   * This data plane's part of a total.
   *
   * @param total 0 or more
   * @return its even part, rounded up, so at least 1; of 0, which means no limit, 0
   */
  @Override
  public int applyAsInt(int total) {
    return Math.ceilDiv(total, dataPlanes);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("longshore.fleet.data.planes", this, FleetSize::dataPlanes)
        .description("Data planes that share what is limited over all of them")
        .strongReference(true)
        .register(registry);
  }
}
