package dev.longshore.operator.source.cluster;

import dev.longshore.operator.source.Holdings;
import dev.longshore.operator.source.ResourceRef;
import io.fabric8.kubernetes.api.model.HasMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Hears of what may be a Service whose name has to be resolved. Not under the lock of the {@link
 * ClusterView}: names have one that is taken first.
 */
@FunctionalInterface
interface ServiceListener {
  /** Of a resource of any kind; null: it isn't held any more. */
  void changed(ResourceRef ref, @Nullable HasMetadata resource);

  /** What was given up for others is resolved no more. */
  default void gone(Holdings.Taken taken) {
    taken.gone().keySet().forEach(ref -> changed(ref, null));
  }
}
