package dev.longshore.operator.translate.field;

import dev.longshore.contract.BoundedPattern;
import dev.longshore.operator.translate.verdict.Quote;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the patterns of Regex rules: RE2 syntax, so linear in time, and bounded in size. */
public final class PathPatterns {
  private static final int LONGEST_PREFIX = 256;
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9/._~-]{1,900}");
  private static final String META = "\\.[]{}()*+?^$|";

  private PathPatterns() {}

  /**
   * The pattern.
   *
   * @throws IllegalArgumentException if it isn't one, or is too large; says what would be right
   */
  public static String parse(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("is missing: write a pattern such as /chat/[0-9]+");
    }
    try {
      BoundedPattern.compile(text);
      return text;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(Quote.of(text) + " " + e.getMessage(), e);
    }
  }

  /**
   * The literal characters that everything an invalid pattern may mean begins with: empty when that
   * can't be told.
   */
  public static String literalPrefix(String text) {
    if (hasAlternatives(text)) {
      return "";
    }
    StringBuilder prefix = new StringBuilder();
    int i = text.startsWith("^") ? 1 : 0;
    while (i < text.length() && prefix.length() < LONGEST_PREFIX) {
      char c = text.charAt(i);
      boolean escaped = c == '\\' && i + 1 < text.length() && isEscapable(text.charAt(i + 1));
      if (escaped) {
        i++;
        c = text.charAt(i);
      } else if (META.indexOf(c) >= 0) {
        break;
      }
      prefix.append(c);
      i++;
    }
    // What is optional or repeated doesn't have to be there.
    if (i < text.length() && "*?{".indexOf(text.charAt(i)) >= 0 && !prefix.isEmpty()) {
      prefix.setLength(prefix.length() - 1);
    }
    return prefix.toString();
  }

  /** Whether the whole is one of several, which need not begin alike. */
  private static boolean hasAlternatives(String text) {
    int depth = 0;
    for (int i = 0; i < text.length(); i++) {
      switch (text.charAt(i)) {
        case '\\' -> i++;
        case '(' -> depth++;
        case ')' -> depth--;
        case '|' -> {
          if (depth <= 0) {
            return true;
          }
        }
        default -> {}
      }
    }
    // With a parenthesis too many or too few, there is no saying.
    return depth != 0 && text.indexOf('|') >= 0;
  }

  /**
   * The pattern that matches what a prefix does, so that it has its turn among patterns, by its
   * length; null: it has characters that requests may write in other ways too.
   */
  public static @Nullable String ofPrefix(String path) {
    String elements = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    return elements.isEmpty() || !PLAIN.matcher(elements).matches()
        ? null
        : quote(elements) + "(?:/|$)";
  }

  /** The pattern of a literal. */
  public static String quote(String literal) {
    StringBuilder quoted = new StringBuilder(literal.length() + 8);
    literal.chars().forEach(c -> quoted.append(META.indexOf(c) >= 0 ? "\\" : "").append((char) c));
    return quoted.toString();
  }

  private static boolean isEscapable(char c) {
    return META.indexOf(c) >= 0 || c == '/' || c == '-';
  }
}
