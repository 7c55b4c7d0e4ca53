package dev.longshore.operator.translate.host;

import dev.longshore.operator.translate.claim.Claimant;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How much each resource claims of a host, in the order in which a host finds its owner. */
final class Stakes {
  private final TreeMap<Claimant, Integer> claims = new TreeMap<>(Claimant.OWNERSHIP);

  /** One more claim. */
  void add(Claimant claimant) {
    claims.merge(claimant, 1, Integer::sum);
  }

  /** One claim less. */
  void remove(Claimant claimant) {
    claims.merge(claimant, -1, Integer::sum);
    claims.remove(claimant, 0);
  }

  boolean isEmpty() {
    return claims.isEmpty();
  }

  /** The first claim of a namespace; null: it has none. */
  @Nullable Claimant first(String namespace) {
    for (Claimant claimant : claims.keySet()) {
      if (claimant.namespace().equals(namespace)) {
        return claimant;
      }
    }
    return null;
  }

  /** The first claim of all that may claim it. */
  @Nullable Claimant first(HostReservations reserved, String host) {
    for (Claimant claimant : claims.keySet()) {
      if (reserved.permits(claimant.namespace(), host)) {
        return claimant;
      }
    }
    return null;
  }
}
