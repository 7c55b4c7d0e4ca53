package dev.longshore.proxy.limit;

/** Whether a handshake is let in. */
public sealed interface LimitVerdict {

  /**
   * It is.
   *
   * @param permit to be released when the handshake fails or its tunnel ends
   */
  record Permitted(Permit permit) implements LimitVerdict {}

  /**
   * It is not, and nothing is held for it.
   *
   * @param limit the one that it would exceed
   * @param retryAfterSeconds when it is worth trying again, at least 1
   */
  record Limited(Limit limit, int retryAfterSeconds) implements LimitVerdict {}
}
