package dev.longshore.cli;

/** Something that keeps a command from starting; the message is for the user, and complete. */
final class StartException extends Exception {
  private static final long serialVersionUID = 1;

  StartException(String message) {
    super(message);
  }
}
