package dev.longshore.operator.translate.claim;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What copies have in common that say where rules are, and nothing of what they do. */
public final class PlacesOnly {
  private PlacesOnly() {}

  /** Names, identity and age. */
  public static ObjectMeta metadata(@Nullable ObjectMeta metadata) {
    return new ObjectMetaBuilder(metadata == null ? new ObjectMeta() : metadata)
        .withAnnotations(Map.of())
        .withLabels(Map.of())
        .withManagedFields(List.of())
        .build();
  }
}
