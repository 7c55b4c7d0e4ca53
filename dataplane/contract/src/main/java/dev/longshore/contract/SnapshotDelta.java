package dev.longshore.contract;

import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.policy.Policy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What leads from one snapshot to another. Both making and applying one cost time proportional to
 * the change.
 *
 * @param base the versions it is applied to, and to no others
 * @param target the versions that it leads to; verified
 * @param upserts entries that are new or changed
 * @param removals keys of entries that went
 */
public record SnapshotDelta(Versions base, Versions target, Upserts upserts, Removals removals) {

  /**
   * The versions of a snapshot.
   *
   * @param version of everything but the endpoint sets
   * @param endpointsVersion of the endpoint sets
   */
  public record Versions(Version version, Version endpointsVersion) {
    /** The versions of this snapshot. */
    public static Versions of(RoutingSnapshot snapshot) {
      return new Versions(snapshot.version(), snapshot.endpointsVersion());
    }

    @Override
    public String toString() {
      return version.brief() + "/" + endpointsVersion.brief();
    }
  }

  /**
   * Entries that are new or changed, each kind sorted by key.
   *
   * @param settings null: as they were
   * @param policies those that the rules need and the base does not have
   * @param rules whole, not their differences
   * @param pools likewise
   * @param endpointSets likewise
   * @param certificates likewise
   * @param credentials those that the pools need and the base does not have; null: none, for data
   *     planes that don't know them
   * @param listeners null: none is new or changed, likewise
   */
  public record Upserts(
      @Nullable Settings settings,
      List<InternedPolicy> policies,
      List<LocationRule> rules,
      List<UpstreamPool> pools,
      List<EndpointSet> endpointSets,
      List<Certificate> certificates,
      @Nullable List<InternedCredentials> credentials,
      @Nullable List<Listener> listeners) {
    public Upserts {
      policies = List.copyOf(policies);
      rules = List.copyOf(rules);
      pools = List.copyOf(pools);
      endpointSets = List.copyOf(endpointSets);
      certificates = List.copyOf(certificates);
      credentials = credentials == null || credentials.isEmpty() ? null : List.copyOf(credentials);
      listeners = listeners == null || listeners.isEmpty() ? null : List.copyOf(listeners);
    }

    /** Those of {@code credentials}, if any. */
    List<InternedCredentials> newCredentials() {
      return credentials == null ? List.of() : credentials;
    }

    /** Those of {@code listeners}, if any. */
    List<Listener> newListeners() {
      return listeners == null ? List.of() : listeners;
    }

    private boolean isEmpty() {
      return settings == null
          && credentials == null
          && listeners == null
          && policies.isEmpty()
          && rules.isEmpty()
          && pools.isEmpty()
          && endpointSets.isEmpty()
          && certificates.isEmpty();
    }
  }

  /**
   * Keys of entries that went, each kind sorted. A policy goes with the last rule that refers to
   * it, and credentials with the last pool, so none is named here.
   *
   * @param rules keys of rules
   * @param pools keys of pools
   * @param endpointSets keys of endpoint sets
   * @param certificates keys of certificates
   * @param listeners names of listeners; null: none, for data planes that don't know them
   */
  public record Removals(
      List<RuleKey> rules,
      List<PoolKey> pools,
      List<EndpointSetKey> endpointSets,
      List<CertificateKey> certificates,
      @Nullable List<String> listeners) {
    public Removals {
      rules = List.copyOf(rules);
      pools = List.copyOf(pools);
      endpointSets = List.copyOf(endpointSets);
      certificates = List.copyOf(certificates);
      listeners = listeners == null || listeners.isEmpty() ? null : List.copyOf(listeners);
    }

    /** Those of {@code listeners}, if any. */
    List<String> goneListeners() {
      return listeners == null ? List.of() : listeners;
    }

    private boolean isEmpty() {
      return rules.isEmpty()
          && pools.isEmpty()
          && endpointSets.isEmpty()
          && certificates.isEmpty()
          && listeners == null;
    }
  }

