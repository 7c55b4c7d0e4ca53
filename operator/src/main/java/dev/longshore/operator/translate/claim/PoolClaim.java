package dev.longshore.operator.translate.claim;

import dev.longshore.contract.EndpointSet;
import dev.longshore.contract.SharedCredentials;
import dev.longshore.contract.UpstreamPool;
import org.jspecify.annotations.Nullable;

/**
 * A pool that a resource declares.
 *
 * @param pool the pool
 * @param fieldPath where it is declared
 * @param fixed its endpoints, if the manifest lists them; else null: they are those of the Service
 * @param credentials those that its TLS names; null: it names none
 */
public record PoolClaim(
    UpstreamPool pool,
    String fieldPath,
    @Nullable EndpointSet fixed,
    @Nullable SharedCredentials credentials) {}
