package dev.longshore.contract;

/**
 * Names an upstream pool.
 *
 * @param kind kind of the resource that declares it
 * @param namespace of that resource
 * @param resource name of that resource
 * @param upstream name within the resource
 */
public record PoolKey(String kind, String namespace, String resource, String upstream) {
  /** Keyed: tenants choose the names. */
  @Override
  public int hashCode() {
    return KeyedHash.of(kind, namespace, resource, upstream);
  }
}