  /** The difference between two snapshots; parts that both share are skipped. */
  public static SnapshotDelta between(RoutingSnapshot older, RoutingSnapshot newer) {
    Changes<RuleKey, LocationRule> rules =
        Changes.between(older.rules(), newer.rules(), EntryOrder.RULES);
    Changes<PoolKey, UpstreamPool> pools =
        Changes.between(older.pools(), newer.pools(), EntryOrder.POOLS);
    Changes<EndpointSetKey, EndpointSet> endpointSets =
        Changes.between(older.endpointSets(), newer.endpointSets(), EntryOrder.ENDPOINT_SETS);
    Changes<CertificateKey, Certificate> certificates =
        Changes.between(older.certificates(), newer.certificates(), EntryOrder.CERTIFICATES);
    Changes<String, Policy> policies =
        Changes.between(older.policies(), newer.policies(), Comparator.naturalOrder());
    Changes<String, SharedCredentials> credentials =
        Changes.between(older.credentials(), newer.credentials(), Comparator.naturalOrder());
    Changes<String, Listener> listeners =
        Changes.between(older.listeners(), newer.listeners(), Comparator.naturalOrder());
    return new SnapshotDelta(
        Versions.of(older),
        Versions.of(newer),
        new Upserts(
            newer.settings().equals(older.settings()) ? null : newer.settings(),
            policies.put.stream().map(e -> new InternedPolicy(e.key, e.value)).toList(),
            rules.values(),
            pools.values(),
            endpointSets.values(),
            certificates.values(),
            credentials.put.stream()
                .map(each -> new InternedCredentials(each.key, each.value.content()))
                .toList(),
            listeners.values()),
        new Removals(
            rules.removed,
            pools.removed,
            endpointSets.removed,
            certificates.removed,
            listeners.removed));
  }

  /** Whether it changes nothing, so that there is nothing to push. */
  public boolean isEmpty() {
    return upserts.isEmpty() && removals.isEmpty();
  }

  /**
   * The snapshot that it leads to. Not validated: see {@link SnapshotValidator}.
   *
   * @throws DeltaRejectedException if the snapshot is not the base, or the result not the target;
   *     the whole snapshot has to be asked for
   */
  public RoutingSnapshot applyTo(RoutingSnapshot snapshot) throws DeltaRejectedException {
    Versions present = Versions.of(snapshot);
    if (!present.equals(base)) {
      throw new DeltaRejectedException(
          "the delta is for version " + base + ", but " + present + " is applied");
    }
    SnapshotBuilder builder = SnapshotBuilder.from(snapshot);
    for (InternedPolicy interned : upserts.policies) {
      builder.policy(interned.policy());
    }
    for (InternedCredentials interned : upserts.newCredentials()) {
      builder.put(new SharedCredentials(interned.credentials()));
    }
    upserts.rules.forEach(builder::put);
    upserts.pools.forEach(builder::put);
    upserts.endpointSets.forEach(builder::put);
    upserts.certificates.forEach(builder::put);
    upserts.newListeners().forEach(builder::put);
    if (upserts.settings != null) {
      builder.settings(upserts.settings);
    }
    removals.rules.forEach(builder::removeRule);
    removals.pools.forEach(builder::removePool);
    removals.endpointSets.forEach(builder::removeEndpointSet);
    removals.certificates.forEach(builder::removeCertificate);
    removals.goneListeners().forEach(builder::removeListener);
    RoutingSnapshot result = builder.build();
    Versions reached = Versions.of(result);
    if (!reached.equals(target)) {
      throw new DeltaRejectedException(
          "the delta leads to version " + reached + ", but was to lead to " + target);
    }
    return result;
  }

  /** One entry that is new or changed. */
  private record Put<K, V>(K key, V value) {}

  /** The differences of one kind. */
  private record Changes<K, V>(List<Put<K, V>> put, List<K> removed) {
    static <K, V> Changes<K, V> between(
        PersistentMap<K, V> older, PersistentMap<K, V> newer, Comparator<K> order) {
      Changes<K, V> changes = new Changes<>(new ArrayList<>(), new ArrayList<>());
      older.diff(
          newer,
          (key, before, after) -> {
            if (after == null) {
              changes.removed.add(key);
            } else {
              changes.put.add(new Put<>(key, after));
            }
          });
      changes.put.sort(Comparator.comparing(Put::key, order));
      changes.removed.sort(order);
      return changes;
    }

    List<V> values() {
      return put.stream().map(Put::value).toList();
    }
  }
}
