package dev.longshore.proxy.health;

import dev.longshore.proxy.upstream.EndpointState;
import dev.longshore.proxy.upstream.Pool;

/**
 * A pool that wants to know how an endpoint of its own is, and how the last probes ended since it
 * does. Used on one event loop, but for the final fields.
 */
final class Watcher {
  final Pool pool;
  final EndpointState endpoint;
  private boolean lastGood;
  private int inARow;

  /** One that has heard nothing yet. */
  Watcher(Pool pool, EndpointState endpoint) {
    this.pool = pool;
    this.endpoint = endpoint;
  }

  /** Takes a result, which may change the endpoint's health. */
  void ended(boolean good, String why) {
    inARow = good == lastGood ? inARow + 1 : 1;
    lastGood = good;
    pool.probed(endpoint, good, inARow, why);
  }
}
