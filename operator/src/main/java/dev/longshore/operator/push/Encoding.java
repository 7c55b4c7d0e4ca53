package dev.longshore.operator.push;

/**
 * A message as bytes, shared by all data planes that it is sent to. Its count is for one thread.
 */
final class Encoding {
  /** Whether it is a delta, for metrics. */
  final boolean delta;

  /** Never written to. */
  final byte[] bytes;

  /** Whether only few like it may be in memory at a time. */
  final boolean large;

  /** How many data planes it is on its way to. */
  int users;

  /** When the last of them had it, by {@link System#nanoTime}; only while there are none. */
  long unusedSince;

  Encoding(boolean delta, byte[] bytes, boolean large) {
    this.delta = delta;
    this.bytes = bytes;
    this.large = large;
  }
}
