package dev.longshore.contract.push;

/**
 * How many data planes share what is limited over all of them. Comes on the active channel behind
 * the hello and whenever it changes, is not answered, and is sent only to those that say {@link
 * Features#FLEET}. What was said last holds, also without an operator; before that, 1.
 *
 * @param dataPlanes 1 to 100,000
 */
public record Fleet(int dataPlanes) implements FromOperator {
  /** More than any operator serves. */
  public static final int MAX = 100_000;

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException if it is out of them
   */
  public Fleet {
    if (dataPlanes < 1 || dataPlanes > MAX) {
      throw new IllegalArgumentException("dataPlanes must be 1 to 100,000");
    }
  }
}
