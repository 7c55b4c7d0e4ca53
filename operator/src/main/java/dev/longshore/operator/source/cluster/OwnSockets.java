package dev.longshore.operator.source.cluster;

import dev.longshore.operator.source.OwnAddresses;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.net.InetAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everywhere that a connection would come to a Service of our own or to its pods. Of pods it is the
 * ports that they listen on, for on the host's network other processes have the same address; of a
 * ClusterIP every one.
 */
final class OwnSockets {
  private final Map<String, Set<Integer>> sockets = new HashMap<>();
  private final Set<String> names = new HashSet<>();

  private OwnSockets() {}

  /**
   * The addresses.
   *
   * @param service null: there is none
   * @param slices of the Service
   * @param morePorts where pods listen besides the ports of the slices
   */
  static OwnAddresses of(
      @Nullable Service service, Collection<EndpointSlice> slices, Set<Integer> morePorts) {
    OwnSockets own = new OwnSockets();
    if (service != null) {
      own.service(service);
    }
    for (EndpointSlice slice : slices) {
      Set<Integer> ports = new HashSet<>(morePorts);
      list(slice.getPorts()).stream()
          .map(EndpointPort::getPort)
          .filter(Objects::nonNull)
          .forEach(ports::add);
      for (Endpoint endpoint : list(slice.getEndpoints())) {
        list(endpoint.getAddresses()).forEach(address -> own.add(address, ports));
      }
    }
    return new OwnAddresses(own.sockets, Set.of(), own.names);
  }

  private void service(Service service) {
    Set<Integer> ports = new HashSet<>();
    if (service.getSpec() != null) {
      list(service.getSpec().getPorts()).stream()
          .map(ServicePort::getPort)
          .filter(Objects::nonNull)
          .forEach(ports::add);
      add(service.getSpec().getClusterIP(), Set.of());
      list(service.getSpec().getClusterIPs()).forEach(address -> add(address, Set.of()));
      list(service.getSpec().getExternalIPs()).forEach(address -> add(address, ports));
      add(service.getSpec().getLoadBalancerIP(), ports);
    }
    if (service.getStatus() != null && service.getStatus().getLoadBalancer() != null) {
      for (LoadBalancerIngress ingress : list(service.getStatus().getLoadBalancer().getIngress())) {
        add(ingress.getIp(), ports);
        if (ingress.getHostname() != null && !ingress.getHostname().isEmpty()) {
          names.add(ingress.getHostname().toLowerCase(Locale.ROOT));
        }
      }
    }
  }

  /** Ports none: all. */
  private void add(@Nullable String address, Set<Integer> ports) {
    String text = canonical(address);
    if (text == null) {
      return;
    }
    Set<Integer> known = sockets.get(text);
    if (known == null) {
      sockets.put(text, new HashSet<>(ports));
    } else if (!known.isEmpty()) {
      if (ports.isEmpty()) {
        known.clear();
      } else {
        known.addAll(ports);
      }
    }
  }

  private static @Nullable String canonical(@Nullable String address) {
    try {
      return address == null ? null : InetAddress.ofLiteral(address).getHostAddress();
    } catch (IllegalArgumentException e) {
      return null; // None, or empty
    }
  }

  private static <T> List<T> list(@Nullable List<T> items) {
    return items == null ? List.of() : items.stream().filter(Objects::nonNull).toList();
  }
}
