package dev.longshore.operator.source.cluster;

import dev.longshore.contract.HardLimits;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.Trim;
import dev.longshore.process.watch.Part;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the EndpointSlices that Services of type ExternalName don't have, of what their names
 * resolve to. Looks again every {@link #PERIOD}, as long as a JVM keeps an answer; a name that
 * doesn't resolve any more keeps the addresses that it had.
 *
 * <p>Thread-safe.
 */
final class ExternalNames implements AutoCloseable {
  static final Duration PERIOD = Duration.ofSeconds(30);

  private static final Logger log = LoggerFactory.getLogger(ExternalNames.class);

  private final BiConsumer<ResourceRef, @Nullable EndpointSlice> slices;
  private final NameLookups lookups;

  /** Guarded by this. */
  private final Map<ResourceRef, Service> services = new HashMap<>();

  private final Map<String, Integer> byNamespace = new HashMap<>();

  /**
   * @param slices takes what a name resolves to; null: the Service has none any more
   * @param part of the watch; hears of what fails but for DNS
   */
  ExternalNames(BiConsumer<ResourceRef, @Nullable EndpointSlice> slices, Part part) {
    this(slices, InetAddress::getAllByName, PERIOD, part);
  }

  ExternalNames(
      BiConsumer<ResourceRef, @Nullable EndpointSlice> slices,
      NameLookups.Resolver resolver,
      Duration period,
      Part part) {
    this.slices = slices;
    this.lookups = new NameLookups(resolver, period, this::resolved, part);
  }

  /** A Service was added or changed; null: removed. Returns at once. */
  synchronized void service(ResourceRef ref, @Nullable Service service) {
    boolean external =
        service != null
            && service.getSpec() != null
            && "ExternalName".equals(service.getSpec().getType())
            && service.getSpec().getExternalName() != null;
    if (external && service != null) {
      if (!services.containsKey(ref) && !hasRoom(ref)) {
        return;
      }
      if (services.put(ref, service) == null) {
        byNamespace.merge(ref.namespace(), 1, Integer::sum);
      }
      lookups.want(ref, service.getSpec().getExternalName());
    } else if (services.remove(ref) != null) {
      byNamespace.merge(ref.namespace(), -1, (a, b) -> a + b == 0 ? null : a + b);
      lookups.unwant(ref);
      slices.accept(slice(ref, "ipv4"), null);
      slices.accept(slice(ref, "ipv6"), null);
    }
  }

  @Override
  public void close() {
    lookups.close();
  }

  private boolean hasRoom(ResourceRef ref) {
    int others = byNamespace.getOrDefault(ref.namespace(), 0);
    boolean room =
        services.size() < HardLimits.EXTERNAL_NAMES
            && others < HardLimits.EXTERNAL_NAMES_PER_NAMESPACE;
    if (!room) {
      log.warn(
          "{} is not resolved: there are {} Services of type ExternalName, {} of them in its"
              + " namespace (at most {} and {})",
          ref,
          services.size(),
          others,
          HardLimits.EXTERNAL_NAMES,
          HardLimits.EXTERNAL_NAMES_PER_NAMESPACE);
    }
    return room;
  }

  private synchronized void resolved(ResourceRef ref, String name, InetAddress[] addresses) {
    Service service = services.get(ref);
    if (service == null || !name.equals(service.getSpec().getExternalName())) {
      return; // it is another by now
    }
    publish(ref, service, "ipv4", "IPv4", texts(addresses, Inet4Address.class));
    publish(ref, service, "ipv6", "IPv6", texts(addresses, Inet6Address.class));
  }

  /** In an order that doesn't change with every answer; of very many always the same. */
  private static List<String> texts(InetAddress[] addresses, Class<? extends InetAddress> family) {
    return Arrays.stream(addresses)
        .filter(family::isInstance)
        .map(InetAddress::getHostAddress)
        .distinct()
        .sorted()
        .limit(HardLimits.ADDRESSES_PER_EXTERNAL_NAME)
        .toList();
  }

  private void publish(
      ResourceRef ref, Service service, String suffix, String family, List<String> addresses) {
    ResourceRef name = slice(ref, suffix);
    if (addresses.isEmpty()) {
      slices.accept(name, null);
      return;
    }
    EndpointSlice slice = new EndpointSlice();
    slice.setMetadata(Trim.metadata(service.getMetadata()));
    slice.getMetadata().setName(name.name());
    slice.getMetadata().setLabels(Map.of(Trim.SERVICE_NAME, ref.name()));
    slice.setAddressType(family);
    slice.setEndpoints(addresses.stream().map(ExternalNames::endpoint).toList());
    slice.setPorts(
        service.getSpec().getPorts() == null
            ? List.of()
            : service.getSpec().getPorts().stream()
                .map(
                    port -> {
                      EndpointPort made = new EndpointPort();
                      made.setName(port.getName());
                      made.setPort(port.getPort());
                      made.setProtocol(port.getProtocol());
                      return made;
                    })
                .toList());
    slices.accept(name, slice);
  }

  private static Endpoint endpoint(String address) {
    Endpoint endpoint = new Endpoint();
    endpoint.setAddresses(List.of(address));
    return endpoint;
  }

  private static ResourceRef slice(ResourceRef service, String suffix) {
    return new ResourceRef(
        Kind.ENDPOINT_SLICE, service.namespace(), service.name() + ".external-name." + suffix);
  }
}
