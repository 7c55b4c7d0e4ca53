package dev.longshore.contract.push;

/**
 * The data plane wants the whole newest snapshot: a delta did not fit, or it waited long enough
 * after {@link Stale}. Also ends the message that is under way.
 *
 * @param why for logs; at most 4,096 characters
 */
public record Resync(String why) implements FromDataPlane {
  /**
   * Checks the length.
   *
   * @throws IllegalArgumentException if it is beyond what is said above
   */
  public Resync {
    Bounds.length("why", why, Bounds.PROBLEM);
  }
}
