package dev.longshore.proxy.route;

import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Affinity;
import dev.longshore.contract.UpstreamPool.HashOn;
import dev.longshore.proxy.net.ClientNetwork;
import dev.longshore.proxy.upstream.PickHint;
import dev.longshore.proxy.upstream.Pool;
import dev.longshore.proxy.upstream.StableHash;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What of a request leads it to the endpoint that it, or its like, had before. */
public final class SessionAffinity {
  private SessionAffinity() {}

  /** What a request asks of a pool's choice. Nothing is read of it where the pool is not sticky. */
  public static PickHint hint(Pool pool, RequestView request) {
    UpstreamPool config = pool.config();
    Affinity affinity = config.affinity();
    HashOn hashed = config.hashOn();
    if (affinity == null && hashed == null) {
      return PickHint.NOTHING;
    }
    String cookie = affinity == null ? null : known(pool, request.cookieValues(affinity.cookie()));
    Long key = hashed == null ? null : key(hashed, request);
    return cookie == null && key == null ? PickHint.NOTHING : new PickHint(cookie, key);
  }

  /** Of several (a client may have one for each of two paths) the first that means anything. */
  private static @Nullable String known(Pool pool, List<String> values) {
    for (String value : values) {
      if (pool.keeps(value)) {
        return value;
      }
    }
    return null;
  }

  /**
   * The hash of the part of a request that a pool hashes: of several values the first. Null when
   * the request has no such part, or an empty one: else all that lack it would go to one endpoint.
   */
  static @Nullable Long key(HashOn hashed, RequestView request) {
    return switch (hashed.type()) {
      case HEADER -> first(request.headerValues(name(hashed)));
      case COOKIE -> first(request.cookieValues(name(hashed)));
      case QUERY -> first(request.queryValues(name(hashed)));
      case CLIENT_IP -> StableHash.of(ClientNetwork.of(request.clientAddress()));
    };
  }

  private static String name(HashOn hashed) {
    return Objects.requireNonNull(hashed.name(), "checked with the snapshot");
  }

  private static @Nullable Long first(List<String> values) {
    return values.isEmpty() || values.getFirst().isEmpty()
        ? null
        : StableHash.of(values.getFirst());
  }
}
