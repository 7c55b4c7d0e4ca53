package dev.longshore.contract;

/**
 * Names a set of endpoints, shared by the pools that draw from it.
 *
 * @param namespace of the Service
 * @param service its name; for static endpoints {@code route/upstream}, which no Service can be
 *     called
 * @param port number or name as the manifest says; for static endpoints {@code static}
 */
public record EndpointSetKey(String namespace, String service, String port) {
  /** Keyed: tenants choose the names. */
  @Override
  public int hashCode() {
    return KeyedHash.of(namespace, service, port);
  }
}
