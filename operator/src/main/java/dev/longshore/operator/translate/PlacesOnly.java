package dev.longshore.operator.translate;

import dev.longshore.api.v1alpha1.Location;
import dev.longshore.api.v1alpha1.WebSocketRoute;
import dev.longshore.api.v1alpha1.WebSocketRouteSpec;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What of a resource says where its rules are, and nothing of what they do: what is read when a
 * reader fails at the whole, so that closed rules keep their places.
 */
final class PlacesOnly {
  private PlacesOnly() {}

  /** A copy with nothing but hosts, paths and conditions. */
  static HasMetadata of(HasMetadata resource) {
    return switch (resource) {
      case WebSocketRoute route -> route(route);
      case Ingress ingress -> ingress(ingress);
      default -> resource;
    };
  }

  private static WebSocketRoute route(WebSocketRoute route) {
    WebSocketRouteSpec spec = route.getSpec();
    WebSocketRoute copy = new WebSocketRoute();
    copy.setMetadata(plain(route.getMetadata()));
    if (spec != null) {
      List<Location> locations = Objects.requireNonNullElse(spec.locations(), List.of());
      copy.setSpec(
          new WebSocketRouteSpec(
              spec.ingressClassName(),
              spec.hosts(),
              null,
              null,
              locations.stream().filter(Objects::nonNull).map(PlacesOnly::location).toList(),
              null));
    }
    return copy;
  }

  private static Location location(Location location) {
    return new Location(
        location.name(),
        location.path(),
        location.pathType(),
        location.match(),
        null,
        null,
        null,
        null);
  }

  private static Ingress ingress(Ingress ingress) {
    return ingress.getSpec() == null
        ? ingress
        : new IngressBuilder(ingress)
            .withMetadata(plain(ingress.getMetadata()))
            .editSpec()
            .withTls(List.of())
            .endSpec()
            .build();
  }

  private static ObjectMeta plain(@Nullable ObjectMeta metadata) {
    return new ObjectMetaBuilder(metadata == null ? new ObjectMeta() : metadata)
        .withAnnotations(Map.of())
        .withLabels(Map.of())
        .withManagedFields(List.of())
        .build();
  }
}
