package dev.longshore.operator.translate;

import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the class that an Ingress names: by its field, or by the annotation that came before it.
 */
final class IngressClassNames {
  static final String LEGACY = "kubernetes.io/ingress.class";

  private IngressClassNames() {}

  /** The name; null when the default class is meant. */
  static @Nullable String of(Ingress ingress) {
    String name = ingress.getSpec() == null ? null : ingress.getSpec().getIngressClassName();
    if (name != null && !name.isEmpty()) {
      return name;
    }
    Map<String, String> annotations = ingress.getMetadata().getAnnotations();
    return annotations == null ? null : annotations.get(LEGACY);
  }
}
