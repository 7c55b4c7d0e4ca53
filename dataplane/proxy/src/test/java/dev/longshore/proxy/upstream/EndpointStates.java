package dev.longshore.proxy.upstream;

import dev.longshore.contract.Endpoint;
import io.netty.util.concurrent.Ticker;

/** Endpoints of no pool, for who needs nothing else of one. */
public final class EndpointStates {
  private EndpointStates() {}

  /** An endpoint that has been known for ever. */
  public static EndpointState of(Endpoint endpoint) {
    return new EndpointState(endpoint, 0, Ticker.systemTicker());
  }
}
