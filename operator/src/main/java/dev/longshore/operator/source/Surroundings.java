package dev.longshore.operator.source;

import dev.longshore.contract.PersistentMap;
import org.jspecify.annotations.Nullable;

/**
 * What matters besides the resources that users write. Part of the view, so that every replica, and
 * one that was restarted, makes the same of the same.
 *
 * @param tenures whom hosts belong to, by host or wildcard
 * @param own where Longshore itself listens
 * @param places of a folder's routes and Ingresses: file and position, which sort in the order in
 *     which they stand there; none in a cluster
 */
public record Surroundings(
    PersistentMap<String, HostTenure> tenures,
    OwnAddresses own,
    PersistentMap<ResourceRef, String> places) {
  /** Nothing is known. */
  public static final Surroundings NONE =
      new Surroundings(PersistentMap.empty(), OwnAddresses.NONE, PersistentMap.empty());

  /** The same with other tenures. */
  public Surroundings with(PersistentMap<String, HostTenure> newer) {
    return newer == tenures ? this : new Surroundings(newer, own, places);
  }

  /** The same with other addresses of our own. */
  public Surroundings with(OwnAddresses newer) {
    return newer.equals(own) ? this : new Surroundings(tenures, newer, places);
  }

  /** The same with a resource at another place; null: at none. */
  public Surroundings placed(ResourceRef ref, @Nullable String place) {
    PersistentMap<ResourceRef, String> newer =
        place == null ? places.without(ref) : places.with(ref, place);
    return newer == places ? this : new Surroundings(tenures, own, newer);
  }
}
