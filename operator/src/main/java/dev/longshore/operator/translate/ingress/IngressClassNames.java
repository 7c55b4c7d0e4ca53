package dev.longshore.operator.translate.ingress;

import dev.longshore.operator.translate.claim.ClassName;
import dev.longshore.operator.translate.ingress.nginx.NginxAnnotations;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the class that an Ingress names: by its field, or by the annotation that came before it.
 */
final class IngressClassNames {
  private IngressClassNames() {}

  /** What it names. */
  static ClassName of(Ingress ingress) {
    String field = ingress.getSpec() == null ? null : ingress.getSpec().getIngressClassName();
    return new ClassName(legacy(ingress), field, true);
  }

  /** What the annotation names; null: nothing. */
  static @Nullable String legacy(Ingress ingress) {
    Map<String, String> annotations = ingress.getMetadata().getAnnotations();
    String name = annotations == null ? null : annotations.get(ClassName.ANNOTATION);
    return name == null || name.isEmpty() ? null : name;
  }

  /** The annotation goes before the field, as the API reference wants it. */
  static void warnOfTwo(Ingress ingress, Problems found) {
    String byAnnotation = legacy(ingress);
    String byField = ingress.getSpec().getIngressClassName();
    if (byAnnotation != null
        && byField != null
        && !byField.isEmpty()
        && !byField.equals(byAnnotation)) {
      found.warn(
          Reason.INVALID_ANNOTATION,
          NginxAnnotations.path(ClassName.ANNOTATION),
          Quote.of(byAnnotation)
              + " goes before spec.ingressClassName, which is "
              + Quote.of(byField)
              + ": remove one of them");
    }
  }
}
