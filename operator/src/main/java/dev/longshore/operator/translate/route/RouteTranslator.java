package dev.longshore.operator.translate.route;

import dev.longshore.api.v1alpha1.Location;
import dev.longshore.api.v1alpha1.WebSocketRoute;
import dev.longshore.api.v1alpha1.WebSocketRouteSpec;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.translate.claim.Claims;
import dev.longshore.operator.translate.claim.ClassName;
import dev.longshore.operator.translate.claim.Demand;
import dev.longshore.operator.translate.claim.PlacesOnly;
import dev.longshore.operator.translate.claim.Quota.Use;
import dev.longshore.operator.translate.claim.ResourceTranslator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What WebSocketRoutes mean. */
public final class RouteTranslator implements ResourceTranslator<WebSocketRoute> {
  @Override
  public Kind kind() {
    return Kind.WEB_SOCKET_ROUTE;
  }

  /** A route is for nobody else. */
  @Override
  public ClassName className(WebSocketRoute route) {
    WebSocketRouteSpec spec = route.getSpec();
    return new ClassName(null, spec == null ? null : spec.ingressClassName(), false);
  }

  @Override
  public Claims read(WebSocketRoute route, Context context) {
    return RouteReader.read(route, context);
  }

  @Override
  public WebSocketRoute placesOnly(WebSocketRoute route) {
    WebSocketRouteSpec spec = route.getSpec();
    WebSocketRoute copy = new WebSocketRoute();
    copy.setMetadata(PlacesOnly.metadata(route.getMetadata()));
    if (spec != null) {
      List<Location> locations = Objects.requireNonNullElse(spec.locations(), List.of());
      copy.setSpec(
          new WebSocketRouteSpec(
              spec.ingressClassName(),
              spec.hosts(),
              null,
              null,
              locations.stream().filter(Objects::nonNull).map(RouteTranslator::place).toList(),
              null));
    }
    return copy;
  }

  private static Location place(Location location) {
    return new Location(
        location.name(),
        location.path(),
        location.pathType(),
        location.match(),
        null,
        null,
        null,
        null,
        null,
        null);
  }

  @Override
  public Use atLeast(WebSocketRoute route) {
    WebSocketRouteSpec spec = route.getSpec();
    if (spec == null) {
      return Use.NONE;
    }
    long hosts = spec.hosts() == null ? 1 : Math.min(RouteReader.MOST_HOSTS, spec.hosts().size());
    List<Location> locations = spec.locations() == null ? List.of() : spec.locations();
    int most = Math.min(RouteReader.MOST_LOCATIONS, locations.size());
    long chars = 0;
    for (Location location : locations.subList(0, most)) {
      chars += Demand.RULE_BYTES + chars(location);
    }
    return new Use(hosts * most, 0, 0, 0, hosts * chars);
  }

  private static long chars(@Nullable Location location) {
    if (location == null) {
      return 0;
    }
    long chars = length(location.path());
    Location.Match match = location.match();
    if (match != null && match.headers() != null) {
      for (Location.HeaderMatch header : match.headers()) {
        chars += length(header.name()) + length(header.value());
      }
    }
    if (match != null && match.query() != null) {
      for (Location.QueryMatch query : match.query()) {
        chars += length(query.name()) + length(query.value());
      }
    }
    return chars;
  }

  private static int length(@Nullable String text) {
    return text == null ? 0 : text.length();
  }
}
