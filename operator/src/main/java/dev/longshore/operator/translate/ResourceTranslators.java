package dev.longshore.operator.translate;

import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.translate.claim.Claims;
import dev.longshore.operator.translate.claim.ClassName;
import dev.longshore.operator.translate.claim.Quota.Use;
import dev.longshore.operator.translate.claim.ResourceTranslator;
import dev.longshore.operator.translate.claim.ResourceTranslator.Context;
import dev.longshore.operator.translate.ingress.IngressTranslator;
import dev.longshore.operator.translate.route.RouteTranslator;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The translators, one for each kind that has rules; each resource goes to its kind's. */
final class ResourceTranslators {
  private final Map<Kind, ResourceTranslator<?>> byKind = new EnumMap<>(Kind.class);

  /** All of them. */
  ResourceTranslators() {
    this(ResourceTranslators::of);
  }

  /**
   * Others.
   *
   * @param ofKind null for kinds that have no rules, and for them alone
   */
  ResourceTranslators(Function<Kind, @Nullable ResourceTranslator<?>> ofKind) {
    for (Kind kind : Kind.values()) {
      ResourceTranslator<?> translator = ofKind.apply(kind);
      if (kind.routes() != (translator != null)) {
        throw new IllegalArgumentException(
            kind + (kind.routes() ? " has rules and no" : " has no rules and a") + " translator");
      }
      if (translator != null) {
        byKind.put(kind, translator);
      }
    }
  }

  /** The translator of a kind; null: it has no rules. */
  static @Nullable ResourceTranslator<?> of(Kind kind) {
    return switch (kind) {
      case WEB_SOCKET_ROUTE -> new RouteTranslator();
      case INGRESS -> new IngressTranslator();
      case LONGSHORE_CONFIG, INGRESS_CLASS, SERVICE, ENDPOINT_SLICE, SECRET, CONFIG_MAP -> null;
    };
  }

  ClassName className(HasMetadata resource) {
    return translator(resource).className(resource);
  }

  Claims read(HasMetadata resource, Context context) {
    return translator(resource).read(resource, context);
  }

  HasMetadata placesOnly(HasMetadata resource) {
    return translator(resource).placesOnly(resource);
  }

  Use atLeast(HasMetadata resource) {
    return translator(resource).atLeast(resource);
  }

  /** A kind has one type, and its translator is found by that. */
  @SuppressWarnings("unchecked")
  private ResourceTranslator<HasMetadata> translator(HasMetadata resource) {
    Kind kind = ResourceRef.of(resource).kind();
    ResourceTranslator<?> translator = byKind.get(kind);
    if (translator == null) {
      throw new IllegalArgumentException(kind + " has no rules");
    }
    return (ResourceTranslator<HasMetadata>) translator;
  }
}
