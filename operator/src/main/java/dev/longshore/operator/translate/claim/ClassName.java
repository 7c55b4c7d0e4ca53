package dev.longshore.operator.translate.claim;

import dev.longshore.operator.translate.ingress.nginx.NginxAnnotations;
import org.jspecify.annotations.Nullable;

/**
 * The class that a resource names: by its field, or by the annotation that came before it, which
 * goes before the field, as the API reference of {@code ingressClassName} says.
 *
 * @param annotation what the annotation names; null: nothing, or the kind has none
 * @param field what the field names; null: nothing
 * @param shared whether other controllers have resources of that kind, too, so that one of another
 *     class is nothing to warn of
 */
public record ClassName(@Nullable String annotation, @Nullable String field, boolean shared) {
  /** The annotation, of Ingresses alone. */
  public static final String ANNOTATION = "kubernetes.io/ingress.class";

  private static final String FIELD = "spec.ingressClassName";

  /** The name; null when the default class is meant. */
  public @Nullable String name() {
    return annotation == null ? field : annotation;
  }

  /** Where it is named, or would be. */
  public String fieldPath() {
    return annotation == null ? FIELD : NginxAnnotations.path(ANNOTATION);
  }
}
