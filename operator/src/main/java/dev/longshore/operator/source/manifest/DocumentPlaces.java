package dev.longshore.operator.source.manifest;

import org.jspecify.annotations.Nullable;

/**
 * Finds fields in the text of documents, which are read again for it. Remembers the last document:
 * it is the one that is asked for next. Not thread-safe.
 */
public final class DocumentPlaces {
  private @Nullable String last;
  private @Nullable Tree tree;
  private int read;

  /**
   * Where a field stands, or the nearest around it that is there; null when the document holds
   * nothing that can be read.
   *
   * @param text of the document; the same object for the same document
   * @param path of the field, such as {@code spec.locations[0].path}
   */
  public @Nullable Position find(String text, String path) {
    if (text != last) {
      tree = tree(text);
      last = text;
      read++;
    }
    return tree == null ? null : FieldPaths.find(tree, path);
  }

  private static @Nullable Tree tree(String text) {
    try {
      return TreeReader.read(text).tree();
    } catch (SyntaxException e) {
      return null;
    }
  }

  /** How many documents were read. */
  public int read() {
    return read;
  }
}
