package dev.longshore.operator.source;

import dev.longshore.api.v1alpha1.LongshoreConfig;
import dev.longshore.api.v1alpha1.WebSocketRoute;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The kinds of resources that matter, and everything that has to be known of one but what it means:
 * a kind is told here, and its meaning by one translator. Whoever does something else for each kind
 * asks a kind, or switches over all of them without a default, so that another one doesn't compile
 * before it was thought of.
 */
public enum Kind {
  WEB_SOCKET_ROUTE(
      "longshore.dev/v1alpha1",
      "WebSocketRoute",
      "websocketroutes",
      Reading.CUSTOM,
      Set.of(Trait.NAMESPACED, Trait.ROUTES, Trait.STATUS),
      new Form<>(WebSocketRoute.class, Trim::route, Stub::route, Content::sameRoute)),
  LONGSHORE_CONFIG(
      "longshore.dev/v1alpha1",
      "LongshoreConfig",
      "longshoreconfigs",
      Reading.CUSTOM,
      Set.of(Trait.STATUS),
      new Form<>(LongshoreConfig.class, Trim::config, null, Content::sameConfig)),
  INGRESS(
      "networking.k8s.io/v1",
      "Ingress",
      "ingresses",
      Reading.BUILT_IN,
      Set.of(Trait.NAMESPACED, Trait.ROUTES, Trait.STATUS),
      new Form<>(Ingress.class, Trim::ingress, Stub::ingress, Content::sameIngress)),
  INGRESS_CLASS(
      "networking.k8s.io/v1",
      "IngressClass",
      "ingressclasses",
      Reading.BUILT_IN,
      Set.of(),
      new Form<>(IngressClass.class, Trim::ingressClass, null, Content::sameClass)),
  SERVICE(
      "v1",
      "Service",
      "services",
      Reading.BUILT_IN,
      Set.of(Trait.NAMESPACED),
      new Form<>(Service.class, Trim::service, null, Content::sameService)),
  ENDPOINT_SLICE(
      "discovery.k8s.io/v1",
      "EndpointSlice",
      "endpointslices",
      Reading.BUILT_IN,
      Set.of(Trait.NAMESPACED),
      new Form<>(EndpointSlice.class, Trim::slice, Stub::slice, Content::sameSlice)),
  SECRET(
      "v1",
      "Secret",
      "secrets",
      Reading.REFERENCED,
      Set.of(Trait.NAMESPACED),
      new Form<>(Secret.class, Trim::secret, null, Content::sameSecret)),
  CONFIG_MAP(
      "v1",
      "ConfigMap",
      "configmaps",
      Reading.REFERENCED,
      Set.of(Trait.NAMESPACED),
      new Form<>(ConfigMap.class, Trim::configMap, null, Content::sameMap));

  /** How a cluster's resources of a kind are read. */
  public enum Reading {
    /** All of them, untyped and each strictly by itself: the schema may be of another version. */
    CUSTOM,
    /** All of them, as the API server has checked them. */
    BUILT_IN,
    /** Those alone that something refers to: what they hold is secret, large or not for us. */
    REFERENCED
  }

  private enum Trait {
    NAMESPACED,
    ROUTES,
    STATUS
  }

  private final String apiVersion;
  private final String label;
  private final String plural;
  private final Reading reading;
  private final Set<Trait> traits;
  private final Form<?> form;

  Kind(
      String apiVersion,
      String label,
      String plural,
      Reading reading,
      Set<Trait> traits,
      Form<?> form) {
    this.apiVersion = apiVersion;
    this.label = label;
    this.plural = plural;
    this.reading = reading;
    this.traits = traits;
    this.form = form;
  }

  /** The kinds whose resources have rules. */
  public static List<Kind> routing() {
    return Arrays.stream(values()).filter(Kind::routes).toList();
  }

  /** The kinds into whose status a verdict is written. */
  public static List<Kind> withStatus() {
    return Arrays.stream(values()).filter(Kind::hasStatus).toList();
  }

  /** The kind of that name, as manifests and snapshots write it; null: none that matters. */
  public static @Nullable Kind labelled(String label) {
    for (Kind kind : values()) {
      if (kind.label.equals(label)) {
        return kind;
      }
    }
    return null;
  }

  /** The kind that a resource is of, if it is one that matters. */
  public static Optional<Kind> of(HasMetadata resource) {
    for (Kind kind : values()) {
      if (kind.type().isInstance(resource)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  /** Group and version as manifests state them, such as {@code networking.k8s.io/v1}. */
  public String apiVersion() {
    return apiVersion;
  }

  /** The API group; empty for the core group. */
  public String group() {
    return apiVersion.contains("/") ? apiVersion.substring(0, apiVersion.indexOf('/')) : "";
  }

  /** The version in its group, such as {@code v1}. */
  public String version() {
    return apiVersion.substring(apiVersion.indexOf('/') + 1);
  }

  /** The name as manifests write it, such as {@code WebSocketRoute}. */
  public String label() {
    return label;
  }

  /** The name as paths of the API and roles write it, such as {@code websocketroutes}. */
  public String plural() {
    return plural;
  }

  /** How a cluster's resources are read. */
  public Reading reading() {
    return reading;
  }

  /** Whether its resources live in a namespace. */
  public boolean namespaced() {
    return traits.contains(Trait.NAMESPACED);
  }

  /** Whether its resources have rules, and so claim hosts, count for quotas and are refused. */
  public boolean routes() {
    return traits.contains(Trait.ROUTES);
  }

  /** Whether its resources have a status, in which their owners are told. */
  public boolean hasStatus() {
    return traits.contains(Trait.STATUS);
  }

  /** The Java type of its resources. */
  public Class<? extends HasMetadata> type() {
    return form.type();
  }

  /**
   * A copy with what anybody here reads and nothing else: what a source of resources hands on.
   *
   * @param annotations which of them anybody reads, by their keys
   * @throws ClassCastException if the resource is of another kind
   */
  public HasMetadata trim(HasMetadata resource, Predicate<String> annotations) {
    return form.trim(resource, annotations);
  }

  /** What is known of one for which there is no room; null: it is as if it were not there. */
  @Nullable HasMetadata stub(HasMetadata resource) {
    return form.stub(resource);
  }

  /** Whether two of this kind say the same, but for their metadata. */
  boolean same(HasMetadata a, HasMetadata b) {
    return form.same(a, b);
  }

  @Override
  public String toString() {
    return label;
  }
}
