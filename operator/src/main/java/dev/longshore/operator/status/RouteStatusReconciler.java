package dev.longshore.operator.status;

import dev.longshore.api.v1alpha1.Condition;
import dev.longshore.api.v1alpha1.WebSocketRouteStatus;
import dev.longshore.api.v1alpha1.WebSocketRouteStatus.DataPlanes;
import dev.longshore.operator.source.Kind;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Writes the status of WebSocketRoutes. */
@ControllerConfiguration(name = "websocketroute-status", generationAwareEventProcessing = false)
final class RouteStatusReconciler extends StatusReconciler<RouteStatusResource> {
  private static final WebSocketRouteStatus NONE =
      new WebSocketRouteStatus(null, null, null, null, null);

  private static final int MOST_OWNERS = 16;

  RouteStatusReconciler(StatusContext status) {
    super(Kind.WEB_SOCKET_ROUTE, status);
  }

  @Override
  RouteStatusResource fresh() {
    return new RouteStatusResource();
  }

  @Override
  boolean hasStatus(RouteStatusResource present) {
    return present.getStatus() != null && !present.getStatus().equals(NONE);
  }

  @Override
  boolean saysProgrammed(RouteStatusResource present, long generation) {
    return present.getStatus() != null
        && Conditions.isProgrammed(present.getStatus().conditions(), generation);
  }

  @Override
  @Nullable RouteStatusResource wanted(
      RouteStatusResource present, Finding finding, RouteStatusResource fresh) {
    WebSocketRouteStatus before = Objects.requireNonNullElse(present.getStatus(), NONE);
    List<Condition> conditions =
        Conditions.of(
            finding.verdict(),
            finding.progress(),
            finding.generation(),
            before.conditions(),
            Instant.now());
    String owner = owner(finding.verdict().hostOwners());
    boolean same =
        Objects.equals(before.observedGeneration(), finding.generation())
            && conditions.equals(before.conditions())
            && Objects.equals(before.hostOwner(), owner)
            && finding
                .addresses()
                .equals(Objects.requireNonNullElse(before.addresses(), List.of()));
    if (same) {
      // How many data planes there are changes with every restart and scaling of them; it is said
      // with the next transition, or 10,000 routes would be written for each pod that comes or
      // goes.
      return null;
    }
    fresh.setStatus(
        new WebSocketRouteStatus(
            finding.generation(),
            conditions,
            finding.addresses(),
            counts(finding.progress()),
            owner));
    return fresh;
  }

  private static @Nullable String owner(List<String> namespaces) {
    if (namespaces.isEmpty()) {
      return null;
    }
    List<String> shown = namespaces.subList(0, Math.min(MOST_OWNERS, namespaces.size()));
    return String.join(", ", shown) + (shown.size() < namespaces.size() ? ", …" : "");
  }

  private static DataPlanes counts(Progress progress) {
    return switch (progress) {
      case Progress.Programmed(int dataPlanes) -> new DataPlanes(dataPlanes, dataPlanes);
      case Progress.Pending(int ready, int programmed, List<String> _) ->
          new DataPlanes(ready, programmed);
      case Progress.Rejected(int ready, String _) -> new DataPlanes(ready, 0);
      case Progress.NoDataPlane() -> new DataPlanes(0, 0);
    };
  }
}
