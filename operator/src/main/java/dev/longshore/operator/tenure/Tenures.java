package dev.longshore.operator.tenure;

import dev.longshore.operator.source.HostTenure;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The rule by which the record of a host goes on. */
final class Tenures {
  private Tenures() {}

  /**
   * What is to be recorded of a host.
   *
   * @param current what is
   * @param holder the namespace that it belongs to and that claims it, as it was translated with
   *     {@code current}; null: its owner doesn't claim it
   * @param grace how long it is kept for an owner that doesn't
   * @return null: nothing
   */
  static @Nullable HostTenure next(
      @Nullable HostTenure current, @Nullable String holder, Duration grace, Instant now) {
    if (holder != null) {
      return current != null && current.namespace().equals(holder)
          ? current.claimed()
          : new HostTenure(holder, now, null);
    }
    if (current == null) {
      return null;
    }
    Instant latest = now.plus(grace);
    Instant until = current.until() == null ? latest : current.until();
    if (until.isAfter(latest)) {
      until = latest; // the setting is shorter now
    }
    HostTenure kept = current.keptUntil(until);
    return kept.until() == null || now.isBefore(kept.until()) ? kept : null;
  }
}
