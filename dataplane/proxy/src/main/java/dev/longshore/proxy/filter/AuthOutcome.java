package dev.longshore.proxy.filter;

import dev.longshore.contract.policy.Header;
import dev.longshore.proxy.answer.LocalAnswer;
import java.util.List;

/** What a service says of a request that it was asked about. */
public sealed interface AuthOutcome {
  /**
   * It may pass.
   *
   * @param copied fields that the upstream gets
   */
  record Allowed(List<Header> copied) implements AuthOutcome {
    public Allowed {
      copied = List.copyOf(copied);
    }
  }

  /** It may not; what the client is told. */
  record Denied(LocalAnswer answer) implements AuthOutcome {}

  /** It doesn't say: it can't be reached, or answers something else. */
  record Unknown(String why) implements AuthOutcome {}
}
