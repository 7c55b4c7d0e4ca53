package dev.longshore.process.watch;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A condition that is a trouble once it has been found at every look for {@link Watch#STUCK}. */
final class Sustained {
  private final Watch.Condition condition;
  private final LongSupplier clock;
  private volatile @Nullable Found found;

  private record Found(String what, long since) {}

  Sustained(Watch.Condition condition, LongSupplier clock) {
    this.condition = condition;
    this.clock = clock;
  }

  void look() {
    String now = condition.trouble();
    Found before = found;
    if (now == null) {
      found = null;
    } else {
      found = new Found(now, before == null ? clock.getAsLong() : before.since);
    }
  }

  @Nullable String trouble() {
    Found present = found;
    return present != null && clock.getAsLong() - present.since > Watch.STUCK.toNanos()
        ? present.what
        : null;
  }
}
