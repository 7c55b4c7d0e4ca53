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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The resources that matter at one moment. Immutable; successors share structure, so that adding
 * one resource, and finding what differs between two views, costs time proportional to the change.
 *
 * <p>Resources are held as they are: whoever hands one in must not change it afterwards.
 *
 * @param routes all WebSocketRoutes
 * @param configs all LongshoreConfigs
 * @param ingresses all Ingresses
 * @param ingressClasses all IngressClasses
 * @param services all Services
 * @param endpointSlices all EndpointSlices
 * @param secrets the Secrets that may be referenced
 * @param configMaps the ConfigMaps that may be referenced
 * @param refused routes, Ingresses and LongshoreConfigs of the above that could not be read as they
 *     are written, with the reason: their rules, or those that have their default policy from them,
 *     keep their place, but nothing of them is served
 * @param unheld resources for which their namespace has no room, with the reason: of routes,
 *     Ingresses and EndpointSlices the above have stubs, of others nothing
 * @param surroundings what matters besides
 */
public record View(
    PersistentMap<ResourceRef, WebSocketRoute> routes,
    PersistentMap<ResourceRef, LongshoreConfig> configs,
    PersistentMap<ResourceRef, Ingress> ingresses,
    PersistentMap<ResourceRef, IngressClass> ingressClasses,
    PersistentMap<ResourceRef, Service> services,
    PersistentMap<ResourceRef, EndpointSlice> endpointSlices,
    PersistentMap<ResourceRef, Secret> secrets,
    PersistentMap<ResourceRef, ConfigMap> configMaps,
    PersistentMap<ResourceRef, String> refused,
    PersistentMap<ResourceRef, String> unheld,
    Surroundings surroundings) {

  /** The view of nothing. */
  public static final View EMPTY =
      new View(
          PersistentMap.empty(),
          PersistentMap.empty(),
          PersistentMap.empty(),
          PersistentMap.empty(),
          PersistentMap.empty(),
          PersistentMap.empty(),
          PersistentMap.empty(),
          PersistentMap.empty(),
          PersistentMap.empty(),
          PersistentMap.empty(),
          Surroundings.NONE);

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
   * @throws IllegalArgumentException if it is neither a WebSocketRoute nor an Ingress nor a
   *     LongshoreConfig, or has no name
   */
  public View withRefused(HasMetadata remainder, String why) {
    ResourceRef ref = ResourceRef.of(remainder);
    switch (ref.kind()) {
      case WEB_SOCKET_ROUTE, INGRESS, LONGSHORE_CONFIG -> {}
      case INGRESS_CLASS, SERVICE, ENDPOINT_SLICE, SECRET, CONFIG_MAP ->
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
    routes.diff(other.routes, (ref, before, now) -> changed.accept(ref));
    configs.diff(other.configs, (ref, before, now) -> changed.accept(ref));
    ingresses.diff(other.ingresses, (ref, before, now) -> changed.accept(ref));
    ingressClasses.diff(other.ingressClasses, (ref, before, now) -> changed.accept(ref));
    services.diff(other.services, (ref, before, now) -> changed.accept(ref));
    endpointSlices.diff(other.endpointSlices, (ref, before, now) -> changed.accept(ref));
    secrets.diff(other.secrets, (ref, before, now) -> changed.accept(ref));
    configMaps.diff(other.configMaps, (ref, before, now) -> changed.accept(ref));
    refused.diff(other.refused, (ref, before, now) -> changed.accept(ref));
    unheld.diff(other.unheld, (ref, before, now) -> changed.accept(ref));
    surroundings
        .places()
        .diff(other.surroundings.places(), (ref, before, now) -> changed.accept(ref));
  }

  /** A view of the same resources in other surroundings; this one if they are the same. */
  public View in(Surroundings newer) {
    return newer == surroundings
        ? this
        : new View(
            routes,
            configs,
            ingresses,
            ingressClasses,
            services,
            endpointSlices,
            secrets,
            configMaps,
            refused,
            unheld,
            newer);
  }

  /** The resource of that name, or null. */
  public @Nullable HasMetadata get(ResourceRef ref) {
    return switch (ref.kind()) {
      case WEB_SOCKET_ROUTE -> routes.get(ref);
      case LONGSHORE_CONFIG -> configs.get(ref);
      case INGRESS -> ingresses.get(ref);
      case INGRESS_CLASS -> ingressClasses.get(ref);
      case SERVICE -> services.get(ref);
      case ENDPOINT_SLICE -> endpointSlices.get(ref);
      case SECRET -> secrets.get(ref);
      case CONFIG_MAP -> configMaps.get(ref);
    };
  }

  /** How many resources there are. */
  public int size() {
    return routes.size()
        + configs.size()
        + ingresses.size()
        + ingressClasses.size()
        + services.size()
        + endpointSlices.size()
        + secrets.size()
        + configMaps.size();
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
    Kind kind = ref.kind();
    return new View(
        kind == Kind.WEB_SOCKET_ROUTE ? put(routes, ref, (WebSocketRoute) resource) : routes,
        kind == Kind.LONGSHORE_CONFIG ? put(configs, ref, (LongshoreConfig) resource) : configs,
        kind == Kind.INGRESS ? put(ingresses, ref, (Ingress) resource) : ingresses,
        kind == Kind.INGRESS_CLASS
            ? put(ingressClasses, ref, (IngressClass) resource)
            : ingressClasses,
        kind == Kind.SERVICE ? put(services, ref, (Service) resource) : services,
        kind == Kind.ENDPOINT_SLICE
            ? put(endpointSlices, ref, (EndpointSlice) resource)
            : endpointSlices,
        kind == Kind.SECRET ? put(secrets, ref, (Secret) resource) : secrets,
        kind == Kind.CONFIG_MAP ? put(configMaps, ref, (ConfigMap) resource) : configMaps,
        refusedNow,
        unheldNow,
        surroundings);
  }

  private static <T> PersistentMap<ResourceRef, T> put(
      PersistentMap<ResourceRef, T> map, ResourceRef ref, @Nullable T resource) {
    return resource == null ? map.without(ref) : map.without(ref).with(ref, resource);
  }
}
