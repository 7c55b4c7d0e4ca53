package dev.longshore.operator.publish;

import dev.longshore.api.v1alpha1.Upstream;
import dev.longshore.api.v1alpha1.WebSocketRoute;
import dev.longshore.api.v1alpha1.WebSocketRouteSpec;
import dev.longshore.operator.source.ResourceRef;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRule;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * About how much work it is to take a changed resource in, told by its size alone: one for each
 * rule and each endpoint that may come of it.
 */
final class Weights {
  /** A key is parsed and tried, here and by each data plane. */
  private static final long OF_SECRET = 50;

  /** About one certificate to trust. */
  private static final long CHARS = 1024;

  private Weights() {}

  /** At least 1; of nothing as well. */
  static long of(@Nullable HasMetadata resource) {
    return 1
        + switch (resource) {
          case null -> 0;
          case WebSocketRoute route -> ofSpec(route.getSpec());
          case Ingress ingress ->
              ingress.getSpec() == null || ingress.getSpec().getRules() == null
                  ? 0
                  : ingress.getSpec().getRules().stream().mapToLong(Weights::ofRule).sum();
          case EndpointSlice slice ->
              size(slice.getEndpoints()) * Math.max(1, size(slice.getPorts()));
          case Secret secret -> OF_SECRET;
          case ConfigMap map ->
              map.getData() == null
                  ? 0
                  : map.getData().values().stream().mapToLong(Weights::ofText).sum();
          default -> 0;
        };
  }

  private static long ofSpec(@Nullable WebSocketRouteSpec spec) {
    if (spec == null) {
      return 0;
    }
    long weight = Math.max(1, size(spec.hosts())) * size(spec.locations());
    if (spec.upstreams() != null) {
      for (Upstream upstream : spec.upstreams()) {
        weight += 1 + (upstream == null ? 0 : size(upstream.endpoints()));
      }
    }
    return weight;
  }

  private static long ofRule(@Nullable IngressRule rule) {
    return rule == null || rule.getHttp() == null ? 1 : size(rule.getHttp().getPaths());
  }

  private static long ofText(@Nullable String text) {
    return text == null ? 0 : text.length() / CHARS;
  }

  private static long size(@Nullable Collection<?> list) {
    return list == null ? 0 : list.size();
  }

  /** What is referred to goes before what refers to it. */
  static int rank(ResourceRef ref) {
    return switch (ref.kind()) {
      case SECRET, CONFIG_MAP, LONGSHORE_CONFIG, INGRESS_CLASS -> 0;
      case ENDPOINT_SLICE -> 1;
      case SERVICE -> 2;
      case WEB_SOCKET_ROUTE, INGRESS -> 3;
    };
  }
}
