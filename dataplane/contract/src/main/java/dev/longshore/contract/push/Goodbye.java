package dev.longshore.contract.push;

/**
 * Why the operator closes the channel; the last message before its Close.
 *
 * @param reason for the data plane
 * @param message for people; at most 4,096 characters
 */
public record Goodbye(Reason reason, String message) implements FromOperator {
  /** What a data plane can make of it. */
  public enum Reason {
    /** The operator does not speak {@link Hello#protocol()}; trying again soon is no use. */
    PROTOCOL_VERSION,
    /** A message could not be read, or was not to be said at that point. */
    BAD_MESSAGE,
    /** The token is another pod's, not that of {@link Hello#node()}. */
    NODE_MISMATCH,
    /** No hello came in time. */
    NO_HELLO,
    /** An answer names a version that was never sent. */
    UNKNOWN_VERSION,
    /** An answer did not come in time; the next hello says from where to go on. */
    NO_ANSWER,
    /** The same node opened another channel. */
    REPLACED,
    /** There are too many data planes. */
    TOO_MANY,
    /** The operator goes away. */
    SHUTTING_DOWN
  }

  /**
   * Checks the length.
   *
   * @throws IllegalArgumentException if it is beyond what is said above
   */
  public Goodbye {
    Bounds.length("message", message, Bounds.PROBLEM);
  }
}
