package dev.longshore.operator.source.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.Trim;
import dev.longshore.operator.source.manifest.StrictManifest;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads our own kinds, each resource by itself. They are listed untyped, because a typed list fails
 * as a whole at the first item that doesn't fit, and strictly, because a field that this version
 * doesn't know (the CRD may be newer) must never mean that there is no such policy.
 */
final class CustomResources {
  private static final ObjectMapper STRICT =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private CustomResources() {}

  /** What became of one. */
  sealed interface Reading {
    /** All of it could be read. */
    record Whole(HasMetadata resource) implements Reading {}

    /**
     * Something could not.
     *
     * @param remainder what keeps its places; null if there is no saying which those are
     * @param why what is wrong, and where
     * @param refused whether the remainder may not be relied on but for its places
     */
    record Partial(@Nullable HasMetadata remainder, String why, boolean refused)
        implements Reading {}
  }

  static ResourceDefinitionContext context(Kind kind) {
    return new ResourceDefinitionContext.Builder()
        .withGroup(kind.group())
        .withVersion(kind.version())
        .withKind(kind.label())
        .withPlural(kind.plural())
        .withNamespaced(kind.namespaced())
        .build();
  }

  static Reading read(Kind kind, GenericKubernetesResource generic) {
    Object spec = generic.getAdditionalProperties().get("spec");
    try {
      HasMetadata typed = typed(kind, spec);
      typed.setMetadata(Trim.metadata(generic.getMetadata()));
      return new Reading.Whole(typed);
    } catch (IllegalArgumentException e) {
      return partial(kind, generic, spec);
    }
  }

  /** Read by its spec alone: what else it says is the API server's. */
  private static HasMetadata typed(Kind kind, @Nullable Object spec) {
    ObjectNode json = STRICT.createObjectNode();
    json.set("spec", STRICT.valueToTree(spec));
    return STRICT.convertValue(json, kind.type());
  }

  private static Reading partial(
      Kind kind, GenericKubernetesResource generic, @Nullable Object spec) {
    ObjectNode json = STRICT.createObjectNode();
    json.put("apiVersion", kind.apiVersion());
    json.put("kind", kind.label());
    ObjectNode metadata = json.putObject("metadata");
    metadata.put("name", generic.getMetadata().getName());
    if (kind.namespaced()) {
      metadata.put("namespace", generic.getMetadata().getNamespace());
    }
    json.set("spec", STRICT.valueToTree(spec));
    StrictManifest.Reading reading;
    try {
      reading = StrictManifest.read(STRICT.writeValueAsString(json));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree can always be written", e);
    }
    HasMetadata remainder = reading.remainder() != null ? reading.remainder() : reading.resource();
    if (remainder != null) {
      remainder.setMetadata(Trim.metadata(generic.getMetadata()));
    }
    return new Reading.Partial(
        remainder,
        reading.why().isEmpty()
            ? "spec: has something that this version doesn't read"
            : reading.why(),
        reading.why().isEmpty() || reading.refused());
  }
}
