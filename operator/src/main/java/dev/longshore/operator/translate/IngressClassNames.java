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

  /**
   * The name; null when the default class is meant. The annotation goes before the field, as the
   * API reference of {@code ingressClassName} says.
   */
  static @Nullable String of(Ingress ingress) {
    String legacy = legacy(ingress);
    return legacy != null || ingress.getSpec() == null
        ? legacy
        : ingress.getSpec().getIngressClassName();
  }

  /** What the annotation names; null: nothing. */
  static @Nullable String legacy(Ingress ingress) {
    Map<String, String> annotations = ingress.getMetadata().getAnnotations();
    String name = annotations == null ? null : annotations.get(LEGACY);
    return name == null || name.isEmpty() ? null : name;
  }
}
