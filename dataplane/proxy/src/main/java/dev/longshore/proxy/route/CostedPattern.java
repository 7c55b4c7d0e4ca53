package dev.longshore.proxy.route;

import com.google.re2j.Pattern;
import dev.longshore.contract.BoundedPattern;

/**
 * A pattern and what a character costs it at most. It is only ever asked from the beginning of a
 * text; and says so itself, for else RE2 reads on where it can't match any more.
 *
 * @param instructions of its program
 */
record CostedPattern(Pattern pattern, int instructions) {
  /**
   * Compiles a pattern.
   *
   * @throws IllegalArgumentException if it is not a pattern, or too large a one
   */
  static CostedPattern compile(String text) {
    Pattern alone = BoundedPattern.compile(text);
    // An open \Q would quote the parenthesis too.
    Pattern pattern = text.contains("\\Q") ? alone : Pattern.compile("\\A(?:" + text + ")");
    return new CostedPattern(pattern, pattern.programSize());
  }
}
