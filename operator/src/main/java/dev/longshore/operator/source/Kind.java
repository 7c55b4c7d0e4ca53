package dev.longshore.operator.source;

import dev.longshore.api.v1alpha1.LongshoreConfig;
import dev.longshore.api.v1alpha1.WebSocketRoute;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import java.util.Optional;

/** The kinds of resources that matter. */
public enum Kind {
  WEB_SOCKET_ROUTE("WebSocketRoute", true, WebSocketRoute.class),
  LONGSHORE_CONFIG("LongshoreConfig", false, LongshoreConfig.class),
  INGRESS("Ingress", true, Ingress.class),
  INGRESS_CLASS("IngressClass", false, IngressClass.class),
  SERVICE("Service", true, Service.class),
  ENDPOINT_SLICE("EndpointSlice", true, EndpointSlice.class),
  SECRET("Secret", true, Secret.class),
  CONFIG_MAP("ConfigMap", true, ConfigMap.class);

  private final String label;
  private final boolean namespaced;
  private final Class<? extends HasMetadata> type;

  Kind(String label, boolean namespaced, Class<? extends HasMetadata> type) {
    this.label = label;
    this.namespaced = namespaced;
    this.type = type;
  }

  /** The name as manifests write it, such as {@code WebSocketRoute}. */
  public String label() {
    return label;
  }

  /** Whether its resources live in a namespace. */
  public boolean namespaced() {
    return namespaced;
  }

  /** The Java type of its resources. */
  public Class<? extends HasMetadata> type() {
    return type;
  }

  /** The kind that a resource is of, if it is one that matters. */
  public static Optional<Kind> of(HasMetadata resource) {
    for (Kind kind : values()) {
      if (kind.type.isInstance(resource)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return label;
  }
}
