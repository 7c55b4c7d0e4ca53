package dev.longshore.operator.push;

import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.push.Nack.Wrong;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a data plane does not serve what it was sent.
 *
 * @param versions what it refused; null: it could not even read them
 * @param errors each names its entry; empty if it could not tell
 * @param omitted how many more there are
 * @param problem in one line
 * @param at when it was heard
 */
public record Rejection(
    @Nullable Versions versions, List<Wrong> errors, int omitted, String problem, Instant at) {
  public Rejection {
    errors = List.copyOf(errors);
  }
}
