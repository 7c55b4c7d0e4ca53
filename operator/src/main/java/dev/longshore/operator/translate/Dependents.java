package dev.longshore.operator.translate;

import dev.longshore.contract.PersistentMap;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.translate.secret.CertificateStore;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Who has to be read again when something changes that was looked for, whether it is there or not.
 */
final class Dependents {
  private final Map<ResourceRef, Set<ResourceRef>> dependents = new HashMap<>();
  private PersistentMap<ResourceRef, ResourceRef> referenced = PersistentMap.empty();

  /** Those that look for a resource. */
  Set<ResourceRef> of(ResourceRef reference) {
    return dependents.getOrDefault(reference, Set.of());
  }

  /** What is looked for of the kinds that are read because something refers to them. */
  PersistentMap<ResourceRef, ResourceRef> referenced() {
    return referenced;
  }

  /** A resource looks for another, which need not be there. */
  void depend(ResourceRef reference, ResourceRef dependent) {
    dependents.computeIfAbsent(reference, added -> new HashSet<>()).add(dependent);
    if (reference.kind().reading() == Kind.Reading.REFERENCED) {
      referenced = referenced.with(reference, reference);
    }
  }

  /**
   * A resource doesn't look for another any more.
   *
   * @param certificates forget what nobody looks for
   */
  void forget(ResourceRef reference, ResourceRef dependent, CertificateStore certificates) {
    Set<ResourceRef> left = Objects.requireNonNull(dependents.get(reference));
    left.remove(dependent);
    if (left.isEmpty()) {
      dependents.remove(reference);
      referenced = referenced.without(reference);
      certificates.forget(reference);
    }
  }
}
