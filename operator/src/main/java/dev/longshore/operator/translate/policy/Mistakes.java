package dev.longshore.operator.translate.policy;

/** What a value that isn't right does to the rules, where nothing would be opened without it. */
public enum Mistakes {
  /** They are not served. */
  REFUSE,
  /** They go on without it, and the owner is warned. */
  WARN,
  /** They go on without it; somebody else is told. */
  PASS_OVER
}
