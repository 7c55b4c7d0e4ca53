package dev.longshore.proxy.limit;

import dev.longshore.contract.policy.Limits;
import dev.longshore.contract.policy.RequestRate;

/**
 * What one client may have of something that begins and goes on; 0 turns one off.
 *
 * @param open how many may go on at once
 * @param perSecond how many may begin in a second
 * @param burst how many may begin at once; at least 1 where there is a rate
 */
record PerClient(int open, int perSecond, int burst) {
  /** Tunnels, and handshakes from which they come. */
  static PerClient of(Limits limits) {
    return new PerClient(
        limits.connectionsPerClient(),
        limits.handshakesPerSecondPerClient(),
        limits.handshakesBurst());
  }

  /** Plain requests. */
  static PerClient of(RequestRate rate) {
    return new PerClient(0, rate.perSecondPerClient(), rate.burst());
  }

  /** Whether there is anything to be counted. */
  boolean isOn() {
    return open > 0 || perSecond > 0;
  }
}
