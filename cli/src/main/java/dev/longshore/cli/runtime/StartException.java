package dev.longshore.cli.runtime;

/** Something that keeps a command from starting; the message is for the user, and complete. */
public final class StartException extends Exception {
  private static final long serialVersionUID = 1;

  public StartException(String message) {
    super(message);
  }
}
