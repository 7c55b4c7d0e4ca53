package dev.longshore.process.admin;

/** A query parameter that can't be read; its message names it and says what is possible. */
public final class BadQueryException extends Exception {
  private static final long serialVersionUID = 1;

  /**
   * Names the parameter.
   *
   * @param expected such as {@code a number from 1 to 1000}
   */
  public BadQueryException(String parameter, String expected) {
    super("query parameter \"" + parameter + "\" must be " + expected);
  }
}
