package dev.longshore.operator.translate.host;

import dev.longshore.operator.translate.verdict.Problem;

/** What became of a rule that somebody claims. */
public sealed interface Fate {
  /** It is in the table and goes somewhere. */
  record Served() implements Fate {}

  /** It is in the table and answers 503. */
  record Refused(Problem problem) implements Fate {}

  /** Somebody else has its place. */
  record Lost(Problem problem) implements Fate {}

  /** It was for what is left, and nothing is. */
  record Superseded() implements Fate {}
}
