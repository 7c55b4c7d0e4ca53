package dev.longshore.operator.translate;

import java.util.Map;

/**
 * The quota of each namespace.
 *
 * @param byDefault of those that have none of their own
 * @param namespaces of those that have
 */
record Quotas(Quota byDefault, Map<String, Quota> namespaces) {
  Quotas {
    namespaces = Map.copyOf(namespaces);
  }

  /** What holds when no LongshoreConfig says otherwise. */
  static Quotas unless(boolean standalone) {
    return new Quotas(standalone ? Quota.STANDALONE : Quota.CLUSTER, Map.of());
  }

  Quota of(String namespace) {
    return namespaces.getOrDefault(namespace, byDefault);
  }
}
