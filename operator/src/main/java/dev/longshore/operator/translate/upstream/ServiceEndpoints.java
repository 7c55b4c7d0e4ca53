package dev.longshore.operator.translate.upstream;

import dev.longshore.contract.Endpoint;
import dev.longshore.contract.Endpoint.State;
import dev.longshore.contract.EndpointSet;
import dev.longshore.contract.EndpointSetKey;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.operator.translate.field.Addresses;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointConditions;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Gathers the endpoints of a Service port from the Service's EndpointSlices. */
final class ServiceEndpoints {
  private static final Set<String> ADDRESS_TYPES = Set.of("IPv4", "IPv6");

  /** As many as a verdict tells. */
  private static final int MOST_PROBLEMS = 100;

  private final Addresses addresses;
  private final boolean externalNames;

  ServiceEndpoints(TranslatorOptions options) {
    this.addresses = new Addresses(options.standalone());
    this.externalNames = options.externalNames();
  }

  /** The endpoints; none when the Service or its port is not there. */
  EndpointSet gather(
      EndpointSetKey key, @Nullable Service service, Map<ResourceRef, EndpointSlice> slices) {
    ServicePort port = service == null ? null : ServicePorts.find(service, key.port());
    // In several slices at once while one is being filled: the state that takes connections counts.
    Map<Endpoint, State> found = new TreeMap<>();
    if (port != null
        && (externalNames || !ServicePorts.isExternalName(Objects.requireNonNull(service)))) {
      slices.values().forEach(slice -> add(found, slice, port));
    }
    return new EndpointSet(
        key,
        found.entrySet().stream()
            .map(e -> new Endpoint(e.getKey().address(), e.getKey().port(), e.getValue()))
            .toList());
  }

  /** What of a slice can't be used, of a thousand endpoints with a hundred addresses the first. */
  Problems judge(EndpointSlice slice) {
    Problems problems = new Problems();
    if (!ADDRESS_TYPES.contains(slice.getAddressType())) {
      problems.fault(
          Reason.REF_NOT_PERMITTED,
          "addressType",
          Quote.of(slice.getAddressType())
              + " endpoints are not used, for names are not resolved here: write IPv4 or IPv6");
      return problems;
    }
    List<io.fabric8.kubernetes.api.model.discovery.v1.Endpoint> endpoints = endpoints(slice);
    for (int i = 0; i < endpoints.size(); i++) {
      List<String> listed = addresses(endpoints.get(i));
      for (int j = 0; j < listed.size(); j++) {
        String text = Objects.requireNonNullElse(listed.get(j), "");
        if (problems.size() == MOST_PROBLEMS) {
          return problems;
        }
        problems.parse("endpoints[" + i + "].addresses[" + j + "]", () -> addresses.parse(text));
      }
    }
    return problems;
  }

  private void add(Map<Endpoint, State> found, EndpointSlice slice, ServicePort port) {
    Integer number = number(slice, port);
    if (number == null || !ADDRESS_TYPES.contains(slice.getAddressType())) {
      return;
    }
    for (io.fabric8.kubernetes.api.model.discovery.v1.Endpoint endpoint : endpoints(slice)) {
      State state = state(endpoint.getConditions());
      if (state == null) {
        continue;
      }
      for (String text : addresses(endpoint)) {
        String address = usable(text);
        if (address != null) {
          found.merge(
              new Endpoint(address, number, State.READY),
              state,
              (a, b) -> a == State.READY ? a : b);
        }
      }
    }
  }

  private @Nullable String usable(@Nullable String text) {
    try {
      return text == null ? null : addresses.parse(text);
    } catch (IllegalArgumentException e) {
      // judge() tells the owner.
      return null;
    }
  }

  /** The target port; slices name ports as the Service does, and need no name for a lone one. */
  private static @Nullable Integer number(EndpointSlice slice, ServicePort port) {
    if (slice.getPorts() == null) {
      return null;
    }
    String wanted = Objects.requireNonNullElse(port.getName(), "");
    for (EndpointPort candidate : slice.getPorts()) {
      if (candidate != null
          && ServicePorts.isTcp(candidate.getProtocol())
          && wanted.equals(Objects.requireNonNullElse(candidate.getName(), ""))) {
        Integer number = candidate.getPort();
        return number == null || number < 1 || number > 65535 ? null : number;
      }
    }
    return null;
  }

  /** Null when the endpoint serves nobody. A missing {@code ready} means ready, as the API says. */
  private static @Nullable State state(@Nullable EndpointConditions conditions) {
    if (conditions == null || !Boolean.FALSE.equals(conditions.getReady())) {
      return State.READY;
    }
    return Boolean.TRUE.equals(conditions.getTerminating())
            && Boolean.TRUE.equals(conditions.getServing())
        ? State.DRAINING
        : null;
  }

  private static List<io.fabric8.kubernetes.api.model.discovery.v1.Endpoint> endpoints(
      EndpointSlice slice) {
    return slice.getEndpoints() == null
        ? List.of()
        : slice.getEndpoints().stream().filter(Objects::nonNull).toList();
  }

  private static List<String> addresses(
      io.fabric8.kubernetes.api.model.discovery.v1.Endpoint endpoint) {
    return endpoint.getAddresses() == null ? List.of() : endpoint.getAddresses();
  }
}
