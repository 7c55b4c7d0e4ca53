package dev.longshore.contract;

/**
 * The place in a manifest that a rule comes from: for messages, metrics and the tie-break between
 * patterns.
 *
 * @param kind {@code WebSocketRoute} or {@code Ingress}
 * @param namespace of the resource
 * @param name of the resource
 * @param index place of the rule in its resource, from 0
 * @param location name of the location, else its field path such as {@code spec.locations[0]}
 * @param createdAt the resource's creation in seconds since the epoch; 0 when unknown
 */
public record RuleSource(
    String kind, String namespace, String name, int index, String location, long createdAt) {

  /** {@code WebSocketRoute demo/chat}, as people write it. */
  public String resource() {
    return kind + " " + namespace + "/" + name;
  }
}
