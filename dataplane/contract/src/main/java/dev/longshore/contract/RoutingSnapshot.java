package dev.longshore.contract;

import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.policy.Policy;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Everything a data plane needs to route: complete, immutable, and self-consistent once {@link
 * SnapshotValidator} found no error. Made by {@link SnapshotBuilder} alone, so that the versions
 * always are those of the content.
 */
public final class RoutingSnapshot {
  /** No rule, and the settings of a data plane without a LongshoreConfig. */
  public static final RoutingSnapshot EMPTY = SnapshotBuilder.empty();

  private final PersistentMap<RuleKey, LocationRule> rules;
  private final PersistentMap<PoolKey, UpstreamPool> pools;
  private final PersistentMap<EndpointSetKey, EndpointSet> endpointSets;
  private final PersistentMap<CertificateKey, Certificate> certificates;
  private final PersistentMap<String, Policy> policies;
  private final PersistentMap<String, SharedCredentials> credentials;
  private final PersistentMap<String, Listener> listeners;
  private final Settings settings;
  private final References references;
  private final Version version;
  private final Version endpointsVersion;

  RoutingSnapshot(
      PersistentMap<RuleKey, LocationRule> rules,
      PersistentMap<PoolKey, UpstreamPool> pools,
      PersistentMap<EndpointSetKey, EndpointSet> endpointSets,
      PersistentMap<CertificateKey, Certificate> certificates,
      PersistentMap<String, Policy> policies,
      PersistentMap<String, SharedCredentials> credentials,
      PersistentMap<String, Listener> listeners,
      Settings settings,
      References references,
      Version version,
      Version endpointsVersion) {
    this.rules = rules;
    this.pools = pools;
    this.endpointSets = endpointSets;
    this.certificates = certificates;
    this.policies = policies;
    this.credentials = credentials;
    this.listeners = listeners;
    this.settings = settings;
    this.references = references;
    this.version = version;
    this.endpointsVersion = endpointsVersion;
  }

  /** Location rules by key. */
  public PersistentMap<RuleKey, LocationRule> rules() {
    return rules;
  }

  /** Upstream pools by key. */
  public PersistentMap<PoolKey, UpstreamPool> pools() {
    return pools;
  }

  /** Endpoints by Service and port. */
  public PersistentMap<EndpointSetKey, EndpointSet> endpointSets() {
    return endpointSets;
  }

  /** Server certificates by Secret. */
  public PersistentMap<CertificateKey, Certificate> certificates() {
    return certificates;
  }

  /** Interned policies by the hash of their content; only those that a rule refers to. */
  public PersistentMap<String, Policy> policies() {
    return policies;
  }

  /** Credentials towards upstreams by the hash of their content; only those that a pool has. */
  public PersistentMap<String, SharedCredentials> credentials() {
    return credentials;
  }

  /**
   * Listeners by name, beside those that a data plane has by its flags. None in the snapshots of
   * operators that don't know of any.
   */
  public PersistentMap<String, Listener> listeners() {
    return listeners;
  }

  /** Whom a pool trusts and what it presents; null when the snapshot doesn't hold what it names. */
  public @Nullable UpstreamCredentials credentialsOf(UpstreamTls tls) {
    if (tls.credentials() == null) {
      return tls.own();
    }
    SharedCredentials shared = credentials.get(tls.credentials());
    return shared == null ? null : shared.content();
  }

  /** What all listeners share. */
  public Settings settings() {
    return settings;
  }

  /** Version of everything but the endpoint sets. */
  public Version version() {
    return version;
  }

  /** Version of the endpoint sets. */
  public Version endpointsVersion() {
    return endpointsVersion;
  }

  /**
   * The version of one entry alone: the same in every snapshot that holds the same entry under this
   * name, and another when anything in it changes.
   *
   * @return null if there is no such entry
   */
  public @Nullable Version versionOf(EntryRef entry) {
    EntryHash hash =
        switch (entry) {
          case EntryRef.Rule(RuleKey key) -> {
            LocationRule rule = rules.get(key);
            yield rule == null ? null : Canonical.hash(rule);
          }
          case EntryRef.Pool(PoolKey key) -> {
            UpstreamPool pool = pools.get(key);
            yield pool == null ? null : Canonical.hash(pool);
          }
          case EntryRef.Endpoints(EndpointSetKey key) -> {
            EndpointSet set = endpointSets.get(key);
            yield set == null ? null : Canonical.hash(set);
          }
          case EntryRef.Tls(CertificateKey key) -> {
            Certificate certificate = certificates.get(key);
            yield certificate == null ? null : Canonical.hash(certificate);
          }
          case EntryRef.PolicyId(String id) -> {
            Policy policy = policies.get(id);
            yield policy == null ? null : Canonical.hash(policy);
          }
          case EntryRef.Credentials(String id) -> {
            SharedCredentials shared = credentials.get(id);
            yield shared == null ? null : shared.hash();
          }
          case EntryRef.OfListener(String name) -> {
            Listener listener = listeners.get(name);
            yield listener == null ? null : Canonical.hash(listener);
          }
          case EntryRef.AllSettings() -> Canonical.hash(settings);
        };
    return hash == null ? null : new Version(EntryHash.hex(hash.value()));
  }

  /** How often each pool, endpoint set and policy is referred to. */
  References references() {
    return references;
  }

  /** Equal when they hold equal entries. */
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof RoutingSnapshot that
            && version.equals(that.version)
            && endpointsVersion.equals(that.endpointsVersion)
            && settings.equals(that.settings)
            && rules.equals(that.rules)
            && pools.equals(that.pools)
            && endpointSets.equals(that.endpointSets)
            && certificates.equals(that.certificates)
            && policies.equals(that.policies)
            && credentials.equals(that.credentials)
            && listeners.equals(that.listeners));
  }

  @Override
  public int hashCode() {
    return Objects.hash(version, endpointsVersion);
  }

  /** Versions and sizes; the content is for {@link SnapshotCodec#redacted}. */
  @Override
  public String toString() {
    return "RoutingSnapshot[version="
        + version.brief()
        + ", endpointsVersion="
        + endpointsVersion.brief()
        + ", rules="
        + rules.size()
        + ", pools="
        + pools.size()
        + ", endpointSets="
        + endpointSets.size()
        + ", certificates="
        + certificates.size()
        + ", policies="
        + policies.size()
        + ", credentials="
        + credentials.size()
        + ", listeners="
        + listeners.size()
        + "]";
  }
}
