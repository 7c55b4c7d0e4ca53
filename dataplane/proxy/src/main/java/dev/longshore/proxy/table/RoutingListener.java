package dev.longshore.proxy.table;

import dev.longshore.contract.RoutingSnapshot;

/**
 * Hears of every snapshot that was applied or rejected, on the thread that applies it, so it must
 * be quick. What it throws is logged and stops nothing.
 */
public interface RoutingListener {

  /** The state was swapped in; {@code before} may still decide about running requests. */
  default void applied(RoutingState before, RoutingState now) {}

  /** The snapshot was refused, and the old state stays. */
  default void rejected(RoutingSnapshot snapshot, ApplyResult.Rejected why) {}
}
