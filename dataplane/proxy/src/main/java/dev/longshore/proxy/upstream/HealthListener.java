package dev.longshore.proxy.upstream;

/**
 * Hears of changes of health. Called by whatever thread brought the change about, event loops
 * included, one call at a time for each pool: it must be quick and must not ask the pool anything.
 */
public interface HealthListener {
  /** Nobody wants to know. */
  HealthListener NONE = new HealthListener() {};

  /**
   * An endpoint is in another state than before.
   *
   * @param why what made it so, in words of the proxy's own
   */
  default void changed(Pool pool, EndpointState endpoint, EndpointHealth now, String why) {}

  /**
   * A pool began to use all of its ready endpoints for want of healthy ones, or has enough again.
   */
  default void panic(Pool pool, boolean begins) {}
}
