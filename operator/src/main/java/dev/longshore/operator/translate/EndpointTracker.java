package dev.longshore.operator.translate;

import dev.longshore.contract.Endpoint.State;
import dev.longshore.contract.EndpointSet;
import dev.longshore.contract.EndpointSetKey;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the endpoint sets that resources refer to, from EndpointSlices and fixed lists. They change
 * most, so nothing else is looked at when they do.
 */
final class EndpointTracker {
  private static final String SERVICE_LABEL = "kubernetes.io/service-name";

  private final ServiceEndpoints serviceEndpoints;
  private final Map<ResourceRef, TreeMap<ResourceRef, EndpointSlice>> slices = new HashMap<>();
  private final Map<EndpointSetKey, Set<ResourceRef>> users = new HashMap<>();
  private final Map<ResourceRef, Set<EndpointSetKey>> keys = new HashMap<>();
  private final Map<EndpointSetKey, EndpointSet> sets = new HashMap<>();
  private Set<EndpointSetKey> dirtySets = new HashSet<>();
  private Set<ResourceRef> dirtySlices = new HashSet<>();

  EndpointTracker(TranslatorOptions options) {
    this.serviceEndpoints = new ServiceEndpoints(options);
  }

  /** A slice was added, changed or removed. */
  void slice(ResourceRef ref, @Nullable EndpointSlice older, @Nullable EndpointSlice newer) {
    ResourceRef before = older == null ? null : service(ref, older);
    ResourceRef now = newer == null ? null : service(ref, newer);
    dirtySlices.add(ref);
    if (before != null) {
      TreeMap<ResourceRef, EndpointSlice> siblings = Objects.requireNonNull(slices.get(before));
      siblings.remove(ref);
      if (siblings.isEmpty()) {
        slices.remove(before);
      }
      service(before);
    }
    if (now != null && newer != null) {
      slices.computeIfAbsent(now, service -> new TreeMap<>()).put(ref, newer);
      service(now);
    }
  }

  /** A Service was added, changed or removed, or its slices were. */
  void service(ResourceRef service) {
    dirtySets.addAll(keys.getOrDefault(service, Set.of()));
  }

  /** A resource's pools are others than before; null for none. */
  void replace(ResourceRef resource, @Nullable Claims older, @Nullable Claims newer) {
    if (older != null) {
      older.pools().values().forEach(pool -> release(resource, pool));
    }
    if (newer != null) {
      newer.pools().values().forEach(pool -> retain(resource, pool));
    }
  }

  /** Gathers again what may have changed; returns the sets that have. */
  Set<EndpointSetKey> settle(View view) {
    Set<EndpointSetKey> changed = new HashSet<>();
    for (EndpointSetKey key : dirtySets) {
      if (!users.containsKey(key)) {
        continue;
      }
      ResourceRef service = service(key);
      EndpointSet set =
          serviceEndpoints.gather(
              key, view.services().get(service), slices.getOrDefault(service, new TreeMap<>()));
      if (!set.equals(sets.put(key, set))) {
        changed.add(key);
      }
    }
    dirtySets = new HashSet<>();
    return changed;
  }

  /** The endpoints of a set that a resource uses. */
  EndpointSet set(EndpointSetKey key) {
    return Objects.requireNonNull(sets.get(key));
  }

  boolean isReady(PoolClaim pool) {
    return set(pool.pool().endpoints()).endpoints().stream()
        .anyMatch(endpoint -> endpoint.state() == State.READY);
  }

  /** The resources that use a set. */
  Set<ResourceRef> users(EndpointSetKey key) {
    return users.getOrDefault(key, Set.of());
  }

  /** The slices whose verdict may be another; only those of Services that are used have one. */
  Set<ResourceRef> takeDirtySlices() {
    Set<ResourceRef> taken = dirtySlices;
    dirtySlices = new HashSet<>();
    return taken;
  }

  /** What of a slice can't be used; nothing when nobody uses its Service. */
  Problems judge(ResourceRef ref, @Nullable EndpointSlice slice) {
    ResourceRef service = slice == null ? null : service(ref, slice);
    return slice == null || service == null || !keys.containsKey(service)
        ? new Problems()
        : serviceEndpoints.judge(slice);
  }

  private void retain(ResourceRef resource, PoolClaim pool) {
    EndpointSetKey key = pool.pool().endpoints();
    users.computeIfAbsent(key, added -> new HashSet<>()).add(resource);
    if (pool.fixed() != null) {
      sets.put(key, pool.fixed());
      return;
    }
    dirtySets.add(key);
    ResourceRef service = service(key);
    if (keys.computeIfAbsent(service, added -> new HashSet<>()).add(key)) {
      dirtySlices.addAll(slices.getOrDefault(service, new TreeMap<>()).keySet());
    }
  }

  private void release(ResourceRef resource, PoolClaim pool) {
    EndpointSetKey key = pool.pool().endpoints();
    Set<ResourceRef> left = users.get(key);
    if (left == null || !left.remove(resource) || !left.isEmpty()) {
      return;
    }
    users.remove(key);
    sets.remove(key);
    ResourceRef service = service(key);
    Set<EndpointSetKey> siblings = keys.get(service);
    if (siblings != null && siblings.remove(key) && siblings.isEmpty()) {
      keys.remove(service);
      dirtySlices.addAll(slices.getOrDefault(service, new TreeMap<>()).keySet());
    }
  }

  private static ResourceRef service(EndpointSetKey key) {
    return new ResourceRef(Kind.SERVICE, key.namespace(), key.service());
  }

  private static @Nullable ResourceRef service(ResourceRef ref, EndpointSlice slice) {
    Map<String, String> labels = slice.getMetadata().getLabels();
    String name = labels == null ? null : labels.get(SERVICE_LABEL);
    return name == null ? null : new ResourceRef(Kind.SERVICE, ref.namespace(), name);
  }
}
