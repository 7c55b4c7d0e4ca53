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
    return Kind.of(a).map(kind -> kind.same(a, b)).orElseGet(() -> a.equals(b));
  }

  static boolean sameRoute(WebSocketRoute a, WebSocketRoute b) {
    return Objects.equals(a.getSpec(), b.getSpec());
  }

  static boolean sameConfig(LongshoreConfig a, LongshoreConfig b) {
    return Objects.equals(a.getSpec(), b.getSpec());
  }

  static boolean sameIngress(Ingress a, Ingress b) {
    return Objects.equals(a.getSpec(), b.getSpec());
  }

  static boolean sameClass(IngressClass a, IngressClass b) {
    return Objects.equals(a.getSpec(), b.getSpec());
  }

  static boolean sameService(Service a, Service b) {
    return Objects.equals(a.getSpec(), b.getSpec());
  }

  static boolean sameSlice(EndpointSlice a, EndpointSlice b) {
    return Objects.equals(a.getAddressType(), b.getAddressType())
        && Objects.equals(a.getEndpoints(), b.getEndpoints())
        && Objects.equals(a.getPorts(), b.getPorts());
  }

  static boolean sameSecret(Secret a, Secret b) {
    return Objects.equals(a.getType(), b.getType())
        && Objects.equals(a.getData(), b.getData())
        && Objects.equals(a.getStringData(), b.getStringData());
  }

  static boolean sameMap(ConfigMap a, ConfigMap b) {
    return Objects.equals(a.getData(), b.getData())
        && Objects.equals(a.getBinaryData(), b.getBinaryData());
  }
}
