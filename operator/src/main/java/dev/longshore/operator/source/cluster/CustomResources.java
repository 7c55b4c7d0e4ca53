package dev.longshore.operator.source.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.api.v1alpha1.LongshoreConfig;
import dev.longshore.api.v1alpha1.LongshoreConfigSpec;
import dev.longshore.api.v1alpha1.WebSocketRoute;
import dev.longshore.api.v1alpha1.WebSocketRouteSpec;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.folder.StrictManifest;
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
  private static final String API_VERSION = "longshore.dev/v1alpha1";

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
        .withGroup("longshore.dev")
        .withVersion("v1alpha1")
        .withKind(kind.label())
        .withPlural(kind == Kind.WEB_SOCKET_ROUTE ? "websocketroutes" : "longshoreconfigs")
        .withNamespaced(kind.namespaced())
        .build();
  }

  static Reading read(Kind kind, GenericKubernetesResource generic) {
    Object spec = generic.getAdditionalProperties().get("spec");
    try {
      HasMetadata typed = typed(kind, spec);
      typed.setMetadata(Slim.metadata(generic.getMetadata()));
      return new Reading.Whole(typed);
    } catch (IllegalArgumentException e) {
      return partial(kind, generic, spec);
    }
  }

  private static HasMetadata typed(Kind kind, @Nullable Object spec) {
    if (kind == Kind.WEB_SOCKET_ROUTE) {
      WebSocketRoute route = new WebSocketRoute();
      route.setSpec(STRICT.convertValue(spec, WebSocketRouteSpec.class));
      return route;
    }
    LongshoreConfig config = new LongshoreConfig();
    config.setSpec(STRICT.convertValue(spec, LongshoreConfigSpec.class));
    return config;
  }

  private static Reading partial(
      Kind kind, GenericKubernetesResource generic, @Nullable Object spec) {
    ObjectNode json = STRICT.createObjectNode();
    json.put("apiVersion", API_VERSION);
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
      remainder.setMetadata(Slim.metadata(generic.getMetadata()));
    }
    return new Reading.Partial(
        remainder,
        reading.why().isEmpty()
            ? "spec: has something that this version doesn't read"
            : reading.why(),
        reading.why().isEmpty() || reading.refused());
  }
}
