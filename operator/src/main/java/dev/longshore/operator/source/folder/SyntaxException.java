package dev.longshore.operator.source.folder;

/** A document that can't be read at all, and where in the document that shows. */
final class SyntaxException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient Tree.Position at;

  SyntaxException(Tree.Position at, String message) {
    super(message);
    this.at = at;
  }

  Tree.Position at() {
    return at;
  }
}
