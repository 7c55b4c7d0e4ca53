package dev.longshore.proxy.table;

import dev.longshore.contract.SnapshotError;
import dev.longshore.contract.Version;
import java.util.List;

/** What became of a snapshot. */
public sealed interface ApplyResult {

  /**
   * It is served now.
   *
   * @param version of everything but the endpoints
   * @param endpointsVersion of the endpoints
   */
  record Applied(Version version, Version endpointsVersion) implements ApplyResult {}

  /** It says what is served already; nothing happened. */
  record Unchanged() implements ApplyResult {}

  /**
   * It was refused whole, and what was served before still is.
   *
   * @param errors at least one, each naming its entry
   */
  record Rejected(List<SnapshotError> errors) implements ApplyResult {
    public Rejected {
      errors = List.copyOf(errors);
    }
  }
}
