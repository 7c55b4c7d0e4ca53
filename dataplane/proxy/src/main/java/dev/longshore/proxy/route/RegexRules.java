package dev.longshore.proxy.route;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The pattern rules of one host in the order in which they are tried: longer patterns first, then
 * older resources. Immutable; a successor costs a copy of the list, but compiles only its own
 * pattern.
 */
final class RegexRules {
  /** Begins patterns that have no regard to case. */
  private static final String FOLDED = "(?i)";

  static final RegexRules EMPTY = new RegexRules(List.of());

  private static final Comparator<Candidate> ORDER =
      Comparator.<Candidate>comparingInt(candidate -> -candidate.text.length())
          .thenComparing(candidate -> candidate.rules.eldest(), RuleGroup.SENIORITY);

  private final List<Candidate> candidates;

  /**
   * One pattern.
   *
   * @param text as the rule has it
   * @param literal what every matching path begins with, which is cheaper to compare
   */
  private record Candidate(String text, String literal, CostedPattern pattern, RuleGroup rules) {
    /** Without regard to case for all: that lets no match out, and the pattern decides. */
    boolean mayBegin(String path) {
      return path.regionMatches(true, 0, literal, 0, literal.length());
    }
  }

  private RegexRules(List<Candidate> candidates) {
    this.candidates = candidates;
  }

  boolean isEmpty() {
    return candidates.isEmpty();
  }

  /**
   * The first rule that admits the request, or null.
   *
   * @throws MatchBudget.TooCostlyException at the end of the request's budget
   */
  @Nullable CompiledRule match(String path, RequestView request) {
    for (int i = 0; i < candidates.size(); i++) {
      Candidate candidate = candidates.get(i);
      if (candidate.mayBegin(path) && request.budget().begins(candidate.pattern, path)) {
        CompiledRule rule = candidate.rules.first(request);
        if (rule != null) {
          return rule;
        }
      }
    }
    return null;
  }

  /**
   * The rules with those of one pattern changed.
   *
   * @param change gets the rules that are there, or null; gives those that shall be, or null
   * @throws IllegalArgumentException if it is not a pattern, or too large a one
   */
  RegexRules with(String text, UnaryOperator<@Nullable RuleGroup> change) {
    List<Candidate> next = new ArrayList<>(candidates.size() + 1);
    Candidate present = null;
    for (Candidate candidate : candidates) {
      if (candidate.text.equals(text)) {
        present = candidate;
      } else {
        next.add(candidate);
      }
    }
    RuleGroup rules = change.apply(present == null ? null : present.rules);
    if (rules != null) {
      Candidate changed =
          present == null
              ? new Candidate(text, literalPrefix(text), CostedPattern.compile(text), rules)
              : new Candidate(text, present.literal, present.pattern, rules);
      int at = 0;
      while (at < next.size() && ORDER.compare(next.get(at), changed) < 0) {
        at++;
      }
      next.add(at, changed);
    }
    return new RegexRules(List.copyOf(next));
  }

  void forEach(Consumer<? super RuleGroup> action) {
    candidates.forEach(candidate -> action.accept(candidate.rules));
  }

  /** The literal characters that a pattern begins with; empty where that is not plain to see. */
  static String literalPrefix(String pattern) {
    if (pattern.indexOf('|') >= 0) {
      return "";
    }
    int start = pattern.startsWith(FOLDED) ? FOLDED.length() : 0;
    start += pattern.startsWith("^", start) ? 1 : 0;
    int end = start;
    while (end < pattern.length() && "\\.[]{}()*+?^$".indexOf(pattern.charAt(end)) < 0) {
      end++;
    }
    // A quantifier makes the character before it optional.
    boolean optional = end < pattern.length() && "*?{".indexOf(pattern.charAt(end)) >= 0;
    return pattern.substring(start, optional ? Math.max(start, end - 1) : end);
  }
}
