package dev.longshore.proxy.upstream;

import org.jspecify.annotations.Nullable;

/**
 * What one request asks of the choice of its endpoint. It holds for all attempts of the request.
 *
 * @param cookie value of its affinity cookie, one that the pool {@linkplain Pool#keeps knows};
 *     null: it shows none
 * @param key {@link StableHash} of what the pool hashes; null: the request does not have that, or
 *     the pool hashes nothing
 */
public record PickHint(@Nullable String cookie, @Nullable Long key) {
  /** Any endpoint will do. */
  public static final PickHint NOTHING = new PickHint(null, null);
}
