package dev.longshore.operator.source;

import dev.longshore.contract.KeyedHash;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Comparator;

/**
 * Names one resource.
 *
 * @param kind its kind
 * @param namespace empty for cluster-scoped kinds
 * @param name its name
 */
public record ResourceRef(Kind kind, String namespace, String name)
    implements Comparable<ResourceRef> {
  private static final Comparator<ResourceRef> ORDER =
      Comparator.comparing(ResourceRef::kind)
          .thenComparing(ResourceRef::namespace)
          .thenComparing(ResourceRef::name);

  /**
   * The name of a resource. Without a namespace, one of a namespaced kind is in {@code default}, as
   * kubectl has it.
   *
   * @throws IllegalArgumentException if the kind doesn't matter or the resource has no name
   */
  public static ResourceRef of(HasMetadata resource) {
    Kind kind =
        Kind.of(resource)
            .orElseThrow(
                () -> new IllegalArgumentException("kind " + resource.getKind() + " is not read"));
    String name = resource.getMetadata() == null ? null : resource.getMetadata().getName();
    if (name == null || name.isEmpty()) {
      throw new IllegalArgumentException(kind + " without metadata.name");
    }
    String namespace = resource.getMetadata().getNamespace();
    return new ResourceRef(
        kind,
        !kind.namespaced() ? "" : namespace == null || namespace.isEmpty() ? "default" : namespace,
        name);
  }

  /**
   * The name of a resource that a snapshot names.
   *
   * @param label of its kind
   * @throws IllegalArgumentException if there is no kind of that name
   */
  public static ResourceRef of(String label, String namespace, String name) {
    Kind kind = Kind.labelled(label);
    if (kind == null) {
      throw new IllegalArgumentException("there is no kind " + label);
    }
    return new ResourceRef(kind, namespace, name);
  }

  @Override
  public int compareTo(ResourceRef other) {
    return ORDER.compare(this, other);
  }

  /** Keyed: tenants choose the names. */
  @Override
  public int hashCode() {
    return KeyedHash.mix(KeyedHash.of(namespace, name), kind.ordinal());
  }

  /** {@code WebSocketRoute demo/chat}, as people write it. */
  @Override
  public String toString() {
    return kind + " " + (namespace.isEmpty() ? name : namespace + "/" + name);
  }
}
