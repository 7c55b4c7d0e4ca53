package dev.longshore.operator.source.manifest;

import io.fabric8.kubernetes.api.model.EndpointAddress;
import io.fabric8.kubernetes.api.model.EndpointSubset;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPortBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * EndpointSlices of hand-written Endpoints, as a cluster's mirroring controller makes them
 * (KEP-0752): one for each subset and address family.
 */
final class MirroredEndpoints {
  private MirroredEndpoints() {}

  static List<EndpointSlice> slices(Endpoints endpoints) {
    List<EndpointSlice> slices = new ArrayList<>();
    List<EndpointSubset> subsets = orEmpty(endpoints.getSubsets());
    for (int i = 0; i < subsets.size(); i++) {
      EndpointSubset subset = subsets.get(i);
      for (String family : List.of("IPv4", "IPv6")) {
        List<Endpoint> members = new ArrayList<>();
        members.addAll(members(subset.getAddresses(), family, true));
        members.addAll(members(subset.getNotReadyAddresses(), family, false));
        if (!members.isEmpty()) {
          slices.add(slice(endpoints, subset, i, family, members));
        }
      }
    }
    return slices;
  }

  private static EndpointSlice slice(
      Endpoints of, EndpointSubset subset, int index, String family, List<Endpoint> members) {
    String service = of.getMetadata().getName();
    List<EndpointPort> ports =
        orEmpty(subset.getPorts()).stream()
            .map(
                port ->
                    new EndpointPortBuilder()
                        .withName(port.getName())
                        .withPort(port.getPort())
                        .withProtocol(port.getProtocol())
                        .withAppProtocol(port.getAppProtocol())
                        .build())
            .toList();
    return new EndpointSliceBuilder()
        .withNewMetadata()
        .withNamespace(of.getMetadata().getNamespace())
        .withName("%s-%s-%d".formatted(service, family.equals("IPv4") ? "ipv4" : "ipv6", index))
        .addToLabels("kubernetes.io/service-name", service)
        .endMetadata()
        .withAddressType(family)
        .withPorts(ports)
        .withEndpoints(members)
        .build();
  }

  private static List<Endpoint> members(
      @Nullable List<EndpointAddress> addresses, String family, boolean ready) {
    return orEmpty(addresses).stream()
        .filter(address -> address.getIp() != null)
        .filter(address -> address.getIp().contains(":") == family.equals("IPv6"))
        .map(
            address ->
                new EndpointBuilder()
                    .withAddresses(address.getIp())
                    .withNewConditions()
                    .withReady(ready)
                    .endConditions()
                    .build())
        .toList();
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}
