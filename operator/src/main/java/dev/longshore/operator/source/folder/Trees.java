package dev.longshore.operator.source.folder;

import org.jspecify.annotations.Nullable;

/** Reads documents again, and remembers the last: it is the one that is asked for next. */
final class Trees {
  private @Nullable String last;
  private @Nullable Tree tree;
  private int read;

  /** The tree of a document; null when it holds nothing that can be read. */
  @Nullable Tree of(String text) {
    if (text != last) {
      tree = read(text);
      last = text;
      read++;
    }
    return tree;
  }

  private static @Nullable Tree read(String text) {
    try {
      return Parsed.of(text).tree();
    } catch (SyntaxException e) {
      return null;
    }
  }

  /** How many documents were read. */
  int read() {
    return read;
  }
}
