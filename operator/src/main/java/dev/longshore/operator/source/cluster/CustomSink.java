package dev.longshore.operator.source.cluster;

import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.cluster.CustomResources.Reading;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;

/** Takes our own kinds, each resource read by itself. */
final class CustomSink implements Feed.Sink<GenericKubernetesResource> {
  private final ClusterView view;
  private final ServiceListener services;

  CustomSink(ClusterView view, ServiceListener services) {
    this.view = view;
    this.services = services;
  }

  @Override
  public void put(Feed<?> from, GenericKubernetesResource resource) {
    switch (CustomResources.read(from.kind(), resource)) {
      case Reading.Whole(HasMetadata whole) ->
          services.gone(view.put(ResourceRef.of(whole), whole));
      case Reading.Partial partial ->
          services.gone(
              view.putPartial(
                  new ResourceRef(
                      from.kind(),
                      from.kind().namespaced() ? resource.getMetadata().getNamespace() : "",
                      resource.getMetadata().getName()),
                  resource.getMetadata(),
                  partial));
    }
  }

  @Override
  public void remove(Feed<?> from, ResourceRef ref) {
    view.remove(ref);
  }
}
