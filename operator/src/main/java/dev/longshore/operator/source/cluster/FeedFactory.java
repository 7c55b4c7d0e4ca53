package dev.longshore.operator.source.cluster;

import dev.longshore.contract.HardLimits;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.process.watch.Part;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/** Which lists and watches there are of a cluster, and what each asks the API server for. */
final class FeedFactory {
  /** With a limit informers list consistently, page by page, and never from a stale cache. */
  private static final long PAGE = HardLimits.LISTED_AT_ONCE;

  private final KubernetesClient client;
  private final Scope scope;
  private final Feed.Sink<HasMetadata> builtIn;
  private final Feed.Sink<GenericKubernetesResource> custom;
  private final Part part;

  /**
   * @param builtIn takes the API's own kinds
   * @param custom takes ours
   * @param part of the watch; hears of feeds that end
   */
  FeedFactory(
      KubernetesClient client,
      Scope scope,
      Feed.Sink<HasMetadata> builtIn,
      Feed.Sink<GenericKubernetesResource> custom,
      Part part) {
    this.client = client;
    this.scope = scope;
    this.builtIn = builtIn;
    this.custom = custom;
    this.part = part;
  }

  /** The feeds that are followed always; none is started. */
  List<Feed<?>> bulk() {
    List<Feed<?>> feeds = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      switch (kind.reading()) {
        case CUSTOM -> feeds.addAll(untyped(kind));
        case BUILT_IN -> feeds.addAll(typed(kind, kind.type(), "", UnaryOperator.identity()));
        case REFERENCED -> {} // when something refers to one
      }
    }
    feeds.addAll(
        typed(
            Kind.SECRET,
            Secret.class,
            " of type kubernetes.io/tls",
            secrets -> narrowed(secrets.withField("type", "kubernetes.io/tls"))));
    feeds.addAll(
        typed(
            Kind.SECRET,
            Secret.class,
            " labelled " + ClusterSource.WATCH_LABEL,
            secrets -> narrowed(secrets.withLabel(ClusterSource.WATCH_LABEL, "true"))));
    return feeds;
  }

  /** Feeds of a kind that the API has had for long, one for each namespace. */
  private <T extends HasMetadata> List<Feed<?>> typed(
      Kind kind,
      Class<T> type,
      String which,
      UnaryOperator<FilterWatchListDeletable<T, KubernetesResourceList<T>, Resource<T>>> narrow) {
    List<Feed<?>> feeds = new ArrayList<>();
    for (String namespace : namespaces(kind)) {
      MixedOperation<T, KubernetesResourceList<T>, Resource<T>> resources = client.resources(type);
      feeds.add(
          new Feed<>(
              feedName(kind, namespace) + which,
              kind,
              () ->
                  narrow
                      .apply(
                          narrowed(
                              namespace.isEmpty()
                                  ? resources.inAnyNamespace()
                                  : resources.inNamespace(namespace)))
                      .withLimit(PAGE),
              ref -> resources.inNamespace(ref.namespace()).withName(ref.name()).get(),
              builtIn,
              part));
    }
    return feeds;
  }

  /** Where what is narrowed down further is still of the same type, and the API's isn't. */
  @SuppressWarnings("unchecked")
  private static <T extends HasMetadata>
      FilterWatchListDeletable<T, KubernetesResourceList<T>, Resource<T>> narrowed(Object target) {
    return (FilterWatchListDeletable<T, KubernetesResourceList<T>, Resource<T>>) target;
  }

  private List<Feed<?>> untyped(Kind kind) {
    List<Feed<?>> feeds = new ArrayList<>();
    for (String namespace : namespaces(kind)) {
      feeds.add(
          new Feed<GenericKubernetesResource>(
              feedName(kind, namespace),
              kind,
              () -> {
                var resources = client.genericKubernetesResources(CustomResources.context(kind));
                return (namespace.isEmpty()
                        ? resources.inAnyNamespace()
                        : resources.inNamespace(namespace))
                    .withLimit(PAGE);
              },
              ref ->
                  client
                      .genericKubernetesResources(CustomResources.context(kind))
                      .inNamespace(ref.namespace())
                      .withName(ref.name())
                      .get(),
              custom,
              part));
    }
    return feeds;
  }

  /** The feed of one resource. */
  Feed<?> named(ResourceRef ref) {
    return named(ref, ref.kind().type());
  }

  private <T extends HasMetadata> Feed<T> named(ResourceRef ref, Class<T> type) {
    return new Feed<>(
        ref.toString(),
        ref.kind(),
        () -> {
          Informable<T> one =
              client
                  .resources(type)
                  .inNamespace(ref.namespace())
                  .withField("metadata.name", ref.name())
                  .withLimit(1L);
          return one;
        },
        wanted ->
            client.resources(type).inNamespace(wanted.namespace()).withName(wanted.name()).get(),
        builtIn,
        part);
  }

  private Set<String> namespaces(Kind kind) {
    return scope.namespaces().isEmpty() || !kind.namespaced()
        ? Set.of("")
        : new TreeSet<>(scope.namespaces());
  }

  private static String feedName(Kind kind, String namespace) {
    return kind.label()
        + (kind.label().endsWith("s") ? "es" : "s")
        + (namespace.isEmpty() ? "" : " of namespace " + namespace);
  }
}
