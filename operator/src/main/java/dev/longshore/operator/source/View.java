package dev.longshore.operator.source;

import dev.longshore.api.v1alpha1.LongshoreConfig;
import dev.longshore.api.v1alpha1.WebSocketRoute;
import dev.longshore.contract.PersistentMap;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The resources that matter at one moment. Immutable; successors share structure, so that adding
 * one resource, and finding what differs between two views, costs time proportional to the change.
 *
 * <p>Resources are held as they are: whoever hands one in must not change it afterwards.
 *
 * @param resources of every kind, each under its own; all of a kind's are of {@link Kind#type}
 * @param refused routes, Ingresses and LongshoreConfigs of the above that could not be read as they
 *     are written, with the reason: their rules, or those that have their default policy from them,
 *     keep their place, but nothing of them is served
 * @param unheld resources for which their namespace has no room, with the reason: of routes,
 *     Ingresses and EndpointSlices the above have stubs, of others nothing
 * @param surroundings what matters besides
 */
public record View(
    Map<Kind, PersistentMap<ResourceRef, HasMetadata>> resources,
    PersistentMap<ResourceRef, String> refused,
    PersistentMap<ResourceRef, String> unheld,
    Surroundings surroundings) {

  /** The view of nothing. */
  public static final View EMPTY =
      new View(nothing(), PersistentMap.empty(), PersistentMap.empty(), Surroundings.NONE);

  private static Map<Kind, PersistentMap<ResourceRef, HasMetadata>> nothing() {
    Map<Kind, PersistentMap<ResourceRef, HasMetadata>> nothing = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      nothing.put(kind, PersistentMap.empty());
    }
    return Collections.unmodifiableMap(nothing);
  }

  /** All resources of a kind. */
  public PersistentMap<ResourceRef, HasMetadata> of(Kind kind) {
    return resources.getOrDefault(kind, PersistentMap.empty());
  }

  /** All WebSocketRoutes. */
  public PersistentMap<ResourceRef, WebSocketRoute> routes() {
    return typed(Kind.WEB_SOCKET_ROUTE);
  }

  /** All LongshoreConfigs. */
  public PersistentMap<ResourceRef, LongshoreConfig> configs() {
    return typed(Kind.LONGSHORE_CONFIG);
  }

  /** All Ingresses. */
  public PersistentMap<ResourceRef, Ingress> ingresses() {
    return typed(Kind.INGRESS);
  }

  /** All IngressClasses. */
  public PersistentMap<ResourceRef, IngressClass> ingressClasses() {
    return typed(Kind.INGRESS_CLASS);
  }

  /** All Services. */
  public PersistentMap<ResourceRef, Service> services() {
    return typed(Kind.SERVICE);
  }

  /** All EndpointSlices. */
  public PersistentMap<ResourceRef, EndpointSlice> endpointSlices() {
    return typed(Kind.ENDPOINT_SLICE);
  }

  /** The Secrets that may be referenced. */
  public PersistentMap<ResourceRef, Secret> secrets() {
    return typed(Kind.SECRET);
  }

  /** The ConfigMaps that may be referenced. */
  public PersistentMap<ResourceRef, ConfigMap> configMaps() {
    return typed(Kind.CONFIG_MAP);
  }

  /** A name's kind is its resource's ({@link ResourceRef#of}), and the map can only be read. */
  @SuppressWarnings("unchecked")
  private <T extends HasMetadata> PersistentMap<ResourceRef, T> typed(Kind kind) {
    return (PersistentMap<ResourceRef, T>) of(kind);
  }

  /**
   * A view that also holds the resource, in place of one of the same name; this one when it holds
   * one of the same content (whatever resourceVersion, managedFields and status say).
   *
   * @throws IllegalArgumentException if the kind doesn't matter or the resource has no name
   */
  public View with(HasMetadata resource) {
    ResourceRef ref = ResourceRef.of(resource);
    HasMetadata present = get(ref);
    boolean same =
        present != null
            && Content.equal(present, resource)
            && refused.get(ref) == null
            && unheld.get(ref) == null;
    return same ? this : edit(ref, resource, refused.without(ref), unheld.without(ref));
  }

  /**
   * A view with what could be read of a resource whose author meant more, in place of one of the
   * same name. Its rules keep their place and answer 503: to serve the rest would leave out, say,
   * the access list with the spelling mistake. Of a LongshoreConfig it is the rules that have their
   * default policy from it.
   *
   * @param why what could not be read, and where
   * @throws IllegalArgumentException if it is of a kind that has no status, in which its owner
   *     would be told, or has no name
   */
  public View withRefused(HasMetadata remainder, String why) {
    ResourceRef ref = ResourceRef.of(remainder);
    if (!ref.kind().hasStatus()) {
      throw new IllegalArgumentException(ref + " decides about no rules");
    }
    return edit(ref, remainder, refused.with(ref, why), unheld.without(ref));
  }

  /**
   * A view that knows of the resource and doesn't hold it: nothing of it is served.
   *
   * @param why there is no room, for its owner
   * @throws IllegalArgumentException if the kind doesn't matter or the resource has no name
   */
  public View withoutRoom(HasMetadata resource, String why) {
    ResourceRef ref = ResourceRef.of(resource);
    HasMetadata stub = Stub.of(resource);
    HasMetadata present = get(ref);
    boolean same =
        why.equals(unheld.get(ref))
            && (stub == null || (present != null && Content.equal(present, stub)));
    return same ? this : edit(ref, stub, refused.without(ref), unheld.with(ref, why));
  }

  /** A view without the resource; this one when it has none of that name. */
  public View without(ResourceRef ref) {
    return get(ref) == null && unheld.get(ref) == null
        ? this
        : edit(ref, null, refused.without(ref), unheld.without(ref));
  }

  /** A view that has of one resource what another view has, its place included, if it has any. */
  public View with(ResourceRef ref, View other) {
    return edit(
            ref,
            other.get(ref),
            put(refused, ref, other.refused.get(ref)),
            put(unheld, ref, other.unheld.get(ref)))
        .in(surroundings.placed(ref, other.surroundings.places().get(ref)));
  }

  /** Names every resource of which another view has something else. Cost: their number. */
  public void diff(View other, Consumer<ResourceRef> changed) {
    for (Kind kind : Kind.values()) {
      of(kind).diff(other.of(kind), (ref, before, now) -> changed.accept(ref));
    }
    refused.diff(other.refused, (ref, before, now) -> changed.accept(ref));
    unheld.diff(other.unheld, (ref, before, now) -> changed.accept(ref));
    surroundings
        .places()
        .diff(other.surroundings.places(), (ref, before, now) -> changed.accept(ref));
  }

  /** A view of the same resources in other surroundings; this one if they are the same. */
  public View in(Surroundings newer) {
    return newer == surroundings ? this : new View(resources, refused, unheld, newer);
  }

  /**
   * A view with nothing but what anybody reads, as a cluster's sources hand it on.
   *
   * @param annotations which of them anybody reads, by their keys
   */
  public View trimmed(Predicate<String> annotations) {
    Map<Kind, PersistentMap<ResourceRef, HasMetadata>> trimmed = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      PersistentMap<ResourceRef, HasMetadata> of = PersistentMap.empty();
      for (Map.Entry<ResourceRef, HasMetadata> each : of(kind)) {
        of = of.with(each.getKey(), kind.trim(each.getValue(), annotations));
      }
      trimmed.put(kind, of);
    }
    return new View(Collections.unmodifiableMap(trimmed), refused, unheld, surroundings);
  }

  /** The resource of that name, or null. */
  public @Nullable HasMetadata get(ResourceRef ref) {
    return of(ref.kind()).get(ref);
  }

  /** How many resources there are. */
  public int size() {
    return resources.values().stream().mapToInt(PersistentMap::size).sum();
  }

  /** Counts only: Secrets are among the resources. */
  @Override
  public String toString() {
    return "View of " + size() + " resources";
  }

  private View edit(
      ResourceRef ref,
      @Nullable HasMetadata resource,
      PersistentMap<ResourceRef, String> refusedNow,
      PersistentMap<ResourceRef, String> unheldNow) {
    Map<Kind, PersistentMap<ResourceRef, HasMetadata>> now = new EnumMap<>(resources);
    now.put(ref.kind(), put(of(ref.kind()), ref, resource));
    return new View(Collections.unmodifiableMap(now), refusedNow, unheldNow, surroundings);
  }

  /** What is there already may be equal, and still be another. */
  private static <T> PersistentMap<ResourceRef, T> put(
      PersistentMap<ResourceRef, T> map, ResourceRef ref, @Nullable T value) {
    return value == null ? map.without(ref) : map.without(ref).with(ref, value);
  }
}
