package dev.longshore.operator.status;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.List;

/**
 * Metadata as it is kept beside a status: without what nobody reads there, which is most of it. The
 * managedFields of 10,000 routes alone are half of the memory of an operator.
 */
final class Metadata {
  private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

  private Metadata() {}

  /** Takes away what isn't read. */
  static ObjectMeta stripped(ObjectMeta metadata) {
    metadata.setManagedFields(List.of());
    if (metadata.getAnnotations() != null) {
      metadata.getAnnotations().remove(LAST_APPLIED);
    }
    return metadata;
  }
}
