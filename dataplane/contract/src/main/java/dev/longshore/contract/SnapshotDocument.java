package dev.longshore.contract;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A whole snapshot as JSON has it: each kind a list sorted by key. Credentials and listeners are
 * absent when there are none, for data planes that don't know them.
 */
record SnapshotDocument(
    Version version,
    Version endpointsVersion,
    Settings settings,
    List<InternedPolicy> policies,
    List<LocationRule> rules,
    List<UpstreamPool> pools,
    List<EndpointSet> endpointSets,
    List<Certificate> certificates,
    @Nullable List<InternedCredentials> credentials,
    @Nullable List<Listener> listeners) {

  static SnapshotDocument of(RoutingSnapshot snapshot) {
    List<InternedPolicy> policies = new ArrayList<>();
    snapshot.policies().forEach((id, policy) -> policies.add(new InternedPolicy(id, policy)));
    policies.sort(Comparator.comparing(InternedPolicy::id));
    return new SnapshotDocument(
        snapshot.version(),
        snapshot.endpointsVersion(),
        snapshot.settings(),
        policies,
        sorted(snapshot.rules(), LocationRule::key, EntryOrder.RULES),
        sorted(snapshot.pools(), UpstreamPool::key, EntryOrder.POOLS),
        sorted(snapshot.endpointSets(), EndpointSet::key, EntryOrder.ENDPOINT_SETS),
        sorted(snapshot.certificates(), Certificate::key, EntryOrder.CERTIFICATES),
        snapshot.credentials().size() == 0 ? null : credentials(snapshot),
        snapshot.listeners().size() == 0
            ? null
            : sorted(snapshot.listeners(), Listener::name, Comparator.naturalOrder()));
  }

  private static List<InternedCredentials> credentials(RoutingSnapshot snapshot) {
    List<InternedCredentials> credentials = new ArrayList<>();
    snapshot
        .credentials()
        .forEach((id, shared) -> credentials.add(new InternedCredentials(id, shared.content())));
    credentials.sort(Comparator.comparing(InternedCredentials::id));
    return credentials;
  }

  /**
   * The snapshot.
   *
   * @throws SnapshotFormatException if a key is there twice, a policy is unused, or a version is
   *     not that of the content
   */
  RoutingSnapshot snapshot() throws SnapshotFormatException {
    SnapshotBuilder builder = SnapshotBuilder.from(RoutingSnapshot.EMPTY).settings(settings);
    policies.forEach(interned -> builder.policy(interned.policy()));
    List<InternedCredentials> shared = Objects.requireNonNullElse(credentials, List.of());
    shared.forEach(each -> builder.put(new SharedCredentials(each.credentials())));
    rules.forEach(builder::put);
    pools.forEach(builder::put);
    endpointSets.forEach(builder::put);
    certificates.forEach(builder::put);
    List<Listener> listening = Objects.requireNonNullElse(listeners, List.of());
    listening.forEach(builder::put);
    RoutingSnapshot snapshot = builder.build();
    checkUnique("rules", rules, LocationRule::key, snapshot.rules().size());
    checkUnique("pools", pools, UpstreamPool::key, snapshot.pools().size());
    checkUnique("endpointSets", endpointSets, EndpointSet::key, snapshot.endpointSets().size());
    checkUnique("certificates", certificates, Certificate::key, snapshot.certificates().size());
    checkUnique("listeners", listening, Listener::name, snapshot.listeners().size());
    for (int i = 0; i < policies.size(); i++) {
      if (snapshot.policies().get(policies.get(i).id()) == null) {
        throw new SnapshotFormatException("policies[" + i + "]", "no rule refers to it");
      }
    }
    checkUnique("policies", policies, InternedPolicy::id, snapshot.policies().size());
    for (int i = 0; i < shared.size(); i++) {
      if (snapshot.credentials().get(shared.get(i).id()) == null) {
        throw new SnapshotFormatException("credentials[" + i + "]", "no pool refers to it");
      }
    }
    checkUnique("credentials", shared, InternedCredentials::id, snapshot.credentials().size());
    checkVersion("version", version, snapshot.version());
    checkVersion("endpointsVersion", endpointsVersion, snapshot.endpointsVersion());
    return snapshot;
  }

  private static void checkVersion(String path, Version said, Version is)
      throws SnapshotFormatException {
    if (!said.equals(is)) {
      throw new SnapshotFormatException(path, "is not that of the content, which is " + is);
    }
  }

  private static <E> void checkUnique(
      String path, List<E> entries, Function<E, ?> key, int distinct)
      throws SnapshotFormatException {
    if (entries.size() == distinct) {
      return;
    }
    Set<Object> seen = new HashSet<>();
    for (int i = 0; i < entries.size(); i++) {
      if (!seen.add(key.apply(entries.get(i)))) {
        throw new SnapshotFormatException(path + "[" + i + "]", "its key is there twice");
      }
    }
  }

  private static <K, V> List<V> sorted(
      PersistentMap<K, V> map, Function<V, K> key, Comparator<K> order) {
    List<V> values = new ArrayList<>(map.size());
    map.forEach((k, value) -> values.add(value));
    values.sort(Comparator.comparing(key, order));
    return values;
  }
}
