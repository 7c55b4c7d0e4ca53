package dev.longshore.operator.source;

import dev.longshore.api.v1alpha1.WebSocketRoute;
import dev.longshore.api.v1alpha1.WebSocketRouteSpec;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressSpec;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is left of a resource for which there is no room: whose it is, how old, and who serves it,
 * so that its owner can be told.
 */
public final class Stub {
  private static final String CLASS = "kubernetes.io/ingress.class";
  private static final String SERVICE = "kubernetes.io/service-name";

  /** No name is longer; what is longer stays longer, and so names nothing. */
  private static final int LONGEST = 254;

  private Stub() {}

  /** The stub; null: a resource of that kind is as if it were not there. */
  static @Nullable HasMetadata of(HasMetadata resource) {
    return switch (resource) {
      case WebSocketRoute route -> route(route);
      case Ingress ingress -> ingress(ingress);
      case EndpointSlice slice -> slice(slice);
      default -> null;
    };
  }

  /** The stub, or of a kind that has none its name and age. */
  public static HasMetadata shell(HasMetadata resource) {
    HasMetadata stub = of(resource);
    if (stub != null) {
      return stub;
    }
    HasMetadata empty =
        switch (resource) {
          case Service service -> new Service();
          case Secret secret -> new Secret();
          case ConfigMap map -> new ConfigMap();
          default -> throw new IllegalArgumentException(resource.getKind() + " is always held");
        };
    empty.setMetadata(metadata(resource.getMetadata()));
    return empty;
  }

  private static WebSocketRoute route(WebSocketRoute route) {
    WebSocketRoute stub = new WebSocketRoute();
    stub.setMetadata(metadata(route.getMetadata()));
    if (route.getSpec() != null) {
      String name = bounded(route.getSpec().ingressClassName());
      stub.setSpec(new WebSocketRouteSpec(name, null, null, null, null, null));
    }
    return stub;
  }

  private static Ingress ingress(Ingress ingress) {
    Ingress stub = new Ingress();
    stub.setMetadata(metadata(ingress.getMetadata()));
    stub.getMetadata().setAnnotations(only(CLASS, ingress.getMetadata().getAnnotations()));
    if (ingress.getSpec() != null) {
      IngressSpec spec = new IngressSpec();
      spec.setIngressClassName(bounded(ingress.getSpec().getIngressClassName()));
      stub.setSpec(spec);
    }
    return stub;
  }

  private static EndpointSlice slice(EndpointSlice slice) {
    EndpointSlice stub = new EndpointSlice();
    stub.setMetadata(metadata(slice.getMetadata()));
    stub.getMetadata().setLabels(only(SERVICE, slice.getMetadata().getLabels()));
    stub.setAddressType(bounded(slice.getAddressType()));
    stub.setEndpoints(List.of());
    return stub;
  }

  private static ObjectMeta metadata(ObjectMeta full) {
    ObjectMeta stub = new ObjectMeta();
    stub.setName(full.getName());
    stub.setNamespace(full.getNamespace());
    stub.setUid(full.getUid());
    stub.setResourceVersion(full.getResourceVersion());
    stub.setGeneration(full.getGeneration());
    stub.setCreationTimestamp(full.getCreationTimestamp());
    return stub;
  }

  private static Map<String, String> only(String key, @Nullable Map<String, String> map) {
    String value = map == null ? null : bounded(map.get(key));
    return value == null ? Map.of() : Map.of(key, value);
  }

  private static @Nullable String bounded(@Nullable String text) {
    return text == null || text.length() <= LONGEST ? text : text.substring(0, LONGEST);
  }
}
