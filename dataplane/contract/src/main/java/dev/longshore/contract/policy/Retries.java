package dev.longshore.contract.policy;

import dev.longshore.contract.Field;

/**
 * Tries of other endpoints, before the client got anything.
 *
 * @param attempts after the first, 0 to 10
 */
public record Retries(int attempts) implements PolicyPart {
  /** The default of the API. */
  public static final Retries DEFAULT = new Retries(2);

  private static final int MOST = 10;

  @Override
  public void check(Field at) {
    at.within(attempts, 0, MOST);
  }
}
