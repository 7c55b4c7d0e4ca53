package dev.longshore.operator.translate.policy;

import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;

/** A whole number within bounds. */
final class WholeNumber implements Form<Integer, Integer> {
  /** So that what has more digits than an int is not taken for one. */
  private static final int MOST_DIGITS = 9;

  private final int least;
  private final int most;
  private final String words;
  private final String accepts;

  private WholeNumber(int least, int most, String words, String accepts) {
    this.least = least;
    this.most = most;
    this.words = words;
    this.accepts = accepts;
  }

  /** One whose bounds everybody should know. */
  static WholeNumber from(int least, int most) {
    return new WholeNumber(
        least, most, "a number from " + least + " to " + most, "number, " + least + " to " + most);
  }

  /** A limit: 0 is none. */
  static WholeNumber limit(int most) {
    return new WholeNumber(0, most, "a whole number", "whole number; 0: no limit");
  }

  /** What may come at once: as much as in a second when nothing, or 0, is said; none by itself. */
  static int burst(int rate, int burst) {
    if (rate == 0) {
      return 0;
    }
    return burst == 0 ? rate : burst;
  }

  int most() {
    return most;
  }

  int least() {
    return least;
  }

  @Override
  public Integer ofText(String text) {
    if (text.length() <= MOST_DIGITS
        && !text.isEmpty()
        && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Integer.valueOf(text);
    }
    throw new IllegalArgumentException(Quote.of(text) + " is not " + words);
  }

  @Override
  public Integer read(Integer value, String path, Problems problems) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          value + " is out of bounds: from " + least + " to " + most);
    }
    return value;
  }

  @Override
  public String accepts() {
    return accepts;
  }
}
