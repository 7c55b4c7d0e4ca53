package dev.longshore.operator.translate.upstream;

import dev.longshore.contract.Endpoint;
import dev.longshore.contract.Endpoint.State;
import dev.longshore.contract.EndpointSet;
import dev.longshore.contract.EndpointSetKey;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.OwnAddresses;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.claim.Claims;
import dev.longshore.operator.translate.claim.PoolClaim;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.operator.translate.verdict.Faults;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Reason;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the endpoint sets that resources refer to, from EndpointSlices and fixed lists. They change
 * most, so nothing else is looked at when they do.
 */
public final class EndpointTracker {
  private static final String SERVICE_LABEL = "kubernetes.io/service-name";

  private final ServiceEndpoints serviceEndpoints;
  private final Faults faults;
  private final Map<ResourceRef, TreeMap<ResourceRef, EndpointSlice>> slices = new HashMap<>();
  private final Map<EndpointSetKey, Set<ResourceRef>> users = new HashMap<>();
  private final Map<ResourceRef, Set<EndpointSetKey>> keys = new HashMap<>();
  private final Map<EndpointSetKey, EndpointSet> fixed = new HashMap<>();
  private final Map<EndpointSetKey, EndpointSet> sets = new HashMap<>();

  /** Why something was left out of a set that leads to Longshore itself. */
  private final Map<EndpointSetKey, String> refusals = new HashMap<>();

  private OwnAddresses own = OwnAddresses.NONE;
  private Set<EndpointSetKey> dirtySets = new HashSet<>();
  private Set<ResourceRef> dirtySlices = new HashSet<>();
  private final Map<ResourceRef, Integer> slots = new HashMap<>();
  private Set<ResourceRef> grown = new HashSet<>();

  public EndpointTracker(TranslatorOptions options, Faults faults) {
    this.faults = faults;
    this.serviceEndpoints = new ServiceEndpoints(options);
  }

  /** A slice was added, changed or removed. */
  public void slice(ResourceRef ref, @Nullable EndpointSlice older, @Nullable EndpointSlice newer) {
    ResourceRef before = older == null ? null : service(ref, older);
    ResourceRef now = newer == null ? null : service(ref, newer);
    dirtySlices.add(ref);
    if (before != null) {
      slots(before, -size(older));
      TreeMap<ResourceRef, EndpointSlice> siblings = Objects.requireNonNull(slices.get(before));
      siblings.remove(ref);
      if (siblings.isEmpty()) {
        slices.remove(before);
      }
      service(before);
    }
    if (now != null && newer != null) {
      slots(now, size(newer));
      slices.computeIfAbsent(now, service -> new TreeMap<>()).put(ref, newer);
      service(now);
    }
  }

  /** A slice is held, or not any more. */
  public void unheld(ResourceRef ref) {
    dirtySlices.add(ref);
  }

  private void slots(ResourceRef service, int change) {
    if (change != 0) {
      grown.add(service);
      if (slots.merge(service, change, Integer::sum) == 0) {
        slots.remove(service);
      }
    }
  }

  /** Each address of an entry becomes an endpoint, and the API takes a hundred. */
  private static int size(@Nullable EndpointSlice slice) {
    int addresses = 0;
    if (slice != null && slice.getEndpoints() != null) {
      for (var endpoint : slice.getEndpoints()) {
        addresses +=
            endpoint == null || endpoint.getAddresses() == null
                ? 0
                : endpoint.getAddresses().size();
      }
    }
    return addresses;
  }

  /**
   * The Services that are used and whose slices have more or fewer endpoints than at the last call.
   */
  public Set<ResourceRef> takeGrown() {
    Set<ResourceRef> taken = grown;
    grown = new HashSet<>();
    return taken;
  }

  /** How many endpoints pools with these sets have together, at most. */
  public long atMost(List<EndpointSetKey> sets) {
    return sets.stream().mapToLong(set -> slots.getOrDefault(service(set), 0)).sum();
  }

  /** A Service was added, changed or removed, or its slices were. */
  public void service(ResourceRef service) {
    dirtySets.addAll(keys.getOrDefault(service, Set.of()));
  }

  /** Sets where Longshore itself listens; every set may have some of that. */
  public void own(OwnAddresses newer) {
    if (!newer.equals(own)) {
      own = newer;
      dirtySets.addAll(users.keySet());
    }
  }

