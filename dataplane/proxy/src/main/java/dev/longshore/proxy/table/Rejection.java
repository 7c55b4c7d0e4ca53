package dev.longshore.proxy.table;

import dev.longshore.contract.SnapshotError;
import dev.longshore.contract.Version;
import java.time.Instant;
import java.util.List;

/**
 * The last snapshot that was refused, for readiness details and metrics.
 *
 * @param version of everything but its endpoints
 * @param endpointsVersion of its endpoints
 * @param at when
 * @param errors at least one, each naming its entry
 */
public record Rejection(
    Version version, Version endpointsVersion, Instant at, List<SnapshotError> errors) {
  public Rejection {
    errors = List.copyOf(errors);
  }
}
