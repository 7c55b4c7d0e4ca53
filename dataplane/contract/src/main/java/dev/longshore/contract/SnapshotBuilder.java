package dev.longshore.contract;

import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.RuleAction.Served;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.policy.Policy;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Edits a snapshot into its successor. Every edit costs time proportional to the entry, whatever
 * the size of the snapshot; the same entries give the same versions in whatever order they came. An
 * edit that changes nothing is none.
 *
 * <p>Nothing is checked here, so that wrong entries can be built and then named by {@link
 * SnapshotValidator}. For one thread; {@link #build()} may be called again after further edits.
 */
public final class SnapshotBuilder {
  private PersistentMap<RuleKey, LocationRule> rules;
  private PersistentMap<PoolKey, UpstreamPool> pools;
  private PersistentMap<EndpointSetKey, EndpointSet> endpointSets;
  private PersistentMap<CertificateKey, Certificate> certificates;
  private PersistentMap<String, Policy> policies;
  private PersistentMap<String, SharedCredentials> credentials;
  private PersistentMap<String, Listener> listeners;
  private Settings settings;
  private References references;
  private final VersionSum version;
  private final VersionSum endpointsVersion;

  /** Policies that may have lost their last rule, or never got one. */
  private final Set<String> suspects = new HashSet<>();

  /** Credentials that may have lost their last pool, or never got one. */
  private final Set<String> suspectCredentials = new HashSet<>();

  private SnapshotBuilder(RoutingSnapshot base) {
    rules = base.rules();
    pools = base.pools();
    endpointSets = base.endpointSets();
    certificates = base.certificates();
    policies = base.policies();
    credentials = base.credentials();
    listeners = base.listeners();
    settings = base.settings();
    references = base.references();
    version = VersionSum.of(base.version());
    endpointsVersion = VersionSum.of(base.endpointsVersion());
  }

  /** Starts from a snapshot; {@link RoutingSnapshot#EMPTY} to start from nothing. */
  public static SnapshotBuilder from(RoutingSnapshot base) {
    return new SnapshotBuilder(base);
  }

  static RoutingSnapshot empty() {
    VersionSum version = VersionSum.of(Version.EMPTY);
    version.add(Canonical.hash(Settings.DEFAULT));
    return new RoutingSnapshot(
        PersistentMap.empty(),
        PersistentMap.empty(),
        PersistentMap.empty(),
        PersistentMap.empty(),
        PersistentMap.empty(),
        PersistentMap.empty(),
        PersistentMap.empty(),
        Settings.DEFAULT,
        References.NONE,
        version.version(),
        Version.EMPTY);
  }

  /** Adds the rule, or replaces the one of the same key. */
  public SnapshotBuilder put(LocationRule rule) {
    LocationRule older = rules.get(rule.key());
    if (!rule.equals(older)) {
      version.replace(older == null ? null : Canonical.hash(older), Canonical.hash(rule));
      rules = rules.with(rule.key(), rule);
      referenced(older, rule);
    }
    return this;
  }

  /** Adds the pool, or replaces the one of the same key. */
  public SnapshotBuilder put(UpstreamPool pool) {
    UpstreamPool older = pools.get(pool.key());
    if (!pool.equals(older)) {
      version.replace(older == null ? null : Canonical.hash(older), Canonical.hash(pool));
      pools = pools.with(pool.key(), pool);
      referenced(older, pool);
    }
    return this;
  }

  /** Adds the endpoint set, or replaces the one of the same key. */
  public SnapshotBuilder put(EndpointSet endpointSet) {
    EndpointSet older = endpointSets.get(endpointSet.key());
    if (!endpointSet.equals(older)) {
      endpointsVersion.replace(
          older == null ? null : Canonical.hash(older), Canonical.hash(endpointSet));
      endpointSets = endpointSets.with(endpointSet.key(), endpointSet);
    }
    return this;
  }

  /** Adds the certificate, or replaces the one of the same key. */
  public SnapshotBuilder put(Certificate certificate) {
    Certificate older = certificates.get(certificate.key());
    if (!certificate.equals(older)) {
      version.replace(older == null ? null : Canonical.hash(older), Canonical.hash(certificate));
      certificates = certificates.with(certificate.key(), certificate);
    }
    return this;
  }

  /** Removes the rule, if there is one; a policy goes with the last rule that refers to it. */
  public SnapshotBuilder removeRule(RuleKey key) {
    LocationRule older = rules.get(key);
    if (older != null) {
      version.subtract(Canonical.hash(older));
      rules = rules.without(key);
      referenced(older, null);
    }
    return this;
  }

  /** Removes the pool, if there is one. */
  public SnapshotBuilder removePool(PoolKey key) {
    UpstreamPool older = pools.get(key);
    if (older != null) {
      version.subtract(Canonical.hash(older));
      pools = pools.without(key);
      referenced(older, null);
    }
    return this;
  }

  /** Removes the endpoint set, if there is one. */
  public SnapshotBuilder removeEndpointSet(EndpointSetKey key) {
    EndpointSet older = endpointSets.get(key);
    if (older != null) {
      endpointsVersion.subtract(Canonical.hash(older));
      endpointSets = endpointSets.without(key);
    }
    return this;
  }

  /** Removes the certificate, if there is one. */
  public SnapshotBuilder removeCertificate(CertificateKey key) {
    Certificate older = certificates.get(key);
    if (older != null) {
      version.subtract(Canonical.hash(older));
      certificates = certificates.without(key);
    }
    return this;
  }

  /**
   * Interns a policy. It stays in the snapshot as long as a rule refers to it.
   *
   * @return its id, for {@link Forward#policy()}: the first 32 hexadecimal digits of the SHA-256 of
   *     its canonical content
   */
  public String policy(Policy policy) {
    EntryHash hash = Canonical.hash(policy);
    String id = hash.policyId();
    if (policies.get(id) == null) {
      version.add(hash);
      policies = policies.with(id, policy);
      references = references.replaced(null, policy);
      suspects.add(id);
    }
    return id;
  }

  /** Holds credentials as long as a pool refers to them by {@link SharedCredentials#id}. */
  public SnapshotBuilder put(SharedCredentials shared) {
    String id = shared.id();
    if (credentials.get(id) == null) {
      version.add(shared.hash());
      credentials = credentials.with(id, shared);
      suspectCredentials.add(id);
    }
    return this;
  }

  /** Adds the listener, or replaces the one of the same name. */
  public SnapshotBuilder put(Listener listener) {
    Listener older = listeners.get(listener.name());
    if (!listener.equals(older)) {
      version.replace(older == null ? null : Canonical.hash(older), Canonical.hash(listener));
      listeners = listeners.with(listener.name(), listener);
    }
    return this;
  }

  /** Removes the listener, if there is one. */
  public SnapshotBuilder removeListener(String name) {
    Listener older = listeners.get(name);
    if (older != null) {
      version.subtract(Canonical.hash(older));
      listeners = listeners.without(name);
    }
    return this;
  }

  /** Has these listeners, and no others. */
  public SnapshotBuilder listeners(PersistentMap<String, Listener> wanted) {
    listeners.diff(
        wanted,
        (name, older, newer) -> {
          if (newer == null) {
            removeListener(name);
          } else {
            put(newer);
          }
        });
    return this;
  }

  /** Replaces the settings. */
  public SnapshotBuilder settings(Settings settings) {
    if (!settings.equals(this.settings)) {
      version.replace(Canonical.hash(this.settings), Canonical.hash(settings));
      this.settings = settings;
    }
    return this;
  }

  /** The snapshot as edited so far, without policies and credentials that nothing refers to. */
  public RoutingSnapshot build() {
    for (String id : suspects) {
      Policy policy = policies.get(id);
      if (policy != null && !references.hasPolicy(id)) {
        version.subtract(Canonical.hash(policy));
        policies = policies.without(id);
        references = references.replaced(policy, null);
      }
    }
    suspects.clear();
    for (String id : suspectCredentials) {
      SharedCredentials shared = credentials.get(id);
      if (shared != null && !references.hasCredentials(id)) {
        version.subtract(shared.hash());
        credentials = credentials.without(id);
      }
    }
    suspectCredentials.clear();
    return new RoutingSnapshot(
        rules,
        pools,
        endpointSets,
        certificates,
        policies,
        credentials,
        listeners,
        settings,
        references,
        version.version(),
        endpointsVersion.version());
  }

  private void referenced(@Nullable UpstreamPool older, @Nullable UpstreamPool newer) {
    references = references.replaced(older, newer);
    UpstreamTls tls = older == null ? null : older.tls();
    if (tls != null && tls.credentials() != null) {
      suspectCredentials.add(tls.credentials());
    }
  }

  private void referenced(@Nullable LocationRule older, @Nullable LocationRule newer) {
    references = references.replaced(older, newer);
    if (older != null) {
      switch (older.action()) {
        case Served served -> suspects.add(served.policy());
        case Unavailable unavailable -> {}
      }
    }
  }
}
