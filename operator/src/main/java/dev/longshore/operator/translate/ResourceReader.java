package dev.longshore.operator.translate;

import dev.longshore.api.v1alpha1.WebSocketRoute;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;

/** Reads a resource into claims; what is wrong with the manifest is in them. */
@FunctionalInterface
interface ResourceReader {
  /** As its kind is read. */
  ResourceReader BY_KIND =
      (claimant, resource, binding, references, options) ->
          switch (resource) {
            case WebSocketRoute route ->
                RouteReader.read(claimant, route, binding, references, options);
            case Ingress ingress ->
                IngressReader.read(claimant, ingress, binding, references, options);
            default -> throw new IllegalArgumentException(claimant.ref() + " has no rules");
          };

  /**
   * The claims of a resource.
   *
   * @param references remembers what was looked for, even if this throws
   */
  Claims read(
      Claimant claimant,
      HasMetadata resource,
      ClassBinding binding,
      References references,
      TranslatorOptions options);
}
