package dev.longshore.contract;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A kind of part of pools, told once.
 *
 * @param name its key in the JSON of a pool, and in the paths of errors
 * @param type of its parts
 * @param feature what a data plane has to know for one: its name, but for those that were published
 *     before that was so
 */
public record PoolPartType<P extends PoolPart>(String name, Class<P> type, String feature) {
  /** In the order of the canonical form, so new ones go to the end. */
  private static final List<PoolPartType<?>> ALL =
      List.of(
          new PoolPartType<>("tls", UpstreamTls.class, "upstream-tls"),
          new PoolPartType<>("hashOn", UpstreamPool.HashOn.class, "consistent-hash"),
          new PoolPartType<>("affinity", UpstreamPool.Affinity.class, "affinity"),
          new PoolPartType<>("health", UpstreamPool.HealthCheck.class, "health-checks"),
          new PoolPartType<>(
              "maxConnectionsPerEndpoint", UpstreamPool.EndpointLimit.class, "endpoint-limits"),
          new PoolPartType<>("rebalance", UpstreamPool.Rebalance.class, "rebalance"),
          new PoolPartType<>("requestProtocol", UpstreamPool.Protocol.class, "requestProtocol"));

  private static final Map<Class<?>, PoolPartType<?>> BY_CLASS =
      ALL.stream().collect(Collectors.toUnmodifiableMap(PoolPartType::type, type -> type));

  /** All that there are, in the order of the canonical form. */
  public static List<PoolPartType<?>> all() {
    return ALL;
  }

  /** That of a part. */
  static PoolPartType<?> of(PoolPart part) {
    PoolPartType<?> type = BY_CLASS.get(part.getClass());
    if (type == null) {
      throw new IllegalArgumentException(part.getClass() + " is not in the list of types");
    }
    return type;
  }
}