  /** A resource's pools are others than before; null for none. */
  public void replace(ResourceRef resource, @Nullable Claims older, @Nullable Claims newer) {
    if (older != null) {
      older.pools().values().forEach(pool -> release(resource, pool));
    }
    if (newer != null) {
      newer.pools().values().forEach(pool -> retain(resource, pool));
    }
  }

  /** Gathers again what may have changed; returns the sets that have. */
  public Set<EndpointSetKey> settle(View view) {
    Set<EndpointSetKey> changed = new HashSet<>();
    for (EndpointSetKey key : dirtySets) {
      if (!users.containsKey(key)) {
        continue;
      }
      String before = refusals.remove(key);
      EndpointSet set = withoutOwn(gathered(key, view));
      boolean news = !set.equals(sets.put(key, set));
      if (news || !Objects.equals(before, refusals.get(key))) {
        changed.add(key);
      }
    }
    dirtySets = new HashSet<>();
    return changed;
  }

  /** One Service of which a bug comes to light has no endpoint, and all others theirs. */
  private EndpointSet gathered(EndpointSetKey key, View view) {
    try {
      return gather(key, view);
    } catch (RuntimeException | StackOverflowError e) {
      faults.failed(service(key), e);
      return new EndpointSet(key, List.of());
    }
  }

  private EndpointSet gather(EndpointSetKey key, View view) {
    EndpointSet listed = fixed.get(key);
    if (listed != null) {
      return listed;
    }
    ResourceRef ref = service(key);
    Service service = view.services().get(ref);
    String name = service == null ? null : ServicePorts.externalName(service);
    if (name != null && own.names().contains(name)) {
      refusals.put(key, name);
      return new EndpointSet(key, List.of());
    }
    return serviceEndpoints.gather(key, service, slices.getOrDefault(ref, new TreeMap<>()));
  }

  private EndpointSet withoutOwn(EndpointSet set) {
    List<Endpoint> others =
        set.endpoints().stream().filter(e -> !own.has(e.address(), e.port())).toList();
    if (others.size() == set.endpoints().size()) {
      return set;
    }
    Endpoint first =
        set.endpoints().stream()
            .filter(e -> own.has(e.address(), e.port()))
            .findFirst()
            .orElseThrow();
    refusals.put(set.key(), first.address() + " port " + first.port());
    return new EndpointSet(set.key(), others);
  }

  /** The first endpoint of a pool that was left out for being Longshore itself; null: none. */
  public @Nullable String refused(PoolClaim pool) {
    return refusals.get(pool.pool().endpoints());
  }

  /** Whether a pool has no endpoint but Longshore itself. */
  public boolean isRefused(PoolClaim pool) {
    return refused(pool) != null && set(pool.pool().endpoints()).endpoints().isEmpty();
  }

  /** The endpoints of a set that a resource uses. */
  public EndpointSet set(EndpointSetKey key) {
    return Objects.requireNonNull(sets.get(key));
  }

  /**
   * Whether the Services of a pool are known, and those that it can have no endpoints of are told.
   */
  public boolean isReady(PoolClaim pool) {
    return set(pool.pool().endpoints()).endpoints().stream()
        .anyMatch(endpoint -> endpoint.state() == State.READY);
  }

  /** The resources that use a set. */
  public Set<ResourceRef> users(EndpointSetKey key) {
    return users.getOrDefault(key, Set.of());
  }

  /** The slices whose verdict may be another; only those of Services that are used have one. */
  public Set<ResourceRef> takeDirtySlices() {
    Set<ResourceRef> taken = dirtySlices;
    dirtySlices = new HashSet<>();
    return taken;
  }

  /**
   * What of a slice can't be used; nothing when nobody uses its Service.
   *
   * @param unheld why nothing of it is there; null: it is
   */
  public Problems judge(ResourceRef ref, @Nullable EndpointSlice slice, @Nullable String unheld) {
    ResourceRef service = slice == null ? null : service(ref, slice);
    if (slice == null || service == null || !keys.containsKey(service)) {
      return new Problems();
    }
    if (unheld == null) {
      return serviceEndpoints.judge(slice);
    }
    Problems problems = new Problems();
    problems.fault(Reason.NOT_ALLOWED, "endpoints", unheld);
    return problems;
  }

  private void retain(ResourceRef resource, PoolClaim pool) {
    EndpointSetKey key = pool.pool().endpoints();
    users.computeIfAbsent(key, added -> new HashSet<>()).add(resource);
    dirtySets.add(key);
    if (pool.fixed() != null) {
      fixed.put(key, pool.fixed());
      return;
    }
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
    fixed.remove(key);
    refusals.remove(key);
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
