package dev.longshore.operator.source;

import dev.longshore.api.v1alpha1.WebSocketRoute;
import dev.longshore.api.v1alpha1.WebSocketRouteSpec;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
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

  /** No name is longer; what is longer stays longer, and so names nothing. */
  private static final int LONGEST = 254;

  private Stub() {}

  /** The stub; null: a resource of that kind is as if it were not there. */
  static @Nullable HasMetadata of(HasMetadata resource) {
    return Kind.of(resource).map(kind -> kind.stub(resource)).orElse(null);
  }

  /** The stub, or of a kind that has none its name and age. */
  public static HasMetadata shell(HasMetadata resource) {
    HasMetadata stub = of(resource);
    if (stub != null) {
      return stub;
    }
    HasMetadata empty =
        switch (ResourceRef.of(resource).kind()) {
          case SERVICE -> new Service();
          case SECRET -> new Secret();
          case CONFIG_MAP -> new ConfigMap();
          case WEB_SOCKET_ROUTE, INGRESS, ENDPOINT_SLICE ->
              throw new IllegalStateException(resource.getKind() + " has a stub");
          case LONGSHORE_CONFIG, INGRESS_CLASS ->
              throw new IllegalArgumentException(resource.getKind() + " is always held");
        };
    empty.setMetadata(Trim.metadata(resource.getMetadata()));
    return empty;
  }

  static WebSocketRoute route(WebSocketRoute route) {
    WebSocketRoute stub = new WebSocketRoute();
    stub.setMetadata(Trim.metadata(route.getMetadata()));
    if (route.getSpec() != null) {
      String name = bounded(route.getSpec().ingressClassName());
      stub.setSpec(new WebSocketRouteSpec(name, null, null, null, null, null));
    }
    return stub;
  }

  static Ingress ingress(Ingress ingress) {
    Ingress stub = new Ingress();
    stub.setMetadata(Trim.metadata(ingress.getMetadata()));
    stub.getMetadata().setAnnotations(only(CLASS, ingress.getMetadata().getAnnotations()));
    if (ingress.getSpec() != null) {
      IngressSpec spec = new IngressSpec();
      spec.setIngressClassName(bounded(ingress.getSpec().getIngressClassName()));
      stub.setSpec(spec);
    }
    return stub;
  }

  static EndpointSlice slice(EndpointSlice slice) {
    EndpointSlice stub = new EndpointSlice();
    stub.setMetadata(Trim.metadata(slice.getMetadata()));
    stub.getMetadata().setLabels(only(Trim.SERVICE_NAME, slice.getMetadata().getLabels()));
    stub.setAddressType(bounded(slice.getAddressType()));
    stub.setEndpoints(List.of());
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
