package dev.longshore.contract;

/**
 * Text of unknown origin as it may stand in an error: short, in quotes, and without characters that
 * would forge a log line. In ASCII alone, for it may be any stranger's; the operator shows values
 * of manifests to those who wrote them, in their own letters.
 */
final class Quoted {
  private static final int MAX = 96;

  private Quoted() {}

  static String of(String text) {
    return "'" + plain(text) + "'";
  }

  static String plain(String text) {
    StringBuilder shown = new StringBuilder();
    int length = Math.min(text.length(), MAX);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~') {
        shown.append(String.format("\\u%04x", (int) c));
      } else {
        shown.append(c);
      }
    }
    return length < text.length() ? shown.append('…').toString() : shown.toString();
  }
}
