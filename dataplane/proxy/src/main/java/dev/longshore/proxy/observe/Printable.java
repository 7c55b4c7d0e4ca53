package dev.longshore.proxy.observe;

/**
 * Text from anywhere, as a terminal may get it. A path or a file name that holds a line break could
 * pass for a line of its own, one that holds an escape sequence could move the cursor or worse, and
 * one with marks of writing direction shows other words than it has (CVE-2021-42574).
 */
public final class Printable {
  private Printable() {}

  /** Appends the text, and in place of each character that isn't shown its code, as in Java. */
  public static void append(StringBuilder to, String text) {
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      if (isShown(c)) {
        to.appendCodePoint(c);
      } else {
        for (char unit : Character.toChars(c)) {
          to.append("\\u%04x".formatted((int) unit));
        }
      }
      i += Character.charCount(c);
    }
  }

  private static boolean isShown(int c) {
    if (c >= ' ' && c <= '~') {
      return true;
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.PRIVATE_USE,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
