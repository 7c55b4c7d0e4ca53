package dev.longshore.contract;

import java.util.List;

/**
 * The endpoints behind one Service port. Changes far more often than rules, so it is versioned
 * apart and never rebuilds them.
 *
 * @param key its name
 * @param endpoints sorted, without duplicates; empty: the pool answers 503
 */
public record EndpointSet(EndpointSetKey key, List<Endpoint> endpoints) {
  public EndpointSet {
    endpoints = endpoints.stream().sorted().distinct().toList();
  }
}
