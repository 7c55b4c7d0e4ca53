package dev.longshore.proxy.tunnel;

import dev.longshore.contract.policy.Closing;
import dev.longshore.contract.policy.Draining;
import dev.longshore.contract.policy.Draining.OnChange;
import dev.longshore.contract.policy.Limits;
import dev.longshore.contract.policy.Ping;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.policy.Timeouts;
import java.time.Duration;

/**
 * What a tunnel is given of the policy that admitted it: all that is enforced of it while it is
 * open, and nothing else. Made once per policy and shared by its tunnels. Times that the wheel
 * keeps are in ticks; 0 means that there is no such bound.
 *
 * @param idle ticks without a byte in either direction
 * @param lifetime ticks that it may live, ±10 %
 * @param stall ticks in which an end takes no byte while some are waiting
 * @param pingInterval ticks without a byte of a side until it is pinged
 * @param pingTimeout ticks from that Ping until a side that still says nothing counts as gone
 * @param pingsClient whether the client gets Pings
 * @param pingsUpstream whether the upstream gets Pings
 * @param messageBytes largest message on the wire; 0: any
 * @param messagesPerSecond of the client; 0: any number
 * @param messagesBurst how many of them may come at once
 * @param closeDeadline from a Close of ours until the connections are closed anyway
 * @param closeCode what the client is sent where the cause has no code of its own
 * @param drainWindow over which the closing of many is spread
 * @param closedOnRemoval whether it ends when its rule goes and no other serves its host and path
 * @param closedOnPolicyChange whether it ends when its rule's policy would not admit it any more
 */
public record TunnelTerms(
    int idle,
    int lifetime,
    int stall,
    int pingInterval,
    int pingTimeout,
    boolean pingsClient,
    boolean pingsUpstream,
    long messageBytes,
    int messagesPerSecond,
    int messagesBurst,
    Duration closeDeadline,
    int closeCode,
    Duration drainWindow,
    boolean closedOnRemoval,
    boolean closedOnPolicyChange) {

  /** The terms of a policy's tunnels. */
  public static TunnelTerms of(Policy policy) {
    Timeouts timeouts = policy.get(Timeouts.class);
    Ping ping = policy.get(Ping.class);
    Limits limits = policy.get(Limits.class);
    Closing closing = policy.get(Closing.class);
    Draining draining = policy.get(Draining.class);
    return new TunnelTerms(
        ticks(timeouts.idle()),
        ticks(timeouts.maxLifetime()),
        ticks(timeouts.writeStall()),
        ticks(ping.interval()),
        ticks(ping.timeout()),
        ping.towardsClient(),
        ping.towardsUpstream(),
        limits.messageBytes(),
        limits.messagesPerSecond(),
        limits.messagesBurst(),
        closing.deadline(),
        closing.closeCode(),
        draining.window(),
        draining.onRemoval() == OnChange.CLOSE,
        draining.onPolicyChange() == OnChange.CLOSE);
  }

  private static int ticks(Duration bound) {
    return bound.isPositive() ? TickClock.ticks(bound) : 0;
  }
}
