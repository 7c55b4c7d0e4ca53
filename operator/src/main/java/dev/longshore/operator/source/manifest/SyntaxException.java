package dev.longshore.operator.source.manifest;

/** A document that can't be read at all, and where in the document that shows. */
final class SyntaxException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient Position at;

  SyntaxException(Position at, String message) {
    super(message);
    this.at = at;
  }

  Position at() {
    return at;
  }
}
