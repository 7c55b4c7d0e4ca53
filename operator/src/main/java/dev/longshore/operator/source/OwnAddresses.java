package dev.longshore.operator.source;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Where Longshore itself listens: a route that leads there would lead to itself, and one request
 * would take every descriptor there is.
 *
 * @param sockets ports by address, in the text of {@link java.net.InetAddress#getHostAddress}; no
 *     port: the whole address
 * @param loopback ports that are ours on every address of the loopback range 127.0.0.0/8
 * @param names of load balancers in front of us, in lower case
 */
public record OwnAddresses(
    Map<String, Set<Integer>> sockets, Set<Integer> loopback, Set<String> names) {
  /** None is known. */
  public static final OwnAddresses NONE = new OwnAddresses(Map.of(), Set.of(), Set.of());

  public OwnAddresses {
    sockets = Map.copyOf(sockets);
    loopback = Set.copyOf(loopback);
    names = Set.copyOf(names);
  }

  /** These and others. */
  public OwnAddresses and(OwnAddresses others) {
    Map<String, Set<Integer>> all = new HashMap<>(sockets);
    others.sockets.forEach((address, ports) -> all.merge(address, ports, OwnAddresses::union));
    return new OwnAddresses(all, plus(loopback, others.loopback), plus(names, others.names));
  }

  /**
   * These, when those who listen do so at further ports. What has every port keeps them; what had
   * none of ours has none.
   */
  public OwnAddresses listeningAt(Set<Integer> ports) {
    if (ports.isEmpty()) {
      return this;
    }
    Map<String, Set<Integer>> all = new HashMap<>();
    sockets.forEach((address, open) -> all.put(address, open.isEmpty() ? open : plus(open, ports)));
    return new OwnAddresses(all, loopback.isEmpty() ? loopback : plus(loopback, ports), names);
  }

  /** No port means every one. */
  private static Set<Integer> union(Set<Integer> a, Set<Integer> b) {
    return a.isEmpty() || b.isEmpty() ? Set.of() : plus(a, b);
  }

  private static <T> Set<T> plus(Set<T> a, Set<T> b) {
    Set<T> all = new HashSet<>(a);
    all.addAll(b);
    return all;
  }

  /**
   * Whether a connection there would come to Longshore itself.
   *
   * @param address canonical text of a literal
   */
  public boolean has(String address, int port) {
    Set<Integer> ports = sockets.get(address);
    return (ports != null && (ports.isEmpty() || ports.contains(port)))
        || (address.startsWith("127.") && loopback.contains(port));
  }
}
