package dev.longshore.operator.source;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whom a host or wildcard was given to, as it was recorded when that namespace claimed it: the age
 * of objects says nothing of when a host came into them.
 *
 * @param namespace its owner
 * @param since when it was recorded, to the second
 * @param until while nothing of the namespace claims it: how long it is kept for it; null: it is
 *     claimed
 */
public record HostTenure(String namespace, Instant since, @Nullable Instant until) {
  public HostTenure {
    since = since.truncatedTo(ChronoUnit.SECONDS);
    until = until == null ? null : until.truncatedTo(ChronoUnit.SECONDS);
  }

  /** Somebody of the namespace claims it. */
  public HostTenure claimed() {
    return new HostTenure(namespace, since, null);
  }

  /** Nobody of the namespace claims it any more. */
  public HostTenure keptUntil(Instant end) {
    return new HostTenure(namespace, since, end);
  }
}
