package dev.longshore.operator.source;

import dev.longshore.api.v1alpha1.LongshoreConfig;
import dev.longshore.api.v1alpha1.WebSocketRoute;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether two resources of one name say the same: what a resync, a status write or another
 * controller's bookkeeping changes doesn't count.
 */
final class Content {
  private Content() {}

  static boolean equal(HasMetadata a, HasMetadata b) {
    return a == b || (metadataEqual(a.getMetadata(), b.getMetadata()) && specEqual(a, b));
  }

  private static boolean metadataEqual(ObjectMeta a, ObjectMeta b) {
    return Objects.equals(a.getUid(), b.getUid())
        && Objects.equals(a.getGeneration(), b.getGeneration())
        && Objects.equals(a.getCreationTimestamp(), b.getCreationTimestamp())
        && orEmpty(a.getLabels()).equals(orEmpty(b.getLabels()))
        && orEmpty(a.getAnnotations()).equals(orEmpty(b.getAnnotations()));
  }

  private static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
    return map == null ? Map.of() : map;
  }

  private static boolean specEqual(HasMetadata a, HasMetadata b) {
    return switch (a) {
      case WebSocketRoute route ->
          b instanceof WebSocketRoute other && Objects.equals(route.getSpec(), other.getSpec());
      case LongshoreConfig config ->
          b instanceof LongshoreConfig other && Objects.equals(config.getSpec(), other.getSpec());
      case Ingress ingress ->
          b instanceof Ingress other && Objects.equals(ingress.getSpec(), other.getSpec());
      case IngressClass ingressClass ->
          b instanceof IngressClass other
              && Objects.equals(ingressClass.getSpec(), other.getSpec());
      case Service service ->
          b instanceof Service other && Objects.equals(service.getSpec(), other.getSpec());
      case EndpointSlice slice ->
          b instanceof EndpointSlice other
              && Objects.equals(slice.getAddressType(), other.getAddressType())
              && Objects.equals(slice.getEndpoints(), other.getEndpoints())
              && Objects.equals(slice.getPorts(), other.getPorts());
      case Secret secret ->
          b instanceof Secret other
              && Objects.equals(secret.getType(), other.getType())
              && Objects.equals(secret.getData(), other.getData())
              && Objects.equals(secret.getStringData(), other.getStringData());
      case ConfigMap map ->
          b instanceof ConfigMap other
              && Objects.equals(map.getData(), other.getData())
              && Objects.equals(map.getBinaryData(), other.getBinaryData());
      default -> a.equals(b);
    };
  }
}
