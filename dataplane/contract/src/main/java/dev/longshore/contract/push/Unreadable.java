package dev.longshore.contract.push;

/**
 * The data plane can't read what was sent, so it can name neither version nor entry: one of the two
 * is of another version. The operator sends nothing before it has something else.
 *
 * @param problem with the JSON path, without secrets; at most 4,096 characters
 */
public record Unreadable(String problem) implements FromDataPlane {
  /**
   * Checks the length.
   *
   * @throws IllegalArgumentException if it is beyond what is said above
   */
  public Unreadable {
    Bounds.length("problem", problem, Bounds.PROBLEM);
  }

  /** With a problem of any length, cut to what may be sent. */
  public static Unreadable of(String problem) {
    return new Unreadable(Bounds.cut(problem));
  }
}
