package dev.longshore.proxy.health;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Active;
import dev.longshore.contract.UpstreamPool.HealthCheck;
import dev.longshore.contract.UpstreamTls;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is probed and how: pools whose endpoints have equal ones share the probe. Not over
 * namespaces: each pays for its own, so that nobody's excess delays another's.
 *
 * @param namespace whose budget it is taken from
 * @param address who is asked
 * @param question what, and how often
 */
record ProbeKey(String namespace, InetSocketAddress address, Question question) {

  /** What counts of the budget of a probe in the clear; that of a TLS handshake. */
  int cost() {
    return question.tls == null ? 1 : HardLimits.PROBE_COST_OF_TLS;
  }

  /**
   * What the endpoints of a pool are asked.
   *
   * @param type what is asked
   * @param path for HTTP and WebSocket
   * @param service for gRPC; null: the server itself
   * @param tls what secures it; null: in the clear
   * @param interval between two probes
   * @param timeout of one, not longer than {@code interval}
   */
  record Question(
      UpstreamPool.Probe type,
      String path,
      @Nullable String service,
      @Nullable UpstreamTls tls,
      Duration interval,
      Duration timeout) {

    /**
     * That of a pool; null: its endpoints are not probed. An interval below the shortest, which
     * older operators allow, is the shortest.
     */
    static @Nullable Question of(UpstreamPool pool) {
      HealthCheck health = pool.health();
      Active active = health == null ? null : health.active();
      if (active == null) {
        return null;
      }
      Duration shortest = Duration.ofMillis(HardLimits.PROBE_INTERVAL_MILLIS);
      Duration interval = active.interval();
      return new Question(
          active.type(),
          active.path(),
          active.service(),
          pool.tls(),
          interval.compareTo(shortest) < 0 ? shortest : interval,
          active.timeout());
    }
  }
}
