package dev.longshore.proxy.http;

import dev.longshore.proxy.basic.PasswordChecks;
import dev.longshore.proxy.filter.ExternalAuthorizer;
import dev.longshore.proxy.limit.Limiter;
import dev.longshore.proxy.table.RoutingState;

/** Decides whether a request may pass, and under which rule it then runs to its end. */
final class Admission {
  private final Limiter limiter;
  private final ExternalAuthorizer authorizer;
  private final PasswordChecks passwords;

  /**
   * Counts by {@code limiter} what is let in.
   *
   * @param authorizer asks services, where policies want it
   * @param passwords checks those, likewise
   */
  Admission(Limiter limiter, ExternalAuthorizer authorizer, PasswordChecks passwords) {
    this.limiter = limiter;
    this.authorizer = authorizer;
    this.passwords = passwords;
  }

  /** Decides by the routing that holds when the request comes, however long it takes. */
  Decision admit(ClientRequest request, RoutingState state) {
    return new Candidate(request, state, limiter, authorizer, passwords).decide();
  }
}
