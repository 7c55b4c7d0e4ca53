package dev.longshore.operator.source.cluster;

import dev.longshore.operator.source.Holdings;
import dev.longshore.operator.source.ResourceRef;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.function.Predicate;

/** Takes the API's own kinds, of which only what anybody reads is held. */
final class BuiltInSink implements Feed.Sink<HasMetadata> {
  private final ClusterView view;
  private final ServiceListener services;
  private final Predicate<String> annotations;

  /**
   * @param annotations which annotations anybody reads
   */
  BuiltInSink(ClusterView view, ServiceListener services, Predicate<String> annotations) {
    this.view = view;
    this.services = services;
    this.annotations = annotations;
  }

  @Override
  public void put(Feed<?> from, HasMetadata resource) {
    HasMetadata trimmed = from.kind().trim(resource, annotations);
    ResourceRef ref = ResourceRef.of(trimmed);
    switch (ref.kind().reading()) {
      case REFERENCED -> services.gone(view.hold(from, ref, trimmed));
      case BUILT_IN, CUSTOM -> {
        Holdings.Taken taken = view.put(ref, trimmed);
        services.changed(ref, taken.refused() == null ? trimmed : null);
        services.gone(taken);
      }
    }
  }

  @Override
  public void remove(Feed<?> from, ResourceRef ref) {
    switch (ref.kind().reading()) {
      case REFERENCED -> view.release(from, ref);
      case BUILT_IN, CUSTOM -> {
        view.remove(ref);
        services.changed(ref, null);
      }
    }
  }
}
