package dev.longshore.operator.status;

import dev.longshore.api.v1alpha1.WebSocketRouteStatus.Address;
import dev.longshore.contract.Version;
import dev.longshore.operator.source.ResourceRef;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The data planes at one moment.
 *
 * @param ready names of those that are ready, by the EndpointSlices of their Service: whoever
 *     counts for "all"
 * @param applied what each serves, as far as it has reported to this replica
 * @param rejected what of a resource some data plane refused, and why
 * @param addresses where clients reach them
 */
public record DataPlanes(
    Set<String> ready,
    Map<String, Applied> applied,
    Map<ResourceRef, String> rejected,
    List<Address> addresses) {
  /** None. */
  public static final DataPlanes NONE = new DataPlanes(Set.of(), Map.of(), Map.of(), List.of());

  /**
   * What one data plane serves.
   *
   * @param rules version of its rules; null: it has none
   * @param sequence the newest of this replica's publications that it serves; 0: none
   */
  public record Applied(@Nullable Version rules, long sequence) {}

  public DataPlanes {
    ready = Set.copyOf(ready);
    applied = Map.copyOf(applied);
    rejected = Map.copyOf(rejected);
    addresses = List.copyOf(addresses);
  }
}
