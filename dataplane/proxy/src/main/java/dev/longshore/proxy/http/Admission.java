package dev.longshore.proxy.http;

import dev.longshore.proxy.limit.Limiter;
import dev.longshore.proxy.table.RoutingState;

/** Decides whether a request may pass, and under which rule it then runs to its end. */
final class Admission {
  private final Limiter limiter;

  /** Counts by {@code limiter} what is let in. */
  Admission(Limiter limiter) {
    this.limiter = limiter;
  }

  /** Decides by the routing that holds when the request comes, however long it takes. */
  Decision admit(ClientRequest request, RoutingState state) {
    return new Candidate(request, state, limiter).decide();
  }
}
