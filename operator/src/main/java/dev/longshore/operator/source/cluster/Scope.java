package dev.longshore.operator.source.cluster;

import dev.longshore.operator.source.ResourceRef;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which part of the cluster is followed.
 *
 * @param namespaces whose routes, Ingresses, Services and so on count; empty: all
 * @param own Secrets of the operator that are followed when something refers to them, whatever
 *     their namespace
 */
public record Scope(Set<String> namespaces, Set<ResourceRef> own) {
  public Scope {
    namespaces = Set.copyOf(namespaces);
    own = Set.copyOf(own);
  }

  /** These namespaces, and nothing of the operator's. */
  public Scope(Set<String> namespaces) {
    this(namespaces, Set.of());
  }

  /** Whether a Secret or ConfigMap counts. */
  public boolean includes(ResourceRef ref) {
    return namespaces.isEmpty() || namespaces.contains(ref.namespace()) || own.contains(ref);
  }

  @Override
  public String toString() {
    return namespaces.isEmpty() ? "all namespaces" : String.join(", ", new TreeSet<>(namespaces));
  }
}
