package dev.longshore.operator;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;

/**
 * What an operator is told at its start.
 *
 * @param push where data planes connect to
 * @param metrics where /metrics, /livez and /readyz are
 * @param namespace its own: of the Lease, the CA and the data planes
 * @param identity of this replica, such as the pod's name
 * @param watchNamespaces whose resources are served; empty: all
 * @param ingressClasses serves only these of our classes; empty: all
 * @param staticEndpoints whether upstreams may list {@code endpoints}
 * @param externalNames whether Services of type ExternalName may be upstreams
 * @param statusAddresses IP addresses and host names for the status, in place of those of the data
 *     plane's Service; empty: those
 * @param dataPlaneService name of that Service
 * @param dataPlaneServiceAccount whose tokens data planes show
 * @param pushService name of the Service that data planes connect through
 */
public record OperatorOptions(
    InetSocketAddress push,
    InetSocketAddress metrics,
    String namespace,
    String identity,
    Set<String> watchNamespaces,
    Set<String> ingressClasses,
    boolean staticEndpoints,
    boolean externalNames,
    List<String> statusAddresses,
    String dataPlaneService,
    String dataPlaneServiceAccount,
    String pushService) {
  /** Name of the Lease by which replicas elect their leader. */
  public static final String LEASE = "longshore-operator";

  public OperatorOptions {
    watchNamespaces = Set.copyOf(watchNamespaces);
    ingressClasses = Set.copyOf(ingressClasses);
    statusAddresses = List.copyOf(statusAddresses);
  }
}
