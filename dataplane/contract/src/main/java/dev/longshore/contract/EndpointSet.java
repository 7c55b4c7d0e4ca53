package dev.longshore.contract;

import java.util.ArrayList;
import java.util.List;

/**
 * The endpoints behind one Service port. Changes far more often than rules, so it is versioned
 * apart and never rebuilds them.
 *
 * @param key its name
 * @param endpoints sorted, each address and port once; one that is said to be both ready and
 *     draining (an endpoint may be in two EndpointSlices for a while) is ready. Empty: the pool
 *     answers 503
 */
public record EndpointSet(EndpointSetKey key, List<Endpoint> endpoints) {
  public EndpointSet {
    List<Endpoint> once = new ArrayList<>(endpoints.size());
    for (Endpoint endpoint : endpoints.stream().sorted().toList()) {
      if (once.isEmpty() || !sameSocket(once.getLast(), endpoint)) {
        once.add(endpoint);
      }
    }
    endpoints = List.copyOf(once);
  }

  /**
   * Whether everybody is leaving, and nobody has come yet. Then those who leave are the last
   * resort: they get new connections, and keep what they have (KEP-1669, as kube-proxy does).
   */
  public boolean hasOnlyDraining() {
    return !endpoints.isEmpty()
        && endpoints.stream().allMatch(endpoint -> endpoint.state() == Endpoint.State.DRAINING);
  }

  private static boolean sameSocket(Endpoint a, Endpoint b) {
    return a.port() == b.port() && a.address().equals(b.address());
  }
}
