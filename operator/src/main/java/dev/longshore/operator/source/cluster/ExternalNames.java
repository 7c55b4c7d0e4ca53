package dev.longshore.operator.source.cluster;

import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Resolves the names of Services of type ExternalName, and makes the EndpointSlices that such a
 * Service doesn't have. Looks again every {@link #PERIOD}; a name that doesn't resolve any more
 * keeps the addresses that it had.
 */
final class ExternalNames implements AutoCloseable {
  static final Duration PERIOD = Duration.ofSeconds(30);
  private static final int MOST = 1000;
  private static final Logger log = LoggerFactory.getLogger(ExternalNames.class);

  private final BiConsumer<ResourceRef, @Nullable EndpointSlice> slices;

  /** Confined to the thread. */
  private final Map<ResourceRef, Service> services = new HashMap<>();

  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("external-names").daemon().factory());

  /**
   * @param slices takes what a name resolves to; null: the Service has none any more
   */
  ExternalNames(BiConsumer<ResourceRef, @Nullable EndpointSlice> slices) {
    this.slices = slices;
    thread.scheduleWithFixedDelay(
        () -> Map.copyOf(services).forEach(this::resolve),
        PERIOD.toMillis(),
        PERIOD.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  /** A Service was added or changed; null: removed. Returns at once. */
  void service(ResourceRef ref, @Nullable Service service) {
    try {
      thread.execute(() -> take(ref, service));
    } catch (RejectedExecutionException e) {
      // close()
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }

  private void take(ResourceRef ref, @Nullable Service service) {
    boolean external =
        service != null
            && service.getSpec() != null
            && "ExternalName".equals(service.getSpec().getType());
    if (external && service != null) {
      if (services.size() >= MOST && !services.containsKey(ref)) {
        log.warn("{} is not resolved: there are {} Services of type ExternalName", ref, MOST);
        return;
      }
      services.put(ref, service);
      resolve(ref, service);
    } else if (services.remove(ref) != null) {
      slices.accept(slice(ref, "ipv4"), null);
      slices.accept(slice(ref, "ipv6"), null);
    }
  }

  private void resolve(ResourceRef ref, Service service) {
    InetAddress[] addresses;
    try {
      addresses = InetAddress.getAllByName(service.getSpec().getExternalName());
    } catch (UnknownHostException e) {
      log.warn("{}: {} doesn't resolve", ref, service.getSpec().getExternalName());
      return;
    }
    publish(ref, service, "ipv4", "IPv4", texts(addresses, Inet4Address.class));
    publish(ref, service, "ipv6", "IPv6", texts(addresses, Inet6Address.class));
  }

  private static List<String> texts(InetAddress[] addresses, Class<? extends InetAddress> family) {
    return Arrays.stream(addresses)
        .filter(family::isInstance)
        .map(InetAddress::getHostAddress)
        .sorted()
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
    slice.setMetadata(Slim.metadata(service.getMetadata()));
    slice.getMetadata().setName(name.name());
    slice.getMetadata().setLabels(Map.of(Slim.SERVICE_NAME, ref.name()));
    slice.setAddressType(family);
    slice.setEndpoints(addresses.stream().map(ExternalNames::endpoint).toList());
    slice.setPorts(
        service.getSpec().getPorts().stream()
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
