package dev.longshore.operator.source.manifest;

/** Reads the text of a document, JSON or YAML, whatever its file is called. */
final class TreeReader {
  private TreeReader() {}

  /**
   * Reads a document. One that begins with a brace is JSON, whatever its file is called, unless
   * only YAML's flow style explains it: JSON has tabs where YAML allows none.
   *
   * @throws SyntaxException if it is neither
   */
  static Parsed read(String text) throws SyntaxException {
    if (!looksLikeJson(text)) {
      return YamlReader.read(text);
    }
    try {
      return JsonReader.read(text);
    } catch (SyntaxException json) {
      try {
        return YamlReader.read(text);
      } catch (SyntaxException yaml) {
        throw json;
      }
    }
  }

  static boolean looksLikeJson(String text) {
    int at = 0;
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return text.startsWith("{", at) || text.startsWith("[", at);
  }
}
