package dev.longshore.operator.translate.claim;

import dev.longshore.operator.translate.verdict.Problem;
import org.jspecify.annotations.Nullable;

/**
 * A host as a manifest names it.
 *
 * @param host exact, wildcard or catch-all
 * @param fieldPath where it is named
 * @param fault why its rules can't be served, for one that had to be guessed; else null
 */
public record HostClaim(String host, String fieldPath, @Nullable Problem fault) {}
