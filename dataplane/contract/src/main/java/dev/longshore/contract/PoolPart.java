package dev.longshore.contract;

import java.util.Set;

/**
 * One concern of a pool that may be absent. As with a {@link
 * dev.longshore.contract.policy.PolicyPart policy's}, what is published stays as it is, and what is
 * to be said beside it becomes a part of its own, which a data plane that lacks it is known by.
 */
public sealed interface PoolPart
    permits UpstreamTls,
        UpstreamPool.HashOn,
        UpstreamPool.Affinity,
        UpstreamPool.HealthCheck,
        UpstreamPool.EndpointLimit,
        UpstreamPool.Rebalance,
        UpstreamPool.Protocol {

  /** Reports what a data plane could not do, or would have to guess, with the rest of its pool. */
  void check(UpstreamPool pool, Field at);

  /** What a data plane has to know for it, by the names of its hello. */
  default Set<String> features() {
    return Set.of(PoolPartType.of(this).feature());
  }
}
