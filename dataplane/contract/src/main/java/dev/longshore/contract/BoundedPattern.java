package dev.longshore.contract;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Compiles the patterns of rules, which tenants write. RE2 matches in linear time, but the factor
 * is the size of the program, and nested counts make that size explode while it is compiled: {@code
 * (((a{0,50}){0,50}){0,50}){0,50}} takes all memory. So the size is estimated first.
 */
public final class BoundedPattern {
  /** The longest pattern, in UTF-16 units. */
  public static final int MAX_LENGTH = 1024;

  /** The largest program, in instructions; a path of 8 KiB visits each at most once per byte. */
  public static final int MAX_PROGRAM = 2_000;

  private static final long MAX_ESTIMATE = 4L * MAX_PROGRAM;

  private final String text;
  private int at;

  private BoundedPattern(String text) {
    this.text = text;
  }

  /**
   * Compiles a pattern.
   *
   * @throws IllegalArgumentException if it is no RE2 pattern, or too large; the message says what
   *     would be right, without repeating the pattern as a whole
   */
  public static Pattern compile(String pattern) {
    if (pattern.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "has " + pattern.length() + " characters; a pattern has at most " + MAX_LENGTH);
    }
    if (new BoundedPattern(pattern).estimate() > MAX_ESTIMATE) {
      throw tooLarge();
    }
    Pattern compiled;
    try {
      compiled = Pattern.compile(pattern);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "is not an RE2 pattern: " + e.getDescription() + " " + Quoted.of(e.getPattern()));
    }
    if (compiled.programSize() > MAX_PROGRAM) {
      throw tooLarge();
    }
    return compiled;
  }

  /**
   * About how many instructions the patterns of a rule have, in its path and its conditions; an
   * upper bound that is known without compiling them, and the same everywhere. 0: it has none.
   */
  public static int instructionsOf(RuleKey rule) {
    long sum = rule.pathType() == PathType.REGEX ? estimateOf(rule.path()) : 0;
    for (ValueMatch match : rule.matches().headers()) {
      sum += match.type() == ValueMatch.Type.REGEX ? estimateOf(match.value()) : 0;
    }
    for (ValueMatch match : rule.matches().query()) {
      sum += match.type() == ValueMatch.Type.REGEX ? estimateOf(match.value()) : 0;
    }
    return (int) Math.min(sum, Integer.MAX_VALUE);
  }

  /** What is no pattern at all has no instructions: it is never compiled. */
  private static long estimateOf(String pattern) {
    return pattern.length() > MAX_LENGTH
        ? 0
        : Math.min(new BoundedPattern(pattern).estimate(), MAX_PROGRAM);
  }

  private static IllegalArgumentException tooLarge() {
    return new IllegalArgumentException(
        "is too large a pattern: lower its counts such as {1,1000}, or nest them less; "
            + MAX_PROGRAM
            + " instructions are possible");
  }

  /**
   * An upper bound of the instructions, up to a small factor; it may be of a text that is no
   * pattern, which the compiler then refuses.
   */
  private long estimate() {
    Deque<Long> outer = new ArrayDeque<>();
    long sum = 0; // of the group before the last atom
    long last = 0; // the last atom, which a count would multiply
    while (at < text.length()) {
      char c = text.charAt(at);
      switch (c) {
        case '(' -> {
          outer.push(sum + last);
          sum = 2;
          last = 0;
          at++;
        }
        case ')' -> {
          last = sum + last;
          sum = outer.isEmpty() ? 0 : outer.pop();
          at++;
        }
        case '{' -> {
          int count = count();
          sum = count < 0 ? sum + last : sum;
          last = count < 0 ? 1 : Math.multiplyExact(Math.max(last, 1) + 1, (long) count);
        }
        case '*', '+', '?' -> {
          last++;
          at++;
        }
        default -> {
          sum += last;
          last = atom(c);
        }
      }
      if (sum + last > MAX_ESTIMATE) {
        return sum + last;
      }
    }
    while (!outer.isEmpty()) {
      sum += outer.pop();
    }
    return sum + last;
  }

  /** Passes over {@code {n}}, {@code {n,}} or {@code {n,m}}; -1 and one step for a plain brace. */
  private int count() {
    int close = text.indexOf('}', at);
    if (close > 0) {
      String[] bounds = text.substring(at + 1, close).split(",", -1);
      if (bounds.length <= 2 && isNumber(bounds[0])) {
        String upper = bounds[bounds.length - 1];
        if (upper.isEmpty() || isNumber(upper)) {
          at = close + 1;
          return Math.max(
              1,
              Math.max(Integer.parseInt(bounds[0]), upper.isEmpty() ? 1 : Integer.parseInt(upper)));
        }
      }
    }
    at++;
    return -1;
  }

  /** More digits than four are no count (RE2 allows 1,000), so the compiler refuses them. */
  private static boolean isNumber(String digits) {
    return !digits.isEmpty()
        && digits.length() <= 4
        && digits.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private long atom(char first) {
    int start = at;
    switch (first) {
      case '[' -> bracket();
      case '\\' -> escape();
      default -> at++;
    }
    return Math.max(1, at - start);
  }

  /** Passes over an escape; of {@code \Q…\E} over all of it. */
  private void escape() {
    char kind = at + 1 < text.length() ? text.charAt(at + 1) : 0;
    at = Math.min(at + 2, text.length());
    if (kind == 'Q') {
      int end = text.indexOf("\\E", at);
      at = end < 0 ? text.length() : end + 2;
    } else if ((kind == 'p' || kind == 'P' || kind == 'x') && text.startsWith("{", at)) {
      int end = text.indexOf('}', at);
      at = end < 0 ? text.length() : end + 1;
    }
  }

  /** Passes over a character class as RE2 reads it. */
  private void bracket() {
    at++;
    if (text.startsWith("^", at)) {
      at++;
    }
    boolean first = true;
    while (at < text.length() && (first || text.charAt(at) != ']')) {
      first = false;
      int posix = text.startsWith("[:", at) ? text.indexOf(":]", at + 2) : -1;
      if (posix >= 0) {
        at = posix + 2;
      } else if (text.charAt(at) == '\\') {
        escape();
      } else {
        at++;
      }
    }
    at = Math.min(at + 1, text.length());
  }
}
