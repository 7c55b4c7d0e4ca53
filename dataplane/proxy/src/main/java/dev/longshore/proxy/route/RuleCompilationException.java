package dev.longshore.proxy.route;

import dev.longshore.contract.RuleKey;

/** A rule could not be compiled, which a valid snapshot rules out. Its message says why. */
public final class RuleCompilationException extends RuntimeException {
  private final transient RuleKey rule;

  RuleCompilationException(RuleKey rule, IllegalArgumentException cause) {
    super(cause.getMessage(), cause);
    this.rule = rule;
  }

  /** Which rule. */
  public RuleKey rule() {
    return rule;
  }
}
