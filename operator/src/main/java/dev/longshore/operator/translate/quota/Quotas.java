package dev.longshore.operator.translate.quota;

import dev.longshore.operator.translate.claim.Quota;
import java.util.Map;

/**
 * The quota of each namespace.
 *
 * @param byDefault of those that have none of their own
 * @param namespaces of those that have
 */
public record Quotas(Quota byDefault, Map<String, Quota> namespaces) {
  public Quotas {
    namespaces = Map.copyOf(namespaces);
  }

  /** What holds when no LongshoreConfig says otherwise. */
  public static Quotas unless(boolean standalone) {
    return new Quotas(standalone ? Quota.STANDALONE : Quota.CLUSTER, Map.of());
  }

  Quota of(String namespace) {
    return namespaces.getOrDefault(namespace, byDefault);
  }
}
