package dev.longshore.operator.translate.host;

import java.time.Duration;
import java.util.Set;

/**
 * Whose claims to hosts are let in.
 *
 * @param shared whether all namespaces may add rules to a host; else it belongs to one
 * @param catchAll the namespaces that may claim every host
 * @param catchAllByAny whether all may
 * @param reserved names that only certain namespaces may claim
 * @param grace how long a host is kept for a namespace that claims it no more
 */
public record Admission(
    boolean shared,
    Set<String> catchAll,
    boolean catchAllByAny,
    HostReservations reserved,
    Duration grace) {
  /** In a cluster: as long as redeploying takes. */
  static final Duration GRACE = Duration.ofMinutes(10);

  public Admission {
    catchAll = Set.copyOf(catchAll);
  }

  /** What holds without a LongshoreConfig. */
  public static Admission byDefault(boolean standalone) {
    return new Admission(
        false, Set.of(), standalone, HostReservations.NONE, standalone ? Duration.ZERO : GRACE);
  }

  boolean mayCatchAll(String namespace) {
    return catchAllByAny || catchAll.contains(namespace);
  }
}
