package dev.longshore.cli.runtime;

/** What commands end with; 0 is success. */
public final class ExitCode {
  /** A command that judges manifests found errors in them. */
  public static final int ERRORS = 1;

  /** Wrong usage. */
  public static final int USAGE = 2;

  /** Could not start, or failed. */
  public static final int FAILED = 3;

  private ExitCode() {}
}
