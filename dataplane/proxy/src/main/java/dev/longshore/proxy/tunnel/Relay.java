package dev.longshore.proxy.tunnel;

/** What becomes of the bytes that one side of a tunnel sends. */
enum Relay {
  /** They go to the other side. */
  ALL,
  /** They go to the other side until the stream is between two messages. */
  UNTIL_MESSAGE_END,
  /** They go to the other side up to a Close frame, which does not. */
  UNTIL_CLOSE,
  /** None goes on; frames are still followed, for the Close among them. */
  NOTHING
}
