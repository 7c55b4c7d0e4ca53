package dev.longshore.operator.translate.verdict;

import org.jspecify.annotations.Nullable;

/**
 * Shows values of manifests in messages: quoted, on one line, and never long; in the letters of
 * whoever wrote them, which the contract's errors don't do.
 */
public final class Quote {
  private static final int LONGEST = 80;

  private Quote() {}

  /** The value in single quotes; control characters as {@code \\uXXXX}; long ones cut. */
  public static String of(@Nullable String value) {
    if (value == null) {
      return "nothing";
    }
    String shown = value.length() > LONGEST ? value.substring(0, LONGEST) : value;
    return "'" + printable(shown) + "'" + (shown.length() < value.length() ? "…" : "");
  }

  /** The text with control characters and lone surrogates escaped. */
  public static String printable(String text) {
    if (text.chars().allMatch(Quote::isPrintable)) {
      return text;
    }
    StringBuilder shown = new StringBuilder(text.length() + 16);
    text.chars()
        .forEach(
            c -> {
              if (isPrintable(c)) {
                shown.append((char) c);
              } else {
                shown.append(String.format("\\u%04x", c));
              }
            });
    return shown.toString();
  }

  private static boolean isPrintable(int c) {
    return !Character.isISOControl(c)
        && !Character.isSurrogate((char) c)
        && c != '\u2028'
        && c != '\u2029';
  }
}
