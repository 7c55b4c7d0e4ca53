package dev.longshore.operator.translate.upstream;

import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.PoolKey;

/** How the endpoints are called that a manifest lists itself. */
public final class FixedEndpoints {
  private static final String PORT = "static";

  private FixedEndpoints() {}

  /** Those of a pool; no Service's name has a slash. */
  static EndpointSetKey of(PoolKey pool) {
    return new EndpointSetKey(pool.namespace(), pool.resource() + "/" + pool.upstream(), PORT);
  }

  /** Whether a manifest lists them, whose generation they are part of, and no Service has them. */
  public static boolean are(EndpointSetKey key) {
    return key.port().equals(PORT) && key.service().indexOf('/') >= 0;
  }
}
