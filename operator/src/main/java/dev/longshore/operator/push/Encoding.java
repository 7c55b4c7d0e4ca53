package dev.longshore.operator.push;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A message as bytes, shared by all data planes that it is sent to. For one thread. */
final class Encoding {
  /** Whether it is a delta, for metrics. */
  final boolean delta;

  /** Whether only few like it may be in memory at a time. */
  final boolean large;

  /** Never written to; null while it is made, or when it can't be. */
  byte @Nullable [] bytes;

  /** Whether {@link #bytes} are there, or never will be. */
  boolean made;

  /** What to do once it is made. */
  final List<Runnable> waiting = new ArrayList<>();

  /** How many data planes it is on its way to. */
  int users;

  /** When the last of them had it, by the push server's ticker; only while there are none. */
  long unusedSince;

  Encoding(boolean delta, boolean large) {
    this.delta = delta;
    this.large = large;
  }
}
