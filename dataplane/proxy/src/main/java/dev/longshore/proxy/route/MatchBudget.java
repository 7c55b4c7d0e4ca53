package dev.longshore.proxy.route;

import dev.longshore.contract.HardLimits;

/**
 * What finding the rule of one request may still cost, whatever rules there are and however long
 * the request is. Counted in steps of a pattern's automaton: its instructions for each character
 * that it reads. That is the worst it can do, some 20 ns each; most patterns end at the first
 * character that can't be theirs. Not for several threads.
 *
 * <p>At the end of it nothing is matched by what is left: rules that come later are less specific,
 * and may admit whom an earlier one would have refused. Instead there is no answer, by {@link
 * TooCostlyException}.
 */
public final class MatchBudget {
  /** A look-up of a condition's values: more than that of a header among a hundred. */
  private static final int CONDITION = 16;

  /** A value that is compared. */
  private static final int VALUE = 4;

  private static final int READY = 16;

  private final Subject subject = new Subject();
  private int left;

  /** The budget of one request. */
  public MatchBudget() {
    this(HardLimits.MATCH_STEPS);
  }

  MatchBudget(int steps) {
    left = steps;
  }

  /** No answer could be found within the budget of a request. */
  public static final class TooCostlyException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** One for all: it is for whoever asked, at once, and says all with its name. */
    private static final TooCostlyException INSTANCE = new TooCostlyException();

    private TooCostlyException() {
      super("no rule was found within the budget of a request", null, false, false);
    }
  }

  /** Whether a pattern matches the beginning of a text. */
  boolean begins(CostedPattern pattern, String text) {
    subject.set(text, pattern.instructions());
    return pattern.pattern().matcher(subject).lookingAt();
  }

  /** Whether a pattern matches all of a text. */
  boolean matches(CostedPattern pattern, String text) {
    subject.set(text, pattern.instructions());
    return pattern.pattern().matcher(subject).matches();
  }

  /** Pays for the look-up of a condition, which gave so many values. */
  void condition(int values) {
    spend(CONDITION + VALUE * values);
  }

  private void spend(int steps) {
    left -= steps;
    if (left < 0) {
      throw TooCostlyException.INSTANCE;
    }
  }

  /** A text that is paid for by who reads it. Only patterns do, from begin to end. */
  private final class Subject implements CharSequence {
    private String text = "";
    private int instructions;
    private int next;

    void set(String subject, int each) {
      text = subject;
      instructions = each;
      next = 0;
      spend(READY + each);
    }

    @Override
    public char charAt(int index) {
      if (index >= next) {
        // At most 2,000 instructions and 1 MB of a request line: no overflow, for one is a budget.
        spend(instructions);
        next = index + 1;
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.subSequence(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
