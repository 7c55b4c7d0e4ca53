package dev.longshore.operator.source.cluster;

import dev.longshore.operator.source.ResourceRef;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which part of the cluster is followed.
 *
 * @param namespaces whose routes, Ingresses, Services and so on count; empty: all
 * @param own Secrets of the operator that are followed when something refers to them, whatever
 *     their namespace
 * @param home the operator's namespace, where it is recorded whom hosts belong to; null: the record
 *     is not followed
 */
public record Scope(Set<String> namespaces, Set<ResourceRef> own, @Nullable String home) {
  public Scope {
    namespaces = Set.copyOf(namespaces);
    own = Set.copyOf(own);
  }

  /** These namespaces, and nothing of the operator's. */
  public Scope(Set<String> namespaces) {
    this(namespaces, Set.of(), null);
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
