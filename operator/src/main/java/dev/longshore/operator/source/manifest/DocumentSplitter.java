package dev.longshore.operator.source.manifest;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a file into its documents: JSON at the end of each value, YAML at its document markers, so
 * that a document that can't be read leaves the others alone, and one that did not change need not
 * be read again. A line that begins with {@code ---} is a marker wherever it stands (YAML 1.1
 * section 9.1), also inside a block scalar.
 */
public final class DocumentSplitter {
  private DocumentSplitter() {}

  /**
   * A document as it stands in its file.
   *
   * @param text without its marker, unless something follows the marker on the same line
   * @param linesBefore lines of the file before the text
   */
  public record Piece(String text, int linesBefore) {}

  /** The documents of a file, in order; blank ones are left out. */
  public static List<Piece> split(String file) {
    return TreeReader.looksLikeJson(file) ? values(file) : documents(file);
  }

  /**
   * Whether a file is JSON, as it seems: then it is whole when it reads, and needs no last line
   * end.
   */
  public static boolean looksLikeJson(String file) {
    return TreeReader.looksLikeJson(file);
  }

  private static List<Piece> values(String file) {
    List<Piece> pieces = new ArrayList<>();
    int begin = 0;
    int line = 0;
    List<Integer> ends = JsonReader.ends(file);
    if (ends.isEmpty()) {
      return documents(file);
    }
    for (int end : ends) {
      add(pieces, file.substring(begin, end), line);
      line += (int) file.substring(begin, end).chars().filter(c -> c == '\n').count();
      begin = end;
    }
    // Documents of YAML may follow.
    for (Piece rest : documents(file.substring(begin))) {
      add(pieces, rest.text(), line + rest.linesBefore());
    }
    return pieces;
  }

  private static List<Piece> documents(String file) {
    List<Piece> pieces = new ArrayList<>();
    int begin = 0;
    int beginLine = 0;
    int line = 0;
    int at = 0;
    boolean empty = true;
    while (at < file.length()) {
      int end = file.indexOf('\n', at);
      int next = end < 0 ? file.length() : end + 1;
      if (isMarker(file, at, "---")) {
        add(pieces, file.substring(begin, at), beginLine);
        boolean bare = file.substring(at + 3, next).isBlank();
        begin = bare ? next : at;
        beginLine = bare ? line + 1 : line;
        empty = bare;
      } else if (empty && isMarker(file, at, "...")) {
        // The end of a document that has nothing in it; the parser takes no end before a beginning.
        begin = next;
        beginLine = line + 1;
      } else {
        empty = empty && isBlankOrComment(file.substring(at, next));
      }
      at = next;
      line++;
    }
    add(pieces, file.substring(begin), beginLine);
    return pieces;
  }

  private static boolean isBlankOrComment(String line) {
    return line.isBlank() || line.stripLeading().startsWith("#");
  }

  private static boolean isMarker(String file, int at, String marker) {
    return file.startsWith(marker, at)
        && (at + 3 == file.length() || Character.isWhitespace(file.charAt(at + 3)));
  }

  private static void add(List<Piece> pieces, String text, int linesBefore) {
    if (!text.isBlank()) {
      pieces.add(new Piece(text, linesBefore));
    }
  }
}
