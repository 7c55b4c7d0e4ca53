package dev.longshore.operator.translate.host;

import dev.longshore.operator.translate.claim.Claimant;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whom a host belongs to.
 *
 * @param namespace its owner
 * @param by the first claim of that namespace to the host or to a wildcard above it; null: it has
 *     none any more, and the host is kept for it
 * @param until how long it is kept
 */
record HostOwner(String namespace, @Nullable Claimant by, @Nullable Instant until) {}
