package dev.longshore.operator.source.cluster;

import java.util.Set;
import java.util.TreeSet;

/**
 * Which part of the cluster is followed.
 *
 * @param namespaces whose routes, Ingresses, Services and so on count; empty: all
 */
public record Scope(Set<String> namespaces) {
  /** Every namespace. */
  public static final Scope ALL = new Scope(Set.of());

  public Scope {
    namespaces = Set.copyOf(namespaces);
  }

  /** Whether resources of a namespace count. */
  public boolean includes(String namespace) {
    return namespaces.isEmpty() || namespaces.contains(namespace);
  }

  @Override
  public String toString() {
    return namespaces.isEmpty() ? "all namespaces" : String.join(", ", new TreeSet<>(namespaces));
  }
}
