package dev.longshore.operator.push;

/** Text that a peer sent, as it may stand in a log: bounded, and without what forges lines. */
final class Printable {
  private static final int MAX = 512;

  private Printable() {}

  static String of(String text) {
    StringBuilder shown = new StringBuilder();
    text.chars()
        .limit(MAX)
        .forEach(
            c -> {
              if (c < ' ' || c > '~') {
                shown.append(String.format("\\u%04x", c));
              } else {
                shown.append((char) c);
              }
            });
    return text.length() > MAX ? shown.append("...").toString() : shown.toString();
  }
}
