package dev.longshore.proxy;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotError;
import dev.longshore.proxy.observe.ConfigStatus;
import dev.longshore.proxy.table.RoutingState;
import dev.longshore.proxy.table.SnapshotHolder;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What readiness and metrics say of the configuration: what serves, and what was rejected. */
final class ConfigLog {
  private final SnapshotHolder snapshots;
  private volatile Rejections rejections = new Rejections(0, null);

  ConfigLog(SnapshotHolder snapshots) {
    this.snapshots = snapshots;
  }

  /** Called by one thread at a time. */
  void rejected(RoutingSnapshot snapshot, List<SnapshotError> errors) {
    rejections =
        new Rejections(
            rejections.count + 1,
            new ConfigStatus.Rejection(
                snapshot.version(), Instant.now(), errors.stream().map(Object::toString).toList()));
  }

  ConfigStatus status() {
    RoutingState state = snapshots.current();
    Rejections refused = rejections;
    return new ConfigStatus(
        state.applied()
            ? new ConfigStatus.Applied(
                state.snapshot().version(), state.snapshot().endpointsVersion(), state.appliedAt())
            : null,
        refused.count,
        refused.last);
  }

  private record Rejections(long count, ConfigStatus.@Nullable Rejection last) {}
}
