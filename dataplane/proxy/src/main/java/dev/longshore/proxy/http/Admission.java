package dev.longshore.proxy.http;

import dev.longshore.contract.RuleSource;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.filter.Verdict;
import dev.longshore.proxy.limit.Limiter;
import dev.longshore.proxy.table.RoutingState;
import org.jspecify.annotations.Nullable;

/** Decides whether a request may pass, and under which rule it then runs to its end. */
final class Admission {
  private final Limiter limiter;

  /** Counts by {@code limiter} what is let in. */
  Admission(Limiter limiter) {
    this.limiter = limiter;
  }

  /** What was decided. */
  sealed interface Decision permits Refused, Undecided, Admitted {}

  /**
   * Not to be passed, and nothing is held for it.
   *
   * @param answer what the client is told
   * @param source the rule that matched
   */
  record Refused(LocalAnswer answer, @Nullable RuleSource source) implements Decision {}

  /**
   * To be decided when the verdict of a filter comes.
   *
   * @param candidate goes on then, or is {@linkplain Candidate#release released}
   * @param later what is waited for
   */
  record Undecided(Candidate candidate, Verdict.Later later) implements Decision {}

  /** Decides by the routing that holds when the request comes, however long it takes. */
  Decision admit(ClientRequest request, RoutingState state) {
    return new Candidate(request, state, limiter).decide();
  }
}
