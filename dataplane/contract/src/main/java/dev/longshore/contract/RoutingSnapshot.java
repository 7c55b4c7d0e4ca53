package dev.longshore.contract;

import dev.longshore.contract.Certificate.CertificateKey;

/**
 * Everything a data plane needs to route: complete, immutable, and self-consistent once {@link
 * SnapshotValidator} found no error.
 *
 * @param rules location rules by key
 * @param pools upstream pools by key
 * @param endpointSets endpoints by Service and port
 * @param certificates server certificates by Secret
 * @param policies interned policies by the hash of their content
 * @param settings what all listeners share
 * @param version of everything but the endpoint sets
 * @param endpointsVersion of the endpoint sets
 */
public record RoutingSnapshot(
    PersistentMap<RuleKey, LocationRule> rules,
    PersistentMap<PoolKey, UpstreamPool> pools,
    PersistentMap<EndpointSetKey, EndpointSet> endpointSets,
    PersistentMap<CertificateKey, Certificate> certificates,
    PersistentMap<String, Policy> policies,
    Settings settings,
    Version version,
    Version endpointsVersion) {}
